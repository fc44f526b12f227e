import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "firstfix-tests-"));

/** One temporary folder for a whole run of tests. */
export function setup(): void {
  process.env["TMPDIR"] = folder;
}

/** What killed processes left in it goes too. */
export function teardown(): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
}
