import type { Location } from "../git/locate.ts";
import { resolveCommit } from "../git/revisions.ts";
import { FirstfixError } from "@firstfix/kit";
import type { Attribution, AuthorshipEvidence, Commit } from "../types.ts";
import { covers, type Range } from "./additions.ts";
import { readFacts, type CommitFacts } from "./facts.ts";
import { commitEvidence, deciding, judge, ofCommit, ofLines, says, UNKNOWN } from "./judge.ts";
import { isUnread, refused } from "./ledger.ts";
import { isSquashed } from "./squash.ts";

/** Evidence of records that a whole commit's ledger holds at most; its lines can be asked for one file at a time. */
const EVIDENCE_MAX = 200;
const EVIDENCE_PER_LINE_MAX = 10;
/** Lines of one commit and file that are answered one by one. */
const LINES_MAX = 1_000_000;

/** Of a commit's lines so many must be an assistant's for the commit to be; blank lines and imports often are in no list. */
const WHOLE = 0.5;

/** Lines of a file that have the same evidence and so the same verdict. */
export interface AttributedRange extends Range {
  readonly attribution: Attribution;
}

/** Ledger and verdict of a whole commit. */
export async function attributeCommit(at: Location, revision: string | Commit): Promise<Attribution> {
  return wholeCommit(await factsOf(at, typeof revision === "string" ? await resolveCommit(at, revision) : revision.id));
}

/** Who wrote each line that the commit added to the file. */
export async function attributeLines(at: Location, revision: string, path: string): Promise<ReadonlyMap<number, Attribution>> {
  const result = new Map<number, Attribution>();
  for (const { from, to, attribution } of rangesOf(await factsOf(at, await resolveCommit(at, revision)), path)) {
    for (let line = from; line <= to && result.size < LINES_MAX; line += 1) result.set(line, attribution);
  }
  return result;
}

async function factsOf(at: Location, id: string): Promise<CommitFacts> {
  let found: CommitFacts | null = null;
  await readFacts(at, [id], (facts) => {
    found = facts;
  });
  if (found === null) throw new FirstfixError("repository.failed", `${id} is no commit that can be read.`);
  return found;
}

export function wholeCommit(facts: CommitFacts): Attribution {
  const { commit, recorded } = facts;
  const whole = [...recorded.whole, ...commitEvidence(commit)];
  const room = Math.max(0, EVIDENCE_MAX - whole.length);
  // The verdict is over all lines; what a person is shown of them is bounded, the longest ranges first.
  const verdict = partly(ofCommit(judge([...recorded.lines, ...whole]), commit), facts);
  if (recorded.lines.length <= room) return verdict;
  const longest = [...recorded.lines].sort((a, b) => length(b) - length(a)).slice(0, room);
  return { ...verdict, evidence: [...longest, ...whole] };
}

/**
 * A record that lists a few of the lines does not make the commit an assistant's, or a person's: of the others it says
 * nothing, and who wrote those stands in what is said of the commit alone.
 */
function partly(verdict: Attribution, facts: CommitFacts): Attribution {
  const { authorship, evidence } = verdict;
  const decided = deciding(evidence).filter(({ lines }) => lines !== undefined);
  if (decided.length === 0 || (authorship !== "ai" && authorship !== "human")) return verdict;
  const listed = [...Map.groupBy(decided, ({ lines }) => lines?.path).values()].flatMap(union).reduce((sum, { from, to }) => sum + to - from + 1, 0);
  if (listed >= facts.additions.added * WHOLE) return verdict;
  const rest = judge(unlisted(facts));
  if (rest.authorship === authorship) return verdict;
  return authorship === "ai" || rest.authorship !== "unknown" ? { ...verdict, authorship: "mixed" } : { ...UNKNOWN, evidence };
}

/** What is said of the commit alone. Where there is a note, other lines are untracked, and only the git author (who stands for the whole commit) can still speak for them. */
function unlisted({ commit, recorded }: CommitFacts): AuthorshipEvidence[] {
  const own = [...recorded.whole, ...commitEvidence(commit)];
  return recorded.tracked ? own.filter((one) => one.channel === "git-author" || one.confidence === 0) : own;
}

