import { FirstfixError, messageOf } from "@firstfix/kit";
import { runGit } from "../git/run.ts";

/** What git says of a repository that a power cut or a full disk left half written; the source may say it too, so it is looked at. */
const SUSPICIOUS = /not a git repository|packfile|pack index|index file|corrupt|object file|loose object|bad object|unable to read|inflate|invalid (?:sha1|object|index)|bad ref|broken|unable to resolve reference/i;

/** Whether a fetch failed because of what stands at `gitDir`, and not because of the source. */
export async function isDamaged(gitDir: string, error: unknown): Promise<boolean> {
  if (!SUSPICIOUS.test(messageOf(error))) return false;
  try {
    await runGit({ args: ["fsck", "--connectivity-only", "--no-dangling", "--no-progress"], env: { GIT_DIR: gitDir }, truncate: true });
    return false;
  } catch (failure) {
    // One that is too large to be looked through in time is left as it is.
    return !(failure instanceof FirstfixError && failure.retryable);
  }
}
