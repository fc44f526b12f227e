import { BASELINES, type Answer } from "./judge.ts";

const BINS = 10;
/** As if the guilty commit were not among the candidates one time in five. */
const WITHOUT_WEIGHT = 0.25;

/** The figures of the issue, and beside them what tells how far confidence can be trusted. */
export function summary(answers: readonly Answer[]): Record<string, unknown> {
  const answered = answers.filter((one) => !one.abstained);
  const without = answers.flatMap((one) => (one.without === null ? [] : [one.without]));
  const byCategory = Object.fromEntries([...Map.groupBy(answers, (one) => one.category)].map(([category, own]) => [category, { cases: own.length, top1: share(own, right), top1OfAnswered: share(own.filter((one) => !one.abstained), right), abstained: share(own, (one) => one.abstained), baselines: Object.fromEntries(BASELINES.map((name) => [name, { top1: share(own, (one) => one.baselines[name] === 1) }])) }]));
  return {
    cases: answers.length,
    top1: share(answers, right),
    top1OfAnswered: share(answered, right),
    top3: share(answers, (one) => one.rank >= 1 && one.rank <= 3),
    top5: share(answers, (one) => one.rank >= 1 && one.rank <= 5),
    mrr: mean(answers, (one) => (one.rank === 0 ? 0 : 1 / one.rank)),
    abstained: share(answers, (one) => one.abstained),
    byCategory,
    baselines: Object.fromEntries(BASELINES.map((name) => [name, { top1: share(answers, (one) => one.baselines[name] === 1), mrr: mean(answers, (one) => (one.baselines[name] === 0 ? 0 : 1 / one.baselines[name])) }])),
    histories: new Set(answers.map((one) => one.seed)).size,
    calibration: calibration([...answers.map((one) => ({ confidence: one.confidence, right: one.rank === 1, weight: 1 })), ...without.map(({ confidence }) => ({ confidence, right: false, weight: WITHOUT_WEIGHT }))]),
    // Where the guilty commit is not among the candidates, the right answer is to name nobody.
    withoutGuilty: { cases: without.length, named: mean(without, (one) => (one.named ? 1 : 0)) },
  };
}

/** Named, and rightly so. Whoever abstains is not right, even where the first of the list is. */
export function right(one: Answer): boolean {
  return one.rank === 1 && !one.abstained;
}

export function share(answers: readonly Answer[], counts: (one: Answer) => boolean): number {
  return mean(answers, (one) => (counts(one) ? 1 : 0));
}

export function percent(value: number): string {
  return `${Math.round(value * 100)}%`;
}

interface Forecast {
  readonly confidence: number;
  readonly right: boolean;
  readonly weight: number;
}

interface Bin {
  readonly from: number;
  readonly weight: number;
  readonly confidence: number;
  readonly right: number;
}

/** Brier: mean square of what confidence missed by. ECE: how far it is from what was right, over ten bins, by weight. */
export function calibration(forecasts: readonly Forecast[]): { readonly brier: number; readonly ece: number; readonly bins: readonly Bin[] } {
  const all = weightOf(forecasts);
  const bins = Array.from({ length: BINS }, (_, at): Bin => {
    const own = forecasts.filter(({ confidence }) => Math.min(BINS - 1, Math.floor(confidence * BINS)) === at);
    return { from: at / BINS, weight: weightOf(own), confidence: weighted(own, (one) => one.confidence), right: weighted(own, (one) => (one.right ? 1 : 0)) };
  }).filter((one) => one.weight > 0);
  return {
    brier: weighted(forecasts, (one) => (one.confidence - (one.right ? 1 : 0)) ** 2),
    ece: all === 0 ? 0 : round(bins.reduce((sum, one) => sum + (one.weight / all) * Math.abs(one.confidence - one.right), 0)),
    bins,
  };
}

function weightOf(forecasts: readonly Forecast[]): number {
  return forecasts.reduce((sum, one) => sum + one.weight, 0);
}

function weighted(forecasts: readonly Forecast[], value: (one: Forecast) => number): number {
  const all = weightOf(forecasts);
  return all === 0 ? 0 : round(forecasts.reduce((sum, one) => sum + one.weight * value(one), 0) / all);
}

function mean<T>(list: readonly T[], value: (one: T) => number): number {
  return list.length === 0 ? 0 : round(list.reduce((sum, one) => sum + value(one), 0) / list.length);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