/** What is said of the commit alone, for its lines that no record lists and for those that it did not add itself. */
export function restOf(facts: CommitFacts): Attribution {
  if (facts.cut) return { ...UNKNOWN, evidence: [refused("git-author", "The clone is shallow and ends at this commit: which lines are its own cannot be told. git fetch --unshallow tells.")] };
  return ofLines(judge(unlisted(facts)), isSquashed(facts.commit));
}

/**
 * The lines that the commit added to the file, in order. A git-ai note or an Agent Trace record decides for the lines that
 * it lists; the others have what is said of the commit.
 */
export function rangesOf(facts: CommitFacts, path: string, rest: Attribution = restOf(facts), listed = listedIn(facts).get(path) ?? []): readonly AttributedRange[] {
  const ranges = facts.additions.files.get(path)?.ranges ?? [];
  if (listed.length === 0) return ranges.map((range) => ({ ...range, attribution: rest }));
  const own = [...facts.recorded.whole.filter((one) => one.confidence > 0 || isUnread(one)), ...commitEvidence(facts.commit)];
  const verdicts = new Map<string, Attribution>();
  return cut(ranges, listed).map(({ from, to, evidence }) => {
    if (evidence.length === 0) return { from, to, attribution: rest };
    const key = evidence.map((index) => index).join(",");
    const attribution = verdicts.get(key) ?? judge([...evidence.map((index) => listed[index]!), ...own]);
    verdicts.set(key, attribution);
    return { from, to, attribution };
  });
}

/** Evidence about lines, by path. */
export function listedIn({ recorded }: CommitFacts): ReadonlyMap<string, readonly AuthorshipEvidence[]> {
  return Map.groupBy(recorded.lines, ({ lines }) => lines?.path ?? "");
}

/**
 * Who wrote the lines that the commit added, one piece of evidence for each, where records tell of all of them; null where
 * a line is left. An assistant that only the commit's message names has then no line that could be its.
 */
export function tellsAll(facts: CommitFacts): readonly AuthorshipEvidence[] | null {
  const { files, added } = facts.additions;
  const telling = new Map([...listedIn(facts)].map(([path, some]) => [path, some.filter(says)] as const));
  let found = 0;
  for (const [path, { ranges }] of files) {
    const told = union(telling.get(path) ?? []);
    if (!ranges.every(({ from, to }) => covers(told, from, to))) return null;
    found += ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  }
  // Ranges are bounded, the count is not.
  if (added === 0 || found < added) return null;
  return [...new Map([...telling.values()].flat().map((one) => [`${one.authorship} ${one.agent}`, one])).values()];
}

function union(evidence: readonly AuthorshipEvidence[]): Range[] {
  const merged: { from: number; to: number }[] = [];
  for (const { from, to } of evidence.flatMap(({ lines }) => (lines === undefined ? [] : [lines])).sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

/** The ranges, cut where evidence begins or ends; each piece with the indices of the evidence about it. */
function cut(ranges: readonly Range[], listed: readonly AuthorshipEvidence[]): { from: number; to: number; evidence: readonly number[] }[] {
  const marks = listed.flatMap(({ lines }, index) => (lines === undefined ? [] : [{ line: lines.from, index, begins: true }, { line: lines.to + 1, index, begins: false }])).sort((a, b) => a.line - b.line);
  const pieces: { from: number; to: number; evidence: readonly number[] }[] = [];
  const active = new Set<number>();
  let mark = 0;
  const advance = (line: number): void => {
    for (; mark < marks.length && (marks[mark]?.line ?? 0) <= line; mark += 1) {
      const { index, begins } = marks[mark]!;
      if (begins) active.add(index);
      else active.delete(index);
    }
  };
  for (const { from, to } of ranges) {
    for (let line = from; line <= to; ) {
      advance(line);
      const end = Math.min(to, (marks[mark]?.line ?? to + 1) - 1);
      pieces.push({ from: line, to: end, evidence: firstOf(active, EVIDENCE_PER_LINE_MAX).sort((a, b) => a - b) });
      line = end + 1;
    }
  }
  return pieces;
}

/** Without a look at the others: there may be thousands at each of thousands of pieces. */
function firstOf(set: ReadonlySet<number>, count: number): number[] {
  const first: number[] = [];
  for (const one of set) {
    if (first.length >= count) break;
    first.push(one);
  }
  return first;
}

function length({ lines }: AuthorshipEvidence): number {
  return lines === undefined ? 0 : lines.to - lines.from + 1;
}
