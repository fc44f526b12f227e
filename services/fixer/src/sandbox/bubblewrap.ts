import { existsSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { BOUNDS } from "../bounds.ts";
import type { SandboxJob } from "./api.ts";

/** Folders of the system that an interpreter needs; the rest of the machine does not exist inside. */
const SYSTEM = ["/usr"] as const;
const LINKS = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"] as const;
const FILES = ["/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/ssl/certs"] as const;

/** Every Linux has it, and bubblewrap runs on nothing else; an unconfined run may stand on another system. */
const PRLIMIT = "/usr/bin/prlimit";

/** Folder of the Node that runs us: the application in the sandbox runs on the same. */
export const nodeFolder: string = dirname(realpathSync(process.execPath));

/** The argument vector of bubblewrap for a job. Everything is denied that is not named. */
export function bubblewrapArguments(job: SandboxJob): string[] {
  const args = ["--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL", "--uid", "65534", "--gid", "65534", "--hostname", "sandbox"];
  for (const path of SYSTEM) args.push("--ro-bind", path, path);
  for (const name of LINKS) {
    if (!existsSync(`/${name}`)) continue;
    const real = realpathSync(`/${name}`);
    if (real.startsWith("/usr/")) args.push("--symlink", real.slice(1), `/${name}`);
    else args.push("--ro-bind", real, `/${name}`);
  }
  for (const path of FILES) args.push("--ro-bind-try", path, path);
  args.push("--proc", "/proc", "--dev", "/dev");
  // Files of these live in memory, where no bound on a process counts them.
  for (const path of ["/dev/shm", "/tmp"]) args.push("--size", String(BOUNDS.memoryFilesBytesMax), "--tmpfs", path);
  if (!nodeFolder.startsWith("/usr/")) args.push("--ro-bind", nodeFolder, nodeFolder);
  for (const path of job.readable) args.push("--ro-bind", path, path);
  for (const path of job.writable) args.push("--bind", path, path);
  for (const [name, value] of Object.entries(job.env)) args.push("--setenv", name, value);
  args.push("--chdir", job.cwd, "--", ...limited(job.argv, job.timeoutMs));
  return args;
}

/**
 * The same command under prlimit. No bound on address space: V8 reserves far more than it uses, so memory is watched
 * from outside instead (watchdog.ts) and the heap is bounded by Node's own option.
 */
export function limited(argv: readonly string[], timeoutMs: number): string[] {
  if (!existsSync(PRLIMIT)) return [...argv];
  const cpuSeconds = Math.ceil(timeoutMs / 1000) * 4;
  return [PRLIMIT, "--core=0", `--nproc=${BOUNDS.threadsMax}`, `--nofile=${BOUNDS.openFilesMax}`, `--fsize=${BOUNDS.fileBytesMax}`, `--cpu=${cpuSeconds}`, "--", ...argv];
}
