import { findObjects, readBeginning, readObjects } from "./objects.ts";
import { COMMIT_BYTES_MAX, parseRawCommit } from "../authorship/raw-commit.ts";
import { BOUNDS } from "../limits.ts";
import type { Commit } from "../types.ts";
import { readResolutions } from "./diff-many.ts";
import type { Location } from "./locate.ts";
import { resolveCommit, shallowCommits, shallowError } from "./revisions.ts";
import { runGit } from "./run.ts";

export async function readCommit(at: Location, revision: string): Promise<Commit> {
  const id = await resolveCommit(at, revision);
  const [object, cut] = await Promise.all([readBeginning(at, id, COMMIT_BYTES_MAX), shallowCommits(at)]);
  return parsed(id, object, cut);
}

/** Commits that `bad` has and `good` has not, newest first; merges are passed over and what they merged is listed. */
export async function readCommitsBetween(at: Location, good: string | null, bad: string): Promise<readonly Commit[]> {
  const to = await resolveCommit(at, bad);
  const from = good === null ? null : await resolveCommit(at, good);
  const count = from === null ? BOUNDS.commitsWithoutGood : BOUNDS.commitsBetween;
  const { stdout } = await runGit({ args: ["rev-list", "--no-merges", "--date-order", `--max-count=${count}`, "--end-of-options", to, ...(from === null ? [] : [`^${from}`])], env: at.read });
  const ids = stdout.toString("latin1").split("\n").filter((id) => id !== "");
  const cut = await shallowCommits(at);
  if (ids.some((id) => cut.has(id))) throw shallowError(at, `The clone at ${at.path} is shallow and ends within the range that is looked at.`);
  // Not by `git log`: one commit with an endless message would take the place of all others in its output.
  const found = (await findObjects(at, ids)).flatMap((one) => one ?? []);
  const contents = await readObjects(at, found.filter((one) => one.size <= COMMIT_BYTES_MAX));
  const commits: Commit[] = [];
  for (const { id } of found) commits.push(parsed(id, contents.get(id) ?? (await readBeginning(at, id, COMMIT_BYTES_MAX)), cut));
  return commits;
}

/** Merges that `bad` has and `good` has not, newest first, of those that did something themselves. */
export async function readMergesBetween(at: Location, good: string, bad: string): Promise<readonly Commit[]> {
  const [to, from] = await Promise.all([resolveCommit(at, bad), resolveCommit(at, good)]);
  const { stdout } = await runGit({ args: ["rev-list", "--merges", "--date-order", `--max-count=${BOUNDS.commitsBetween}`, "--end-of-options", to, `^${from}`], env: at.read });
  const merges: string[] = [];
  await readResolutions(at, stdout.toString("latin1").split("\n").filter((id) => id !== ""), 0, (id) => void merges.push(id));
  return Promise.all(merges.map(async (id) => readCommit(at, id)));
}

/** Whether two commits have one that both come from. */
export async function shareHistory(at: Location, a: string, b: string): Promise<boolean> {
  const { exit } = await runGit({ args: ["merge-base", "--end-of-options", a, b], env: at.read, exits: [1] });
  return exit === 0;
}

/** How many commits `readCommitsBetween` would give without its bound. */
export async function countCommitsBetween(at: Location, good: string, bad: string): Promise<number> {
  const [to, from] = await Promise.all([resolveCommit(at, bad), resolveCommit(at, good)]);
  const { stdout } = await runGit({ args: ["rev-list", "--no-merges", "--count", "--end-of-options", to, `^${from}`], env: at.read });
  return Number(stdout.toString("latin1"));
}

/** Where a shallow clone was cut off there is nothing before, whatever the commit says. */
function parsed(id: string, object: Buffer, cut: ReadonlySet<string>): Commit {
  const commit = parseRawCommit(id, object);
  return cut.has(id) ? { ...commit, parents: [] } : commit;
}

export async function isAncestor(at: Location, ancestor: string, descendant: string): Promise<boolean> {
  const [a, b] = await Promise.all([resolveCommit(at, ancestor), resolveCommit(at, descendant)]);
  const { exit } = await runGit({ args: ["merge-base", "--is-ancestor", a, b], env: at.read, exits: [1] });
  return exit === 0;
}
