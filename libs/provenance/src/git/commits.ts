import { FirstfixError } from "@firstfix/kit";
import { BOUNDS } from "../limits.ts";
import type { Commit } from "../types.ts";
import type { Location } from "./locate.ts";
import { resolveCommit, shallowCommits, shallowError } from "./revisions.ts";
import { runGit } from "./run.ts";

/** Record: id parents author e-mail committer e-mail authored committed message, each ended by NUL. */
const FORMAT = ["%H", "%P", "%an", "%ae", "%cn", "%ce", "%at", "%ct", "%B"].join("%x00");
const FIELDS = 9;

export async function readCommit(at: Location, revision: string): Promise<Commit> {
  const id = await resolveCommit(at, revision);
  const [commit] = await log(at, ["--max-count=1", "--no-walk", "--end-of-options", id]);
  if (commit === undefined) throw new FirstfixError("repository.failed", `git log says nothing about ${id}.`);
  return commit;
}

/** Commits that `bad` has and `good` has not, newest first; merges are passed over and what they merged is listed. */
export async function readCommitsBetween(at: Location, good: string | null, bad: string): Promise<readonly Commit[]> {
  const to = await resolveCommit(at, bad);
  const from = good === null ? null : await resolveCommit(at, good);
  const count = from === null ? BOUNDS.commitsWithoutGood : BOUNDS.commitsBetween;
  const commits = await log(at, ["--no-merges", "--date-order", `--max-count=${count}`, "--end-of-options", to, ...(from === null ? [] : [`^${from}`])]);
  const cut = await shallowCommits(at);
  if (cut.size > 0 && commits.some((commit) => cut.has(commit.id))) throw shallowError(at, `The clone at ${at.path} is shallow and ends within the range that is looked at.`);
  return commits;
}

export async function isAncestor(at: Location, ancestor: string, descendant: string): Promise<boolean> {
  const [a, b] = await Promise.all([resolveCommit(at, ancestor), resolveCommit(at, descendant)]);
  const { exit } = await runGit({ args: ["merge-base", "--is-ancestor", a, b], env: at.read, exits: [1] });
  return exit === 0;
}

async function log(at: Location, args: readonly string[]): Promise<Commit[]> {
  const { stdout } = await runGit({ args: ["log", "-z", `--format=tformat:${FORMAT}`, "--encoding=UTF-8", "--no-patch", "--no-show-signature", "--no-notes", "--no-mailmap", "--no-color", ...args], env: at.read });
  const fields = stdout.toString("utf8").split("\0");
  const commits: Commit[] = [];
  for (let index = 0; index + FIELDS <= fields.length; index += FIELDS) commits.push(toCommit(fields.slice(index, index + FIELDS)));
  return commits;
}

function toCommit(fields: readonly string[]): Commit {
  const [id = "", parents = "", authorName = "", authorEmail = "", committerName = "", committerEmail = "", authored = "0", committed = "0", body = ""] = fields;
  const message = body.slice(0, BOUNDS.messageBytes).trimEnd();
  return {
    id,
    parents: parents.split(" ").filter((parent) => parent !== ""),
    authorName,
    authorEmail,
    committerName,
    committerEmail,
    authoredAt: Number(authored) * 1000,
    committedAt: Number(committed) * 1000,
    subject: message.split("\n", 1)[0] ?? "",
    message,
  };
}
