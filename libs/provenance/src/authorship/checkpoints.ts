import { BOUNDS } from "../limits.ts";
import type { Location } from "../git/locate.ts";
import { findRef } from "../git/revisions.ts";
import type { AuthorshipEvidence, Commit } from "../types.ts";
import { entireFolder, entireRef, entireSessions, parseEntireSession } from "./entire.ts";
import { refused, sessionEvidence } from "./ledger.ts";
import { findObjects } from "../git/objects.ts";
import { unfolded } from "./squash.ts";
import { readTexts, type Text } from "./texts.ts";
import { parseTrailers } from "./trailers.ts";

const ENTIRE_BRANCHES = ["refs/heads/entire/checkpoints/v1", "refs/remotes/origin/entire/checkpoints/v1"];
/** Checkpoints that a squashed commit may name. */
const CHECKPOINTS_MAX = 20;

/** A checkpoint's own tree, as git names it (`COMMIT:` or `COMMIT:folder/`), and its `metadata.json`. */
interface Root {
  readonly tree: string;
  readonly text: Text;
}

/** What Entire kept about the sessions of each commit; it names the agents that the trailers leave unnamed. By index. */
export async function entireEvidence(at: Location, commits: readonly Commit[]): Promise<readonly (readonly AuthorshipEvidence[])[]> {
  const named = commits.map((commit) => (/entire-/i.test(commit.message) ? checkpointsOf(commit) : []));
  const all = [...new Set(named.flat())];
  if (all.length === 0) return [];
  const roots = await findRoots(at, all);
  const names = [...roots].flatMap(([id, { tree, text }]) => Array.from({ length: "text" in text ? entireSessions(text.text) : 0 }, (_, index) => ({ id, name: `${tree}${index}/metadata.json` })));
  const sessions = await read(at, names.map(({ name }) => name));
  const found = new Map<string, AuthorshipEvidence[]>();
  for (const [id, { text }] of roots) found.set(id, evidenceOf(text));
  names.forEach(({ id }, index) => found.get(id)?.push(...evidenceOf(sessions[index] ?? null)));
  return named.map((some) => some.flatMap((id) => found.get(id) ?? []));
}

/** As Entire itself reads: a checkpoint's own ref first, then the branch that holds all of them. */
async function findRoots(at: Location, ids: readonly string[]): Promise<ReadonlyMap<string, Root>> {
  const roots = new Map<string, Root>();
  const look = async (trees: ReadonlyMap<string, string>): Promise<void> => {
    const texts = await read(at, [...trees.values()].map((tree) => `${tree}metadata.json`));
    [...trees].forEach(([id, tree], index) => {
      const text = texts[index] ?? null;
      if (text !== null) roots.set(id, { tree, text });
    });
  };
  const refs = await findObjects({ ...at, read: at.refs }, ids.map((id) => entireRef(id) ?? ""));
  await look(new Map(ids.flatMap((id, index) => (refs[index]?.type === "commit" ? [[id, `${refs[index].id}:`]] : []))));
  for (const branch of ENTIRE_BRANCHES) {
    const missing = ids.filter((id) => !roots.has(id));
    const tip = missing.length === 0 ? null : await findRef(at, branch);
    if (tip !== null) await look(new Map(missing.map((id) => [id, `${tip}:${entireFolder(id)}/`])));
  }
  return roots;
}

function checkpointsOf(commit: Commit): string[] {
  return parseTrailers(unfolded(commit.message)).flatMap(({ key, value }) => (key.toLowerCase() === "entire-checkpoint" && entireFolder(value) !== null ? [value] : [])).slice(0, CHECKPOINTS_MAX);
}

function evidenceOf(text: Text | null): AuthorshipEvidence[] {
  if (text === null) return [];
  if ("refused" in text) return [refused("trailer", text.refused)];
  const session = parseEntireSession(text.text);
  return session === null ? [] : [sessionEvidence(session)];
}

async function read(at: Location, names: readonly string[]): Promise<readonly (Text | null)[]> {
  return readTexts(at, names, BOUNDS.noteBytes, "Entire's metadata");
}
