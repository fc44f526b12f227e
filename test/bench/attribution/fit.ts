import { strengthOf } from "@firstfix/provenance";
import type { Answer } from "./judge.ts";
import { forecastsOf, LATENT_SHARE, reliability, type Forecast } from "./reliability.ts";

type Table = readonly (readonly [strength: number, confidence: number])[];

/** A level of the table rests on so much weight at least: fewer questions are single cases, not a rate. */
const LEVEL_WEIGHT_MIN = 12;
/** One right and one wrong answer that nobody saw, shared out by halves: no level says 0 or 1 for sure. */
const UNSEEN = 0.5;
const CONFIDENCE_MAX = 0.99;

/** The table of libs/provenance/src/suspects/calibration.ts from the answers, and how far it can be relied on. */
export function fit(answers: readonly Answer[]): { readonly table: Table } & Record<string, unknown> {
  const table = tableOf(forecastsOf(answers));
  // Each half of the seeds is judged by a table that the other half made: the fit on its own questions flatters itself.
  const folds = [0, 1].flatMap((parity) => forecastsOf(answers.filter((one) => one.seed % 2 === parity), tableOf(forecastsOf(answers.filter((one) => one.seed % 2 !== parity)))));
  return { table, latentShare: LATENT_SHARE, questions: answers.filter((one) => one.nobody === undefined).length, latent: answers.filter((one) => one.latent !== null).length, itself: reliability(forecastsOf(answers, table)), acrossHalves: reliability(folds) };
}

interface Level {
  /** Highest strength in it, and the sum of all by weight. */
  to: number;
  sum: number;
  weight: number;
  right: number;
}

/**
 * Centered isotonic regression (Oron and Flournoy, 2017) of guilt over strength: pool adjacent violators, then a straight
 * line from the middle of each level to that of the next, so that confidence climbs where plain levels have a cliff.
 * Levels too light to be a rate join their neighbour first.
 */
export function tableOf(forecasts: readonly Pick<Forecast, "score" | "margin" | "tied" | "right" | "weight">[]): Table {
  const levels: Level[] = [];
  const seen = forecasts
    .filter(({ tied }) => tied)
    .map(({ score, margin, right, weight }) => ({ strength: Math.round(strengthOf(score, score - margin) * 100) / 100, right: right ? weight : 0, weight }))
    .filter(({ strength }) => strength > 0)
    .sort((a, b) => a.strength - b.strength);
  for (const { strength, right, weight } of seen) {
    const last = levels.at(-1);
    if (last?.to === strength) Object.assign(last, { weight: last.weight + weight, right: last.right + right, sum: last.sum + strength * weight });
    else levels.push({ to: strength, sum: strength * weight, weight, right });
  }
  pool(levels);
  joinLight(levels);
  const points: [number, number][] = [[0, 0]];
  let least = 0;
  for (const level of levels) {
    least = Math.max(least, Math.min(CONFIDENCE_MAX, Math.round(shareOf(level) * 100) / 100));
    points.push([Math.round((level.sum / level.weight) * 100) / 100, least]);
  }
  const [strength, confidence] = points.at(-1) ?? [0, 0];
  return strength === 1 ? points : [...points, [1, confidence]];
}

/** Joins neighbours for as long as the rate falls from one to the next, backwards too. */
function pool(levels: Level[]): void {
  for (let at = 0; at + 1 < levels.length; ) {
    if (rateOf(levels[at] as Level) < rateOf(levels[at + 1] as Level)) at += 1;
    else {
      join(levels, at);
      at = Math.max(0, at - 1);
    }
  }
}

/** The lightest first, each to the neighbour whose rate is closer, so that what is far apart stays apart. */
function joinLight(levels: Level[]): void {
  while (levels.length > 1) {
    const at = levels.reduce((least, level, index) => (level.weight < (levels[least] as Level).weight ? index : least), 0);
    const own = levels[at] as Level;
    if (own.weight >= LEVEL_WEIGHT_MIN) return;
    const away = (index: number): number => (levels[index] === undefined ? Infinity : Math.abs(rateOf(levels[index]) - rateOf(own)));
    join(levels, away(at - 1) < away(at + 1) ? at - 1 : at);
  }
}

function join(levels: Level[], at: number): void {
  const [one, next] = [levels[at] as Level, levels[at + 1] as Level];
  levels.splice(at, 2, { to: next.to, sum: one.sum + next.sum, weight: one.weight + next.weight, right: one.right + next.right });
}

function rateOf({ right, weight }: Level): number {
  return right / weight;
}

/** What nobody saw weighs more where little was seen; never quite 1. */
function shareOf({ right, weight }: Level): number {
  return (right + UNSEEN) / (weight + 2 * UNSEEN);
}

/** As it is pasted. */
export function printed(table: Table): string {
  return ["export const CALIBRATION: readonly (readonly [strength: number, confidence: number])[] = [", ...table.map(([strength, confidence]) => `  [${strength}, ${confidence}],`), "];"].join("\n");
}
