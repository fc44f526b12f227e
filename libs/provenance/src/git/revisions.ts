import { readFile } from "node:fs/promises";
import { FirstfixError } from "@firstfix/kit";
import type { Location } from "./locate.ts";
import { findObjects } from "./objects.ts";
import { runGit } from "./run.ts";

const HEX = /^[0-9a-f]{7,64}$/;
/** A branch or tag. Everything else that git would understand (`HEAD@{1}`, `:/text`, `-x`) is refused. */
const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_./+-]{0,198}[A-Za-z0-9_+-])?$/;

/** Full ids that were found: they stay true for good, and ranking asks for the same few hundreds of times. */
const known = new Set<string>();
const KNOWN_MAX = 20_000;

function remember(at: Location, id: string): void {
  if (known.size >= KNOWN_MAX) known.clear();
  known.add(`${at.gitDir}\0${id}`);
}

/** Full id of the commit, or null where there is none of that name. */
export async function findCommit(at: Location, revision: string): Promise<string | null> {
  const lower = revision.toLowerCase();
  if (HEX.test(lower)) {
    const found = await parse(at.read, lower);
    if (found !== null) return found;
  }
  if (!NAME.test(revision) || revision.includes("..")) return null;
  const named = await parse(at.refs, revision);
  // A ref may name what the object store does not hold.
  return named === null ? null : parse(at.read, named);
}

/** Full id of the commit; throws repository.revision_missing or repository.shallow, with what to do. */
export async function resolveCommit(at: Location, revision: string): Promise<string> {
  if (known.has(`${at.gitDir}\0${revision}`)) return revision;
  const found = await findCommit(at, revision);
  if (found !== null) {
    remember(at, found);
    return found;
  }
  const shown = JSON.stringify(revision.slice(0, 80));
  if ((await shallowCommits(at)).size > 0) throw shallowError(at, `The clone at ${at.path} is shallow and lacks revision ${shown}.`);
  throw new FirstfixError("repository.revision_missing", `The repository at ${at.path} has no revision ${shown}.`, { hint: at.source === undefined ? `Fetch it (git -C ${at.path} fetch --all), or check what the application reports as vcs.ref.head.revision.` : `Push it to ${at.source}, or check what the application reports as vcs.ref.head.revision; it is fetched by itself.`, retryable: true });
}

export function shallowError(at: Location, message: string): FirstfixError {
  return new FirstfixError("repository.shallow", message, { hint: at.source === undefined ? `Fetch its whole history: git -C ${at.path} fetch --unshallow` : `Its source is shallow: git -C ${at.source} fetch --unshallow. The mirror then follows by itself.`, retryable: true });
}

/** Commits at which a shallow clone was cut off; empty for a whole one. */
export async function shallowCommits(at: Location): Promise<ReadonlySet<string>> {
  const text = await readFile(at.shallowFile, "utf8").catch(() => "");
  return new Set(text.split("\n").filter((line) => HEX.test(line)));
}

/** Short names of all branches. */
export async function readBranches(at: Location): Promise<string[]> {
  const { stdout } = await runGit({ args: ["for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/"], env: at.refs });
  return stdout.toString("utf8").split("\n").filter((name) => name !== "");
}

/** Full ids of what the branches and tags point at, those with the newest commits first; in no order where one of them is broken. */
export async function newestTips(at: Location, count: number): Promise<string[]> {
  const { stdout, exit } = await runGit({ exits: [128], args: ["for-each-ref", `--count=${count}`, "--sort=-creatordate", "--format=%(if)%(*objecttype)%(then)%(*objecttype) %(*objectname)%(else)%(objecttype) %(objectname)%(end)", "refs/heads/", "refs/remotes/", "refs/tags/"], env: at.refs });
  if (exit !== 0) return soundTips(at, count);
  return [...new Set(stdout.toString("latin1").split("\n").flatMap((line) => /^commit ([0-9a-f]{40,64})$/.exec(line)?.[1] ?? []))];
}

/** git names nothing at all where one branch points at what is not there. */
async function soundTips(at: Location, count: number): Promise<string[]> {
  const refs = await runGit({ args: ["for-each-ref", "--format=%(objectname)^{commit}", "refs/heads/", "refs/remotes/", "refs/tags/"], env: at.refs, truncate: true });
  const names = refs.stdout.toString("latin1").split("\n").filter((name) => name.endsWith("^{commit}"));
  return [...new Set((await findObjects(at, names)).flatMap((one) => (one === null ? [] : [one.id])))].slice(0, count);
}

/** Id of the commit that a full ref name points at, or null. */
export async function findRef(at: Location, ref: string): Promise<string | null> {
  return parse(at.refs, ref);
}

async function parse(env: Readonly<Record<string, string>>, name: string): Promise<string | null> {
  const { stdout, exit } = await runGit({ args: ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`], env, bytesMax: 4096, exits: [1, 128] });
  const id = stdout.toString("utf8").trim();
  return exit === 0 && HEX.test(id) ? id : null;
}
