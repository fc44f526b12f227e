import { percent } from "./format.ts";
import { conflictOf, inTiers, levelOf, voiceOf, type Evidence } from "./ledger.ts";

/** What evidence lets be said of a commit's lines. */
export interface Marks {
  /** Whether a record speaks of this line itself; otherwise only the commit as a whole is said to be an assistant's. */
  readonly isOfLine: (path: string, line: number) => boolean;
  /** Assistants of which a record names lines. */
  readonly byLine: ReadonlySet<string>;
  /** `whole commit, by trailer, 90% sure`; null where nothing says so of the whole. */
  readonly whole: string | null;
  /** Why the evidence disagrees; null where it does not. */
  readonly disputed: string | null;
}

/** Weaker evidence is shown and decides nothing, as in the ledger. */
const CONFIDENCE_MIN = 0.3;

/** A trailer or an author stands for a commit and tells nothing of a line: where no record names a line, it is no more than one of a commit's. */
export function marksOf(evidence: readonly Evidence[]): Marks {
  const saying = inTiers(evidence).filter((one) => one.role === "author" && one.confidence >= CONFIDENCE_MIN);
  const ranges = saying.flatMap(({ lines, agent }) => (lines === undefined || agent === "" ? [] : [{ ...lines, agent }]));
  const whole = saying.find((one) => one.lines === undefined && one.agent !== "");
  return {
    // With neither a range nor a word on the whole, the record of the line is one of those that the ledger has no room for.
    isOfLine: (path, line) => whole === undefined || ranges.some((one) => one.path === path && line >= one.from && line <= one.to),
    byLine: new Set(ranges.map((one) => one.agent)),
    whole: whole === undefined ? null : `${levelOf(whole) === "whole commit" ? "whole commit" : "whole file or commit"}, ${voiceOf(whole)}, ${percent(whole.confidence)} sure`,
    disputed: conflictOf(saying),
  };
}

export type Level = "line" | "whole" | "disputed";

/** How a line that an assistant is said to have written is drawn. */
export function levelAt(marks: Marks, path: string, line: number): Level {
  if (marks.disputed !== null) return "disputed";
  return marks.isOfLine(path, line) ? "line" : "whole";
}

/** How sure it is that these lines are this author's, in words; "" where a record names lines of it, or nobody is named. */
export function saidOfLines(marks: Marks, by: { readonly authorship: string; readonly agent: string }): string {
  if (by.authorship !== "ai" && by.authorship !== "mixed") return "";
  return marks.byLine.has(by.agent) || marks.whole === null ? "" : marks.whole;
}
