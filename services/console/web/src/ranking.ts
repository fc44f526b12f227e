import type { SuspectsRecord } from "@firstfix/incident";
import { percent } from "./format.ts";

/** Scores are shown in tenths of a percent: what reads the same is a tie. */
const SAME = 0.0005;

type Scored = Pick<SuspectsRecord["suspects"][number], "commit" | "score">;

/** `2`, or `=2` where others have the same score: a tie is no order. */
export function rankOf(suspects: readonly Scored[], { commit, score }: Scored): string {
  const above = suspects.filter((one) => one.score - score >= SAME).length;
  const beside = suspects.some((one) => one.commit !== commit && Math.abs(one.score - score) < SAME);
  return `${beside ? "=" : ""}${above + 1}`;
}

/** Whether all of several are as likely as each other. */
export function tied(suspects: readonly Scored[]): boolean {
  const [first] = suspects;
  return first !== undefined && suspects.length > 1 && suspects.every((one) => Math.abs(one.score - first.score) < SAME);
}

/** Why nobody is named, as whole sentences. */
export function abstention({ abstained, suspects }: Pick<SuspectsRecord, "abstained"> & { readonly suspects: readonly Scored[] }): string {
  const text = scoresInPercent((abstained ?? "").trim(), suspects);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** The ranking says its scores as `0.01`; the page shows them in percent. */
export function scoresInPercent(says: string, suspects: readonly Scored[]): string {
  return says.replace(/The best score, [^)]*\)|are as likely \([^)]*\)/g, (said) => said.replace(/\b[01]\.\d\d\b/g, (figure) => inPercent(figure, suspects)));
}

/** The score that was rounded to the figure, where it is one of a commit: `1.2%` and not `1%` for `0.01`. */
function inPercent(figure: string, suspects: readonly Scored[]): string {
  const score = suspects.find((one) => one.score.toFixed(2) === figure)?.score;
  return score === undefined ? `${Math.round(Number(figure) * 100)}%` : percent(score);
}
