import { FirstfixError } from "@firstfix/kit";
import type { Location } from "../git/locate.ts";
import { readNote } from "../git/notes.ts";
import { findRef } from "../git/revisions.ts";
import { readTextFile } from "../git/tree.ts";
import type { AuthorshipEvidence, Commit } from "../types.ts";
import { parseAgentTraces } from "./agent-trace.ts";
import { entireFolder, entireSessions, parseEntireSession, type EntireSession } from "./entire.ts";
import { parseGitAiNote } from "./git-ai-note.ts";
import { parseTrailers } from "./trailers.ts";

const NOTES_REF = "refs/notes/ai";
const TRACES_FILE = ".agent-trace/traces.jsonl";
const ENTIRE_REFS = ["refs/heads/entire/checkpoints/v1", "refs/remotes/origin/entire/checkpoints/v1"];
const SURE = 0.97;
/** Both text and lines agree with the commit, but the record is the writer's own. */
const TRACED = 0.9;
/** The note names another base, or a key without an entry: rebase and squash leave such notes behind. */
const DOUBTFUL = 0.6;
/** Shown in the ledger; decides nothing (judge asks for more). */
const UNCHECKED = 0.2;

/** What was recorded beside the commits about who wrote lines. */
export interface Recorded {
  /** Whether a git-ai note speaks of this commit: then lines that it does not list are untracked. */
  readonly tracked: boolean;
  /** With their lines; each range holds only lines that the commit added. */
  readonly lines: readonly AuthorshipEvidence[];
  /** About the whole commit. */
  readonly whole: readonly AuthorshipEvidence[];
}

/** Everything recorded about a commit, whose `added` lines per file are known. */
export async function readRecorded(at: Location, commit: Commit, added: ReadonlyMap<string, ReadonlySet<number>>): Promise<Recorded> {
  const note = await noted(at, commit, added);
  const traces = await traced(at, commit, added);
  return { tracked: note !== null, lines: [...(note ?? []), ...traces.lines], whole: [...traces.whole, ...(await entire(at, commit))] };
}

async function noted(at: Location, commit: Commit, added: ReadonlyMap<string, ReadonlySet<number>>): Promise<AuthorshipEvidence[] | null> {
  const text = await readNote(at, NOTES_REF, commit.id);
  const note = text === null ? null : parseGitAiNote(text);
  if (note === null) return null;
  const based = note.baseCommit === "" || note.baseCommit === commit.id || commit.parents.includes(note.baseCommit);
  return note.lines
    .filter((lines) => allAdded(lines, added))
    .map(({ path, from, to, authorship, agent, model, known, raw }) => ({ channel: "git-ai-note", authorship, agent, model, role: "author", confidence: based && known ? SURE : DOUBTFUL, raw, lines: { path, from, to } }));
}

/** A range that is not among the commit's own lines (its position was unknown to the writer) is shown and not believed. */
async function traced(at: Location, commit: Commit, added: ReadonlyMap<string, ReadonlySet<number>>): Promise<{ lines: AuthorshipEvidence[]; whole: AuthorshipEvidence[] }> {
  // Records are often committed later than the lines. What both files hold counts once.
  const rows = new Set([await textAt(at, commit.id, TRACES_FILE), await textAt(at, "HEAD", TRACES_FILE)].flatMap((text) => text?.split("\n") ?? []));
  const lines: AuthorshipEvidence[] = [];
  const whole: AuthorshipEvidence[] = [];
  for (const { path, from, to, raw, ...by } of parseAgentTraces([...rows].join("\n"), [commit.id, ...commit.parents]).lines) {
    const evidence = { channel: "agent-trace", role: "author", raw, ...by } as const;
    if (allAdded({ path, from, to }, added)) lines.push({ ...evidence, confidence: TRACED, lines: { path, from, to } });
    else if (added.has(path)) whole.push({ ...evidence, confidence: UNCHECKED });
  }
  return { lines, whole };
}

/** Entire names the agent that the commit's trailers leave unnamed. */
async function entire(at: Location, commit: Commit): Promise<AuthorshipEvidence[]> {
  const folders = parseTrailers(commit.message).flatMap(({ key, value }) => (key.toLowerCase() === "entire-checkpoint" ? (entireFolder(value) ?? []) : []));
  const folder = folders[0];
  if (folder === undefined) return [];
  for (const ref of ENTIRE_REFS) {
    const tip = await findRef(at, ref);
    if (tip === null) continue;
    const root = await textAt(at, tip, `${folder}/metadata.json`);
    if (root === null) continue;
    const texts = [root];
    for (let index = 0; index < entireSessions(root); index += 1) texts.push((await textAt(at, tip, `${folder}/${index}/metadata.json`)) ?? "");
    return texts.flatMap((text) => parseEntireSession(text) ?? []).map(sessionEvidence);
  }
  return [];
}

function sessionEvidence({ agent, model, share, raw }: EntireSession): AuthorshipEvidence {
  const authorship = share === null ? "mixed" : share >= 0.95 ? "ai" : share === 0 ? "unknown" : "mixed";
  return { channel: "trailer", authorship, agent, model, role: "author", confidence: share === null ? 0.6 : 0.8, raw: `Entire: ${raw}` };
}

/** A record may sit on the wrong commit: only ranges whose every line the commit did add are believed. */
function allAdded({ path, from, to }: { readonly path: string; readonly from: number; readonly to: number }, added: ReadonlyMap<string, ReadonlySet<number>>): boolean {
  const lines = added.get(path);
  if (lines === undefined || to - from >= lines.size) return false;
  for (let line = from; line <= to; line += 1) if (!lines.has(line)) return false;
  return true;
}

/** Null also for what is too long to be read, or for a HEAD that points nowhere: it is evidence that is not there. */
async function textAt(at: Location, revision: string, path: string): Promise<string | null> {
  try {
    return await readTextFile(at, revision, path);
  } catch (error) {
    if (error instanceof FirstfixError && error.code.startsWith("repository.")) return null;
    throw error;
  }
}
