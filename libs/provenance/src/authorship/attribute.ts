import { readCommit } from "../git/commits.ts";
import { readDiff } from "../git/diff.ts";
import type { Location } from "../git/locate.ts";
import { readNote } from "../git/notes.ts";
import { addedLines, parsePatch } from "../git/patch.ts";
import type { Attribution, AuthorshipEvidence, Commit } from "../types.ts";
import { parseGitAiNote, type GitAiNote, type NotedLines } from "./git-ai-note.ts";
import { commitEvidence, judge } from "./judge.ts";

const NOTES_REF = "refs/notes/ai";
/** Evidence of a note that a whole commit's ledger holds at most; its lines can be asked for one file at a time. */
const EVIDENCE_MAX = 200;
const EVIDENCE_PER_LINE_MAX = 10;
const SURE = 0.97;
/** The note names another base, or a key without an entry: rebase and squash leave such notes behind. */
const DOUBTFUL = 0.6;

/** Ledger and verdict of a whole commit. */
export async function attributeCommit(at: Location, revision: string | Commit): Promise<Attribution> {
  const commit = typeof revision === "string" ? await readCommit(at, revision) : revision;
  const note = await noteOf(at, commit);
  const noted = note === null ? [] : checked(note, await additions(at, commit)).map((lines) => toEvidence(lines, note, commit));
  return judge([...noted.slice(0, EVIDENCE_MAX), ...commitEvidence(commit)]);
}

/**
 * Who wrote each line that the commit added to the file. A git-ai note decides for the lines it lists; where there is
 * one, the others are untracked, and only the git author (who stands for the whole commit) can still speak for them.
 */
export async function attributeLines(at: Location, revision: string, path: string): Promise<ReadonlyMap<number, Attribution>> {
  const commit = await readCommit(at, revision);
  const added = (await additions(at, commit)).get(path) ?? new Set<number>();
  const note = await noteOf(at, commit);
  const own = commitEvidence(commit);
  const rest = judge(note === null ? own : own.filter((one) => one.channel === "git-author"));
  const result = new Map<number, Attribution>();
  for (const line of added) result.set(line, rest);
  if (note === null) return result;
  const byLine = new Map<number, AuthorshipEvidence[]>();
  for (const lines of checked(note, new Map([[path, added]]))) {
    const evidence = toEvidence(lines, note, commit);
    for (let line = lines.from; line <= lines.to; line += 1) {
      const known = byLine.get(line);
      if (known === undefined) byLine.set(line, [evidence]);
      else if (known.length < EVIDENCE_PER_LINE_MAX) known.push(evidence);
    }
  }
  for (const [line, evidence] of byLine) result.set(line, judge([...evidence, ...own]));
  return result;
}

async function noteOf(at: Location, commit: Commit): Promise<GitAiNote | null> {
  const text = await readNote(at, NOTES_REF, commit.id);
  return text === null ? null : parseGitAiNote(text);
}

/** Lines per file that the commit adds to its first parent. */
async function additions(at: Location, commit: Commit): Promise<Map<string, Set<number>>> {
  return new Map(parsePatch(await readDiff(at, commit.id, 0)).map((file) => [file.path, addedLines(file)]));
}

/** A note may sit on the wrong commit: only ranges whose every line the commit did add are believed. */
function checked(note: GitAiNote, added: ReadonlyMap<string, ReadonlySet<number>>): NotedLines[] {
  return note.lines.filter(({ path, from, to }) => {
    const lines = added.get(path);
    if (lines === undefined || to - from >= lines.size) return false;
    for (let line = from; line <= to; line += 1) if (!lines.has(line)) return false;
    return true;
  });
}

function toEvidence(lines: NotedLines, note: GitAiNote, commit: Commit): AuthorshipEvidence {
  const based = note.baseCommit === "" || note.baseCommit === commit.id || commit.parents.includes(note.baseCommit);
  return {
    channel: "git-ai-note",
    authorship: lines.authorship,
    agent: lines.agent,
    model: lines.model,
    role: "author",
    confidence: based && lines.known ? SURE : DOUBTFUL,
    raw: lines.raw,
    lines: { path: lines.path, from: lines.from, to: lines.to },
  };
}
