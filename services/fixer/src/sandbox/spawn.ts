import { spawn } from "node:child_process";
import { BOUNDS } from "../bounds.ts";
import type { SandboxResult } from "./api.ts";
import { watch } from "./watchdog.ts";

export interface SpawnOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryBytesMax: number;
  readonly signal?: AbortSignal;
}

/** Where `bwrap` and `prlimit` themselves are looked for: their own environment is otherwise empty. */
const PROGRAM_PATH = "/usr/local/bin:/usr/bin:/bin";

/**
 * Runs a command in a process group of its own and kills the whole group at the end, whatever the end was. Output over
 * the bound is read and dropped, so a chatty program neither blocks nor fills our memory. Rejects only when the program
 * cannot be started at all.
 */
export function spawnBounded(argv: readonly string[], options: SpawnOptions): Promise<SandboxResult> {
  const [program = "", ...rest] = argv;
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { cwd: options.cwd, env: { PATH: PROGRAM_PATH, ...options.env }, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    let bytes = 0;
    let killed: SandboxResult["killed"] = null;
    const keep = (chunk: Buffer): void => {
      if (bytes < BOUNDS.commandOutputBytes) chunks.push(chunk.subarray(0, BOUNDS.commandOutputBytes - bytes));
      bytes += chunk.length;
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const end = (why: NonNullable<SandboxResult["killed"]>): void => {
      killed ??= why;
      killGroup(child.pid);
    };
    const timer = setTimeout(() => end("time"), options.timeoutMs);
    const stopWatching = child.pid === undefined ? (): void => {} : watch(child.pid, options.memoryBytesMax, end);
    const stop = (): void => end("stopped");
    options.signal?.addEventListener("abort", stop, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      stopWatching();
      options.signal?.removeEventListener("abort", stop);
      killGroup(child.pid);
      child.stdout.destroy();
      child.stderr.destroy();
    };
    child.once("error", (error) => {
      settle();
      reject(error);
    });
    // `exit`, not `close`: a grandchild that holds the pipe must not hold us.
    child.once("exit", (code) => {
      setTimeout(() => {
        settle();
        resolve({ code: killed === null ? code : null, killed, output: Buffer.concat(chunks).toString("utf8"), ms: Math.round(performance.now() - started) });
      }, 10);
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
