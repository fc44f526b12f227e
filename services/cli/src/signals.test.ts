import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { expect, it } from "vitest";

const PROGRAM = `
import { writeFileSync } from "node:fs";
import { scratchRoot } from "@firstfix/kit";
import { endOnSignals } from "./signals.ts";
endOnSignals();
writeFileSync(scratchRoot() + "/file", "");
if (process.argv[1] === "own") process.once("SIGINT", () => setTimeout(() => process.exit(7), 50));
setInterval(() => {}, 1000);
console.log(scratchRoot());
`;

async function ended(signal: NodeJS.Signals, ...args: string[]): Promise<{ readonly code: number | null; readonly left: boolean }> {
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", PROGRAM, ...args], { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "inherit"] });
  const folder = await new Promise<string>((resolve) => child.stdout.setEncoding("utf8").once("data", (text: string) => resolve(text.trim())));
  expect(existsSync(dirname(folder)) && existsSync(folder)).toBe(true);
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  child.kill(signal);
  return { code: await code, left: existsSync(folder) };
}

it("leaves nothing in the temporary folder when it is interrupted", async () => {
  expect(await ended("SIGINT")).toEqual({ code: 130, left: false });
  expect(await ended("SIGTERM")).toEqual({ code: 143, left: false });
  expect(await ended("SIGHUP")).toEqual({ code: 129, left: false });
});

it("lets a command stop in its own way", async () => {
  expect(await ended("SIGINT", "own")).toEqual({ code: 7, left: false });
});
