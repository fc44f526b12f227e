import type { SandboxResult } from "../sandbox/index.ts";

/** What a run of a test command says: whether all passed, and which tests failed by name where that can be read. */
export interface TestOutcome {
  readonly passed: boolean;
  readonly ended: boolean;
  readonly failures: ReadonlySet<string>;
  readonly says: string;
}

const NAMES_MAX = 2000;

/** Reads TAP (`not ok 3 - name`), the spec reporters of node:test and Mocha-like runners (`✖ name`, `✕ name`), and pytest. */
export function outcomeOf(result: SandboxResult): TestOutcome {
  const failures = new Set<string>();
  for (const line of result.output.split("\n")) {
    if (failures.size >= NAMES_MAX) break;
    // eslint-disable-next-line no-control-regex
    const plain = line.replace(/\u001b\[[0-9;]*m/g, "").trim();
    const name = /^not ok \d+ -? ?(.+?)(?: # .*)?$/.exec(plain)?.[1] ?? /^[✖✗✕×] (.+?)(?: \(\d[\d.]* ?m?s\))?$/.exec(plain)?.[1] ?? /^FAILED (\S+)/.exec(plain)?.[1];
    if (name !== undefined && name !== "failing tests:") failures.add(name);
  }
  const passed = result.code === 0;
  const ended = result.killed === null;
  const says = passed ? "the tests pass" : ended ? `the tests fail with exit code ${result.code}${failures.size > 0 ? ` (${failures.size} by name)` : ""}` : `the tests were ended: ${result.killed}`;
  return { passed, ended, failures, says };
}

/** Null when the candidate's run shows no failure that the failing revision's own run does not show too; else what is new. */
export function newFailure(before: TestOutcome, after: TestOutcome): string | null {
  if (after.passed) return null;
  if (!after.ended) return after.says;
  if (before.passed) return `the tests passed before and fail now${after.failures.size > 0 ? `: ${[...after.failures].slice(0, 5).join("; ")}` : ""}`;
  if (before.failures.size === 0 || after.failures.size === 0) return "the tests failed before and fail now, and their output does not name the failing ones, so nothing can be compared";
  const fresh = [...after.failures].filter((name) => !before.failures.has(name));
  return fresh.length === 0 ? null : `${fresh.length} more tests fail than before: ${fresh.slice(0, 5).join("; ")}`;
}
