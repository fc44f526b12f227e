import { BOUNDS } from "../limits.ts";
import type { AuthorshipEvidence, Commit } from "../types.ts";
import { covers, within, type Additions, type Range } from "./additions.ts";
import type { EntireSession } from "./entire.ts";
import type { GitAiNote, NotedLines } from "./git-ai-note.ts";

const SURE = 0.97;
/** The note names another base, but the base's lines are the commit's: it was rebased with its note. */
const REBASED = 0.9;
/** A few of the listed lines are not the commit's: a brace or an empty line that git's diff takes for the one of before. */
const MOST = 0.9;
/** By so many lines a listed range may stand beside the commit's: a diff slides over lines that are there twice. */
const SLIDE = 2;
/** The note names another base that is gone, or a key without an entry. */
const DOUBTFUL = 0.6;
/** The note cannot be compared with a commit of its own, but what it lists begins and ends where this commit's hunks do. */
const FITTING = 0.75;
const FITTING_EDGES = 2;
/** Nor can it be compared, and half of the lines that it lists or more are not this commit's: that the others fit says little. */
const STRAY = 0.25;
const SHOWN_MAX = 5;
/** How every refusal ends that is about a size, or about what is no text. */
const UNREAD = /\bnot read$/;

/** What was recorded beside a commit about who wrote its lines. */
export interface Recorded {
  /** Whether a git-ai note speaks of this commit: then lines that it does not list are untracked. */
  readonly tracked: boolean;
  /** With their lines; each range holds only lines that the commit added. */
  readonly lines: readonly AuthorshipEvidence[];
  /** About the whole commit, among them what was refused and why. */
  readonly whole: readonly AuthorshipEvidence[];
}

/** `same`: whether the content of a range is, at the note's base, what it is at the commit; null where that cannot be told. */
export function notedEvidence(note: GitAiNote, commit: Commit, added: Additions, same: (lines: NotedLines) => boolean | null): Recorded {
  const lines: AuthorshipEvidence[] = [];
  const foreign: string[] = [];
  const changed: string[] = [];
  const based = isBased(note, commit);
  const unbased = fit(note, added);
  for (const noted of note.lines) {
    const { path, from, to, authorship, agent, model, known, raw } = noted;
    const equal = based ? true : same(noted);
    const ranges = added.files.get(path)?.ranges ?? [];
    if (!covers(ranges, from, to)) {
      const own = note.baseCommit === commit.id ? mostOf(ranges, from, to) : [];
      if (own.length === 0) foreign.push(raw);
      const told = `${raw} (of it ${own.map((piece) => `${piece.from}-${piece.to}`).join(", ")})`.slice(0, BOUNDS.rawEvidence);
      for (const piece of own) lines.push({ channel: "git-ai-note", authorship, agent, model, role: "author", confidence: Math.min(known ? 1 : DOUBTFUL, MOST), raw: told, lines: { path, ...piece } });
    } else if (equal === false) changed.push(raw);
    else lines.push({ channel: "git-ai-note", authorship, agent, model, role: "author", confidence: Math.min(known ? 1 : DOUBTFUL, equal === null || (based && note.baseCommit !== commit.id) ? unbased : based ? SURE : REBASED), raw, lines: { path, from, to } });
  }
  const whole = [
    ...told("git-ai-note", foreign, "hold lines that this commit did not add"),
    ...told("git-ai-note", changed, `read otherwise at the note's own commit ${note.baseCommit.slice(0, 12)}`),
    ...note.problems.slice(0, SHOWN_MAX).map((problem) => refused("git-ai-note", `The note: ${problem}`)),
  ];
  // One that is somebody else's, as it turned out, says nothing of this commit's other lines either.
  return { tracked: based || lines.length > 0, lines, whole };
}

/**
 * The parts of a listed range that the commit added, where it begins and ends with them and the other lines are fewer.
 * The assistant's tool counted with a diff of its own, and two diffs of one change differ in lines that stand there twice.
 */
function mostOf(ranges: readonly Range[], from: number, to: number): readonly Range[] {
  const own = within(ranges, from, to);
  const [first, last] = [own[0], own.at(-1)];
  if (first === undefined || last === undefined || first.from - from > SLIDE || to - last.to > SLIDE) return [];
  const count = own.reduce((sum, piece) => sum + piece.to - piece.from + 1, 0);
  return count * 2 > to - from + 1 ? own : [];
}

/** How far a note that names no commit which can be looked at is this commit's, by the places that it lists. */
function fit(note: GitAiNote, added: Additions): number {
  let edges = 0;
  const count = { own: 0, stray: 0 };
  for (const { path, from, to } of note.lines) {
    const ranges = added.files.get(path)?.ranges ?? [];
    const own = covers(ranges, from, to);
    count[own ? "own" : "stray"] += to - from + 1;
    if (!own) continue;
    // The first line says nothing: every new file begins there.
    if (from > 1 && !covers(ranges, from - 1, from - 1)) edges += 1;
    if (to > 1 && !covers(ranges, to + 1, to + 1)) edges += 1;
  }
  if (count.stray >= count.own) return STRAY;
  return count.stray === 0 && edges >= FITTING_EDGES ? FITTING : DOUBTFUL;
}

/** Whether the note may have been written for this commit. The base that git-ai names is the commit itself; the parent stands in drafts of it, and is believed less. */
export function isBased({ baseCommit }: GitAiNote, commit: Commit): boolean {
  return baseCommit === commit.id || commit.parents.includes(baseCommit);
}

/** Entire names the agent that the commit's trailers leave unnamed. */
export function sessionEvidence({ agent, model, share, raw }: EntireSession): AuthorshipEvidence {
  const authorship = share === null ? "mixed" : share >= 0.95 ? "ai" : share === 0 ? "unknown" : "mixed";
  return { channel: "trailer", authorship, agent, model, role: "author", confidence: share === null ? 0.6 : 0.8, raw: `Entire: ${raw}` };
}

/** Evidence that says nothing about the author, and a person why. */
export function refused(channel: AuthorshipEvidence["channel"], why: string): AuthorshipEvidence {
  return { channel, authorship: "unknown", agent: "", model: "", role: "author", confidence: 0, raw: why.slice(0, BOUNDS.rawEvidence) };
}

/** Whether it says that a record was not read: then what is said of any line may lack it. */
export function isUnread({ confidence, raw }: Pick<AuthorshipEvidence, "confidence" | "raw">): boolean {
  return confidence === 0 && UNREAD.test(raw);
}

function told(channel: AuthorshipEvidence["channel"], raws: readonly string[], why: string): AuthorshipEvidence[] {
  if (raws.length === 0) return [];
  return [refused(channel, `Not believed, because they ${why}: ${raws.slice(0, SHOWN_MAX).join("; ")}${raws.length > SHOWN_MAX ? ` and ${raws.length - SHOWN_MAX} more` : ""}`)];
}
