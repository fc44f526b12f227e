import { spawnSync } from "node:child_process";
import { describe } from "vitest";

/**
 * Describes a suite that needs something of the system. Where that is missing the suite is skipped with a loud line,
 * and in CI, which installs everything itself, it is an error.
 */
export function describeWith(need: { readonly name: string; readonly there: boolean; readonly install: string }, title: string, suite: () => void): void {
  if (need.there) {
    describe(title, suite);
    return;
  }
  const line = `SKIPPED: ${title}: ${need.name} is missing. To run it: ${need.install}`;
  if (process.env["CI"] !== undefined) throw new Error(line);
  console.warn(`\n*** ${line} ***\n`);
  describe.skip(`${title} (${need.name} is missing: ${need.install})`, suite);
}

/** Whether a command runs and ends with 0. */
export function runs(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore", timeout: 20_000 }).status === 0;
}

export const BUBBLEWRAP = { name: "bubblewrap", there: runs("bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"), install: "apt-get install bubblewrap" };
