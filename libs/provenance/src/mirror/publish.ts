import { FirstfixError } from "@firstfix/kit";
import { locate, type Location } from "../git/locate.ts";
import { findRef } from "../git/revisions.ts";
import { runGit } from "../git/run.ts";
import { commitFiles, dropBranch, placeBranch, type FileCommit } from "../git/write.ts";
import { BOUNDS } from "../limits.ts";
import { runNetwork, type FetchOptions } from "./network.ts";
import { parseSource, type Source } from "./source.ts";

/** Nothing else is ever pushed. */
const BRANCH = /^firstfix\/[A-Za-z0-9_-]{1,100}$/;

/**
 * Commits in a mirror and brings the branch to its source as well. Where it does not get there, the mirror has no such
 * commit on its branch either, so that it can be tried again; what was there before stays.
 */
export async function publish(at: Location, source: string, commit: FileCommit, options: FetchOptions = {}): Promise<string> {
  if (!BRANCH.test(commit.branch)) throw new FirstfixError("bad_request", `${JSON.stringify(commit.branch.slice(0, 200))} is no branch of a fix.`);
  const to = parseSource(source);
  const before = await findRef(at, `refs/heads/${commit.branch}`);
  const id = await commitFiles(at, commit);
  try {
    if (to.kind === "path" || to.kind === "file") await intoFolder(at, to, commit, id);
    else await push(at, to, commit.branch, id, options);
    return id;
  } catch (error) {
    await dropBranch(at, commit.branch, id, before).catch(() => {}); // what matters is why it did not get there
    throw error;
  }
}

/** Never forced: a branch that moved over there is somebody's work. */
async function push(at: Location, to: Source, branch: string, id: string, options: FetchOptions): Promise<void> {
  const args = ["push", "--quiet", "--progress", "--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no", "--receive-pack=git-receive-pack", "--", to.address, `${id}:refs/heads/${branch}`];
  try {
    await runNetwork({ ...options, args, source: to, gitDir: at.gitDir, msMax: options.msMax ?? BOUNDS.pushMs, outputMax: 64 * 1024 });
  } catch (error) {
    if (!(error instanceof FirstfixError)) throw error;
    throw new FirstfixError(error.code, `The fix could not be pushed. ${error.message}`, { cause: error, retryable: error.retryable, ...(error.hint === undefined ? {} : { hint: error.hint }) });
  }
}

/**
 * Into a clone on this machine the objects are written directly: a push would run that clone's hooks, with our rights.
 */
async function intoFolder(at: Location, to: Source, { branch, base }: FileCommit, id: string): Promise<void> {
  const target = await locate(to.address);
  const parent = await runGit({ args: ["cat-file", "-e", `${base}^{commit}`], env: target.read, exits: [1, 128] });
  if (parent.exit !== 0) throw new FirstfixError("repository.revision_missing", `The fix could not be pushed: ${to.address} no longer has ${base.slice(0, 12)}.`, { hint: "Fetch that revision there, then approve again." });
  const { stdout: pack } = await runGit({ args: ["pack-objects", "--revs", "--stdout", "--quiet"], env: at.read, input: `${id}\n^${base}\n` });
  await runGit({ args: ["unpack-objects", "-q"], env: target.read, input: pack });
  await placeBranch(target, branch, id);
}
