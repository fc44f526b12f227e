import { wilson } from "@firstfix/incident";
import { mean, medianSorted, quantileSorted } from "simple-statistics";
import { REPORT_LIMITS } from "./limits.ts";
import type { Figure } from "./types.ts";

const RESAMPLES = 1_000;
/** Above this, resampling is drawn from the known distribution of what it would give: the same interval, at no cost. */
const RESAMPLED_MAX = 1_000;
const SEED = 0x5f1f;
const Z_95 = 1.959964;

/** A share with Wilson's interval. `what` names the cases, for the warning: `deployed changes`. */
export function share(numerator: number, denominator: number, what: string, sampleMin: number = REPORT_LIMITS.sampleMin): Figure {
  return proportion(numerator, denominator, 1, what, sampleMin);
}

/** As a share, per thousand: of cases that fail at most once each. */
export function perThousand(numerator: number, denominator: number, what: string, sampleMin: number): Figure {
  return proportion(numerator, denominator, 1_000, what, sampleMin);
}

/**
 * How often something happens per `denominator`, times `scale`: events that may come more than once per case, so the
 * interval is that of a Poisson count (Byar's approximation of the exact one). `cases` decides whether the sample is enough.
 */
export function rate(events: number, denominator: number, scale: number, cases: number, what: string): Figure {
  if (denominator <= 0) return nothing(what);
  const per = scale / denominator;
  const [low, high] = poisson(events);
  return { value: events * per, numerator: events, denominator, interval: [low * per, high * per], method: "poisson", warning: warn(cases, what, REPORT_LIMITS.sampleMin) };
}

/** Median with a bootstrap interval; the seed is fixed, so the same values give the same interval. */
export function median(values: readonly number[], what: string): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  if (sorted.length === 0) return nothing(what);
  return { value: medianSorted(sorted), numerator: null, denominator: sorted.length, interval: medianInterval(sorted), method: "bootstrap", warning: warn(sorted.length, what, REPORT_LIMITS.sampleMin) };
}

/** Mean with a bootstrap interval; the numerator is the sum. */
export function average(values: readonly number[], what: string): Figure {
  if (values.length === 0) return nothing(what);
  const sum = values.reduce((total, value) => total + value, 0);
  return { value: sum / values.length, numerator: sum, denominator: values.length, interval: meanInterval(values), method: "bootstrap", warning: warn(values.length, what, REPORT_LIMITS.sampleMin) };
}

/** A figure without any case: null, never 0 or NaN. */
export function nothing(what: string): Figure {
  return { value: null, numerator: null, denominator: 0, interval: null, method: null, warning: `no ${what}` };
}

/** Median of numbers; null where there are none. */
export function middle(values: readonly number[]): number | null {
  return values.length === 0 ? null : medianSorted(values.toSorted((a, b) => a - b));
}

/** 95% interval of a Poisson count: Byar's approximation, good to a percent from 1 on. */
export function poisson(events: number): readonly [number, number] {
  const low = events === 0 ? 0 : events * (1 - 1 / (9 * events) - Z_95 / (3 * Math.sqrt(events))) ** 3;
  const above = events + 1;
  return [Math.max(0, low), above * (1 - 1 / (9 * above) + Z_95 / (3 * Math.sqrt(above))) ** 3];
}

function proportion(numerator: number, denominator: number, scale: number, what: string, sampleMin: number): Figure {
  if (denominator <= 0) return nothing(what);
  const [low, high] = wilson({ failures: numerator, trials: denominator });
  return { value: (numerator / denominator) * scale, numerator, denominator, interval: [low * scale, high * scale], method: "wilson", warning: warn(denominator, what, sampleMin) };
}

function warn(cases: number, what: string, sampleMin: number): string | null {
  return cases >= sampleMin ? null : `only ${cases} ${what}: below ${sampleMin} nothing is compared`;
}

function medianInterval(sorted: readonly number[]): readonly [number, number] {
  const size = sorted.length;
  if (size > RESAMPLED_MAX) {
    // The median of a resample is the value at a rank that is Beta-distributed about the middle, as good as normal here.
    const half = (Z_95 * size) / (2 * Math.sqrt(size + 2));
    const at = (rank: number): number => sorted[Math.min(size - 1, Math.max(0, Math.round(rank)))] as number;
    return [at((size - 1) / 2 - half), at((size - 1) / 2 + half)];
  }
  const random = randomFrom(SEED);
  return percentiles((): number => medianSorted(resample(sorted, random).sort((a, b) => a - b)));
}

function meanInterval(values: readonly number[]): readonly [number, number] {
  if (values.length > RESAMPLED_MAX) {
    const middle = mean([...values]);
    const variance = values.reduce((total, value) => total + (value - middle) ** 2, 0) / values.length;
    const half = Z_95 * Math.sqrt(variance / values.length);
    return [middle - half, middle + half];
  }
  const random = randomFrom(SEED);
  return percentiles((): number => mean(resample(values, random)));
}

function percentiles(draw: () => number): readonly [number, number] {
  const drawn = Array.from({ length: RESAMPLES }, draw).sort((a, b) => a - b);
  return [quantileSorted(drawn, 0.025), quantileSorted(drawn, 0.975)];
}

function resample(values: readonly number[], random: () => number): number[] {
  return Array.from(values, () => values[Math.floor(random() * values.length)] as number);
}

/** Mulberry32: small, fast, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
