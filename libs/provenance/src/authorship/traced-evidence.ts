import { BOUNDS } from "../limits.ts";
import type { AuthorshipEvidence } from "../types.ts";
import { covers, type Additions, type Range } from "./additions.ts";
import type { TracedLines } from "./agent-trace.ts";
import type { Compared } from "./traced-content.ts";

/** The hash of the lines is the record's. */
const HASHED = 0.95;
/** The same lines, as the hash says, at another place of what the commit added. */
const MOVED = 0.85;
/** What a record is believed at least whose content was checked. One that was not stands below an assistant that is the git author. */
export const CHECKED = MOVED;
/** Nothing tells the content, but the range begins and ends where a hunk of the commit does. */
const FITTING = 0.75;
/** It lies within what the commit added. */
const WITHIN = 0.6;
/** And begins at line 1, as those do whose writer did not know where. */
const VAGUE = 0.45;
/** Shown in the ledger; decides nothing (judge asks for more). */
const UNCHECKED = 0.2;

/** What is put behind a record's words, for a person. */
const SAID: Readonly<Record<string, string>> = {
  differs: "its content_hash is not that of these lines",
  "unknown-algorithm": "its content_hash is of a kind that is not known: not compared",
  "not-read": "its content_hash was not compared",
};

/**
 * A range that is not among the commit's own lines (its position was unknown to the writer), or whose content is not what
 * the record hashed, or that a child of the named commit fits as well, is shown and not believed; what the hash finds
 * elsewhere among the commit's lines is. Lines of which a hash says that they were changed since are no longer those of a
 * record without one either.
 */
export function tracedEvidence(traces: readonly TracedLines[], added: Additions, compare: (lines: TracedLines) => Compared, commit = "", taken: ReadonlyMap<TracedLines, string> = new Map()): { lines: AuthorshipEvidence[]; whole: AuthorshipEvidence[] } {
  const lines: AuthorshipEvidence[] = [];
  const whole: AuthorshipEvidence[] = [];
  const own = traces.flatMap((traced) => {
    const file = added.files.get(traced.path);
    return file === undefined ? [] : [{ traced, ranges: file.ranges, compared: compare(traced) }];
  });
  const changed = own.flatMap(({ traced, compared }) => (compared === "differs" || typeof compared === "object" ? [traced] : []));
  for (const { traced, ranges, compared } of own) {
    const { path, from, to, raw, authorship, agent, model } = traced;
    const child = compared === "same" ? undefined : taken.get(traced);
    const veto = isCompared(compared) ? undefined : changed.find((one) => one.path === path && one.from <= to && from <= one.to);
    const says = child !== undefined ? ofChild(child, traced.revision === commit) : typeof compared === "object" ? `the lines stand at ${compared.from}-${compared.to}` : veto !== undefined ? `another record's content_hash says that lines ${veto.from}-${veto.to} were changed since` : (SAID[compared] ?? "");
    const evidence = { channel: "agent-trace", role: "author", authorship, agent, model, raw: `${raw}${says === "" ? "" : ` (${says})`}`.slice(0, BOUNDS.rawEvidence) } as const;
    if (child === undefined && typeof compared === "object") {
      lines.push({ ...evidence, confidence: MOVED, lines: { path, ...compared } });
      continue;
    }
    // 1–1 and 1–n are also what is written for "somewhere in this file".
    const vague = compared !== "same" && from === 1 && to < (ranges.at(-1)?.to ?? 0);
    if (child !== undefined || veto !== undefined || compared === "differs" || !covers(ranges, from, to) || (vague && to === 1)) whole.push({ ...evidence, confidence: UNCHECKED });
    else lines.push({ ...evidence, confidence: compared === "same" ? HASHED : vague ? VAGUE : fits(ranges, from, to) ? FITTING : WITHIN, lines: { path, from, to } });
  }
  return { lines, whole };
}

function isCompared(compared: Compared): boolean {
  return compared === "same" || compared === "differs" || typeof compared === "object";
}

function fits(ranges: readonly Range[], from: number, to: number): boolean {
  return !covers(ranges, from - 1, from - 1) && !covers(ranges, to + 1, to + 1);
}

function ofChild(child: string, isNamed: boolean): string {
  return isNamed ? `${child.slice(0, 12)}, made on this commit, changed the file too: they are taken for its` : `${child.slice(0, 12)}, made on the same commit, added these lines too: either may be meant`;
}
