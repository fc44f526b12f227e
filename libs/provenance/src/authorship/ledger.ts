import { BOUNDS } from "../limits.ts";
import type { AuthorshipEvidence, Commit } from "../types.ts";
import { covers, type Additions } from "./additions.ts";
import type { EntireSession } from "./entire.ts";
import type { GitAiNote, NotedLines } from "./git-ai-note.ts";

const SURE = 0.97;
/** The note names another base, but the base's lines are the commit's: it was rebased with its note. */
const REBASED = 0.9;
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
    if (!covers(added.files.get(path)?.ranges ?? [], from, to)) foreign.push(raw);
    else if (equal === false) changed.push(raw);
    else lines.push({ channel: "git-ai-note", authorship, agent, model, role: "author", confidence: Math.min(known ? 1 : DOUBTFUL, equal === null || (based && note.baseCommit !== commit.id) ? unbased : based ? SURE : REBASED), raw, lines: { path, from, to } });
  }
  const whole = [
    ...told("git-ai-note", foreign, "are no lines that this commit added"),
    ...told("git-ai-note", changed, `read otherwise at the note's own commit ${note.baseCommit.slice(0, 12)}`),
    ...note.problems.slice(0, SHOWN_MAX).map((problem) => refused("git-ai-note", `The note: ${problem}`)),
  ];
  // One that is somebody else's, as it turned out, says nothing of this commit's other lines either.
  return { tracked: based || lines.length > 0, lines, whole };
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
