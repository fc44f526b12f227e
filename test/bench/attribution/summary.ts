import { BASELINES, type Answer } from "./judge.ts";
import { forecastsOf, LATENT_SHARE, reliability, round } from "./reliability.ts";

/** The figures of the issue, and beside them what tells how far confidence can be trusted. */
export function summary(all: readonly Answer[]): Record<string, unknown> {
  const answers = all.filter((one) => one.nobody === undefined);
  const latent = answers.flatMap((one) => (one.latent === null ? [] : [one.latent]));
  const outages = all.filter((one) => one.nobody === true);
  const forecasts = forecastsOf(all);
  return {
    cases: answers.length,
    ...figures(answers),
    byCategory: Object.fromEntries([...Map.groupBy(answers, (one) => one.category)].map(([category, own]) => [category, { cases: own.length, ...figures(own), baselines: baselines(own) }])),
    baselines: baselines(answers),
    histories: new Set(answers.map((one) => one.seed)).size,
    calibration: { latentShare: LATENT_SHARE, ...reliability(forecasts), ofNamed: reliability(forecasts.filter((one) => one.named)) },
    // Where the guilty commit is not among the candidates, the right answer is to name nobody.
    withoutGuilty: { ...namedAt([...latent, ...outages]), byKind: { latent: namedAt(latent), outage: namedAt(outages) } },
  };
}

function namedAt(answers: readonly Pick<Answer, "abstained">[]): { readonly cases: number; readonly named: number } {
  return { cases: answers.length, named: mean(answers, (one) => (one.abstained ? 0 : 1)) };
}

function figures(answers: readonly Answer[]): Record<string, number> {
  return {
    top1: share(answers, right),
    top1OfAnswered: share(answers.filter((one) => !one.abstained), right),
    top3: share(answers, (one) => one.rank >= 1 && one.rank <= 3),
    top5: share(answers, (one) => one.rank >= 1 && one.rank <= 5),
    mrr: mean(answers, (one) => (one.rank === 0 ? 0 : 1 / one.rank)),
    abstained: share(answers, (one) => one.abstained),
  };
}

function baselines(answers: readonly Answer[]): Record<string, { readonly top1: number; readonly mrr: number }> {
  return Object.fromEntries(BASELINES.map((name) => [name, { top1: share(answers, (one) => one.baselines[name] === 1), mrr: mean(answers, (one) => (one.baselines[name] === 0 ? 0 : 1 / one.baselines[name])) }]));
}

/** Named, and rightly so. Whoever abstains is not right, even where the first of the list is, but where nobody is guilty. */
export function right(one: Answer): boolean {
  return one.nobody === true ? one.abstained : one.rank === 1 && !one.abstained;
}

export function share(answers: readonly Answer[], counts: (one: Answer) => boolean): number {
  return mean(answers, (one) => (counts(one) ? 1 : 0));
}

export function percent(value: number): string {
  return `${Math.round(value * 100)}%`;
}

function mean<T>(list: readonly T[], value: (one: T) => number): number {
  return list.length === 0 ? 0 : round(list.reduce((sum, one) => sum + value(one), 0) / list.length);
}
