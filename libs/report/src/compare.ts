import { REPORT_LIMITS } from "./limits.ts";
import { outOf } from "./render/numbers.ts";
import { Z_95, Z_SAID } from "./statistics.ts";
import { withinSizes } from "./stratified.ts";
import type { Comparison, Figure, Measure, Report, ReportRow } from "./types.ts";

/** What rows are judged by. Shares of code are no merit; speed without failures is none either, so it stands apart. */
const COMPARED = ["debugged", "incidents", "oneCycle", "errors", "violations", "leadTime", "changeFail", "rework", "recovery"] as const;

/** The rows that are compared: of rows that are nobody's, or of who knows whom, nothing can be better. */
export function comparable(rows: readonly ReportRow[]): { readonly rows: readonly ReportRow[]; readonly told: Report["compared"] } {
  const known = rows.filter((row) => row.key !== "none" && row.key !== "undeployed" && row.authorship !== "unknown");
  const largest = known.slice(0, REPORT_LIMITS.compared);
  return { rows: largest, told: { rows: largest.map(({ key }) => key), left: known.length - largest.length } };
}

/**
 * Each pair of the largest rows, by each measure that ranks: different only where both samples suffice, chance would
 * hardly bring it, and what was changed and how much it was used are alike, or would rather have made the better one
 * worse. Otherwise it says why nothing is concluded.
 */
export function compare(rows: readonly ReportRow[], measures: readonly Measure[]): Comparison[] {
  const largest = comparable(rows).rows;
  const comparisons: Comparison[] = [];
  for (const key of COMPARED) {
    const measure = measures.find((one) => one.key === key);
    if (measure === undefined) continue;
    for (const [i, a] of largest.entries()) {
      for (const b of largest.slice(i + 1)) {
        const [left, right] = [a.figures[key], b.figures[key]];
        if (left !== undefined && right !== undefined && left.value !== null && right.value !== null) comparisons.push(judge(measure, a, left, b, right));
      }
    }
  }
  return comparisons.sort((a, b) => Number(b.different) - Number(a.different));
}

function judge(measure: Measure, a: ReportRow, left: Figure, b: ReportRow, right: Figure): Comparison {
  const rows = [a.key, b.key] as const;
  const title = measure.title;
  const no = (why: string, outcome: "few" | "unlike"): Comparison => ({ measure: measure.key, rows, says: `${title}: ${a.label} and ${b.label} are not compared: ${why}.`, different: false, outcome });
  for (const [row, figure] of [[a, left], [b, right]] as const) if (figure.warning !== null) return no(`${row.label} has ${figure.warning}`, "few");
  const odds = unlike(a, b);
  const size = odds === null ? null : odds.map(({ says }) => says).join(", and ");
  const [ofA, ofB] = [left, right].map((figure) => outOf(figure, measure.unit)) as [string, string];
  if (!apart(left, right)) return { measure: measure.key, rows, says: `${title}: no difference between ${a.label}, ${ofA}, and ${b.label}, ${ofB}, beyond chance${size === null ? "" : `; moreover ${size}`}.`, different: false, outcome: "chance" };
  const aFirst = (left.value ?? 0) > (right.value ?? 0) === (measure.better === "more");
  const [good, better, bad, worse] = aFirst ? [a, ofA, b, ofB] : [b, ofB, a, ofA];
  // Larger changes and more use explain why one is worse, never why it is better.
  const explained = odds !== null && odds.some(({ more }) => more !== good);
  if (size !== null && explained) return (measure.key === "debugged" ? likeWithLike(a, b, size) : null) ?? no(size, "unlike");
  return { measure: measure.key, rows, says: `${title}: better for ${good.label}, ${better}, than for ${bad.label}, ${worse}, ${size === null ? "at changes of like size and use" : `though ${size}`}.`, different: true, outcome: "different" };
}

/** Where one's changes were larger: compared within classes of like size, which takes size out of it. */
function likeWithLike(a: ReportRow, b: ReportRow, size: string): Comparison | null {
  const found = withinSizes(a.sizes, b.sizes);
  if (found === null || usedUnlike(a, b) !== null) return null;
  const [low, high] = found.interval;
  const range = `${found.ratio.toFixed(2)} times as often as the ${found.changes[1]} of ${b.label} (95%: ${low.toFixed(2)}–${high.toFixed(2)})`;
  return { measure: "debugged", rows: [a.key, b.key], says: `Changes that needed debugging: ${size}; of changes of like size, the ${found.changes[0]} of ${a.label} needed it ${range}${found.isSaid ? "" : ": no difference beyond chance"}.`, different: found.isSaid, outcome: found.isSaid ? "different" : "chance" };
}

/**
 * Whether chance would bring such a difference in fewer than one of 200 comparisons: it is larger than the hybrid of both
 * intervals (Newcombe 1998, method 10), widened from 95 to 99.5%. For figures with a bootstrap interval the same is near enough.
 */
function apart(a: Figure, b: Figure): boolean {
  if (a.interval === null || b.interval === null || a.value === null || b.value === null) return false;
  const [more, most, less, least] = a.value >= b.value ? [a.value, a.interval, b.value, b.interval] : [b.value, b.interval, a.value, a.interval];
  return more - less > (Z_SAID / Z_95) * Math.hypot(more - most[0], least[1] - less);
}

/** How two rows are not alike, and of which there was more; null of which where that is not known. */
interface Odds {
  readonly says: string;
  readonly more: ReportRow | null;
}

/** Why two rows are not alike; null where they are. Of the deployed changes: the median alone hides a few very large ones. */
function unlike(a: ReportRow, b: ReportRow): readonly Odds[] | null {
  const found: Odds[] = [];
  for (const [name, key] of [["median", "deployedMedian"], ["mean", "deployedMean"]] as const) {
    const [ofA, ofB] = [a.size[key], b.size[key]];
    if (ofA === null || ofB === null) return [{ says: "the size of their changes is not known", more: null }];
    const lines = ratio(a, b, ofA, ofB);
    if (lines.factor > REPORT_LIMITS.sizeFactor && !found.some(({ more }) => more === lines.more)) found.push({ says: `the changes of ${lines.more.label} were ${lines.factor.toFixed(1)} times larger (${name} of those deployed: ${Math.round(lines.most)} and ${Math.round(lines.least)} lines)`, more: lines.more });
  }
  const used = usedUnlike(a, b);
  if (used !== null) found.push(used);
  return found.length === 0 ? null : found;
}

/** Whether what one's changes served was much more than what the other's did. */
function usedUnlike(a: ReportRow, b: ReportRow): Odds | null {
  const [usedA, usedB] = [a, b].map(({ size }) => size.exposure / Math.max(1, size.deployed)) as [number, number];
  const used = ratio(a, b, usedA, usedB);
  return used.factor > REPORT_LIMITS.sizeFactor ? { says: `the changes of ${used.more.label} were used ${used.factor.toFixed(1)} times as much`, more: used.more } : null;
}

function ratio(a: ReportRow, b: ReportRow, ofA: number, ofB: number): { factor: number; more: ReportRow; most: number; least: number } {
  const [most, least] = [Math.max(ofA, ofB), Math.min(ofA, ofB)];
  return { factor: Math.max(1, most) / Math.max(1, least), more: ofA >= ofB ? a : b, most, least };
}
