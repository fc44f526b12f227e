import { spawn } from "node:child_process";

const OUTPUT_CHARS = 64 * 1024 * 1024;

/** Runs a command to its end and gives what it printed. Throws with its last words when it fails or takes too long. */
export function command(name: string, args: readonly string[], options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly timeoutMs?: number } = {}): Promise<string> {
  const { cwd, env, timeoutMs = 600_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let words = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      words = (words + chunk).slice(-4000);
      if (output.length > OUTPUT_CHARS) child.kill("SIGKILL");
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => void (words = (words + chunk).slice(-4000)));
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(output);
      else reject(new Error(`${name} ${args.slice(0, 3).join(" ")} ended with ${signal ?? code}:\n${words}`));
    });
  });
}
