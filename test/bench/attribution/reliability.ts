import { confidenceOf } from "@firstfix/provenance";
import type { Answer, Named } from "./judge.ts";

const BINS = 10;
/**
 * How often the guilty commit is taken not to be among the candidates: a latent fault that traffic, data or an outage
 * brought out. An assumption, not a measurement: nobody publishes that share.
 */
export const LATENT_SHARE = 0.2;

/** What was said of the first of a list, and whether that one was guilty. */
export interface Forecast {
  readonly seed: number;
  readonly score: number;
  readonly margin: number;
  readonly tied: boolean;
  readonly named: boolean;
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

/** Latent faults weigh as much as makes them `LATENT_SHARE` of all, however many histories there are of each kind. */
export function forecastsOf(answers: readonly Answer[], table?: readonly (readonly [number, number])[]): Forecast[] {
  const latent = answers.flatMap(({ seed, latent: one }) => (one === null ? [] : [{ seed, one }]));
  const guilty = answers.filter((one) => one.nobody === undefined);
  const weight = latent.length === 0 ? 0 : (guilty.length / latent.length) * (LATENT_SHARE / (1 - LATENT_SHARE));
  const forecast = (seed: number, { score, margin, abstained, tied }: Named): Omit<Forecast, "right" | "weight"> => ({ seed, score, margin, tied, named: !abstained, confidence: tied ? confidenceOf(score, score - margin, table) : 0 });
  return [...guilty.map((one): Forecast => ({ ...forecast(one.seed, one), right: one.rank === 1, weight: 1 })), ...latent.map(({ seed, one }): Forecast => ({ ...forecast(seed, one), right: false, weight }))];
}

/** Brier: mean square of what confidence missed by. ECE: how far it is from what was right, over ten bins, by weight. */
export function reliability(forecasts: readonly Pick<Forecast, "confidence" | "right" | "weight">[]): { readonly brier: number; readonly ece: number; readonly bins: readonly Bin[] } {
  const all = weightOf(forecasts);
  const bins = Array.from({ length: BINS }, (_, at): Bin => {
    const own = forecasts.filter(({ confidence }) => Math.min(BINS - 1, Math.floor(confidence * BINS)) === at);
    return { from: at / BINS, weight: round(weightOf(own)), confidence: weighted(own, (one) => one.confidence), right: weighted(own, (one) => (one.right ? 1 : 0)) };
  }).filter((one) => one.weight > 0);
  return {
    brier: weighted(forecasts, (one) => (one.confidence - (one.right ? 1 : 0)) ** 2),
    ece: all === 0 ? 0 : round(bins.reduce((sum, one) => sum + (one.weight / all) * Math.abs(one.confidence - one.right), 0)),
    bins,
  };
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function weightOf(forecasts: readonly Pick<Forecast, "weight">[]): number {
  return forecasts.reduce((sum, one) => sum + one.weight, 0);
}

function weighted<T extends Pick<Forecast, "weight">>(forecasts: readonly T[], value: (one: T) => number): number {
  const all = weightOf(forecasts);
  return all === 0 ? 0 : round(forecasts.reduce((sum, one) => sum + one.weight * value(one), 0) / all);
}
