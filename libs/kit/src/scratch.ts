import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let root: string | null = null;

/**
 * The folder of this process for what it needs only while it works: made at the first call, removed with all that is in it
 * when the process exits. A signal that nobody handles is no exit.
 */
export function scratchRoot(): string {
  if (root !== null) return root;
  const made = mkdtempSync(join(tmpdir(), "firstfix-"));
  process.once("exit", () => {
    try {
      rmSync(made, { recursive: true, force: true, maxRetries: 3, retryDelay: 20 });
    } catch {
      // A child that still writes into it must not turn an end into a failure.
    }
  });
  root = made;
  return made;
}
