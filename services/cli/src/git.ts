import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

const GIT_MS_MAX = 30_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/**
 * What git prints, without the line's end; null where it fails or is not there. A checkout in a container often belongs
 * to another user than the one who builds: that is no reason to refuse it, for nothing that it names is run.
 */
export async function git(folder: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await run("git", ["-C", folder, ...SETTINGS, ...args], { timeout: GIT_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX, env: environment() });
    return stdout.replace(/\n$/, "");
  } catch {
    return null;
  }
}

export async function hasGit(): Promise<boolean> {
  return (await git("/", ["--version"])) !== null;
}

const SETTINGS = ["-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];

/** Without the variables that would lead git into another repository, as a hook has them. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|COMMON_DIR|NAMESPACE)$/.test(name));
  return { ...Object.fromEntries(kept), GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C.UTF-8" };
}
