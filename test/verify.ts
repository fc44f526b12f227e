import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { performance } from "node:perf_hooks";

/** `npm run verify`: all that CI runs, in order of cost. Every step runs even when an earlier one failed. */
const REPORT = ".firstfix/tests.json";
const STEPS: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ["types", "npm", "run", "--silent", "typecheck"],
  ["lint", "npm", "run", "--silent", "lint"],
  ["web", "npm", "run", "--silent", "build:web"],
  ["tests", "npm", "test", "--silent", "--", "--reporter=default", "--reporter=json", `--outputFile.json=${REPORT}`],
];

mkdirSync(".firstfix", { recursive: true });
rmSync(REPORT, { force: true });
const failed: string[] = [];
for (const [name, command, ...args] of STEPS) {
  const start = performance.now();
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name}: ${status === 0 ? "passed" : "FAILED"} in ${seconds} s`);
  if (status !== 0) failed.push(name);
}

const tests = readReport();
if (tests === null) failed.push("tests did not report");
if (tests !== null && process.env["CI"] !== undefined && tests.numPassedTests === 0) failed.push("no test ran");
if (failed.length > 0) {
  console.log(`verify failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
console.log(`Tests: ${tests?.numPassedTests ?? 0} passed, ${tests?.numFailedTests ?? 0} failed, ${tests?.numPendingTests ?? 0} skipped`);

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

function readReport(): Report | null {
  try {
    return JSON.parse(readFileSync(REPORT, "utf8")) as Report;
  } catch {
    return null;
  }
}
