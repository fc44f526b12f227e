import { spawn } from "node:child_process";
import { PROJECT_ROOT } from "../paths.ts";

/** The demo drives Firstfix from outside, as an application and a person would: it is a program of its own. */
export async function demo(options: { readonly headless?: boolean; readonly crash?: boolean; readonly keep?: boolean }): Promise<void> {
  const flags = Object.entries(options).filter(([, on]) => on).map(([name]) => `--${name}`);
  const child = spawn(process.execPath, [`${PROJECT_ROOT}test/demo/main.ts`, ...flags], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
