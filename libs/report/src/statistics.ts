import { wilson } from "@firstfix/incident";
import { seededRandom } from "@firstfix/kit";
import { mean, medianSorted, quantileSorted } from "simple-statistics";
import { REPORT_LIMITS } from "./limits.ts";
import type { Figure } from "./types.ts";

const RESAMPLES = 1_000;
/** Above this, the interval is the one that resampling would give in the limit, which costs nothing. */
const RESAMPLED_MAX = 200;
const SEED = 0x5f1f;
export const Z_95 = 1.959964;
/** With which a difference is said: pairs and measures are many, and of 200 comparisons one would come out so by chance. */
export const Z_SAID = 2.807034;

/** A share with Wilson's interval. `what` names the cases, for the warning: `deployed changes`. */
export function share(numerator: number, denominator: number, what: string, sampleMin: number = REPORT_LIMITS.sampleMin): Figure {
  if (denominator <= 0) return nothing(what);
  return { value: numerator / denominator, numerator, denominator, interval: wilson({ failures: numerator, trials: denominator }), method: "wilson", warning: warn(denominator, what, sampleMin) };
}

/** A share of everything there is, such as of the lines that stand: it is counted, not sampled, and has no interval. */
export function census(numerator: number, denominator: number, what: string): Figure {
  return denominator <= 0 ? nothing(what) : { value: numerator / denominator, numerator, denominator, interval: null, method: null, warning: null };
}

/** What one case brings to a ratio: a deployment its errors and spans, a commit its lines by an assistant and all its lines. */
export interface Case {
  readonly part: number;
  readonly whole: number;
}

/**
 * Sum of parts over sum of wholes, times `scale`. Errors come in bursts and lines in commits, so the interval is found by
 * resampling cases, never single spans or lines: those would make chance look like a difference.
 *
 * Where no case has any part, resampling finds no spread: then it is Wilson's interval for how many cases could still have
 * some, times what cases with some have among `alike`, the cases of all rows.
 */
export function ratio(cases: readonly Case[], scale: number, what: string, unit: string, alike: readonly Case[] = []): Figure {
  const [part, whole] = [cases.reduce((sum, one) => sum + one.part, 0), cases.reduce((sum, one) => sum + one.whole, 0)];
  if (whole <= 0) return nothing(unit);
  const value = part / whole;
  const warning = warn(cases.length, what, REPORT_LIMITS.sampleMin);
  const scaled = ([low, high]: readonly [number, number]): readonly [number, number] => [Math.max(0, low) * scale, Math.min(1, high) * scale];
  const known = { value: value * scale, numerator: part, denominator: whole, warning };
  if (part <= 0) return { ...known, interval: scaled([0, wilson({ failures: 0, trials: cases.length })[1] * whereAny(alike)]), method: "wilson" };
  if (part >= whole) return { ...known, interval: scaled(wilson({ failures: cases.length, trials: cases.length })), method: "wilson" };
  return { ...known, ...spread(cases.length, () => scaled(ratioInterval(cases, value, whole))) };
}

/** The part of the whole in cases that have some; 1 where none has, which is the most that it can be. */
function whereAny(cases: readonly Case[]): number {
  const [part, whole] = cases.reduce(([parts, wholes], one) => (one.part > 0 ? [parts + one.part, wholes + one.whole] : [parts, wholes]), [0, 0]);
  return whole <= 0 ? 1 : Math.min(1, part / whole);
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
  return { value: medianSorted(sorted), numerator: null, denominator: sorted.length, ...spread(sorted.length, () => medianInterval(sorted)), warning: warn(sorted.length, what, REPORT_LIMITS.sampleMin) };
}

/** Mean with a bootstrap interval; the numerator is the sum. */
export function average(values: readonly number[], what: string): Figure {
  if (values.length === 0) return nothing(what);
  const sum = values.reduce((total, value) => total + value, 0);
  return { value: sum / values.length, numerator: sum, denominator: values.length, ...spread(values.length, () => meanInterval(values)), warning: warn(values.length, what, REPORT_LIMITS.sampleMin) };
}

/** A figure without any case: null, never 0 or NaN. */
export function nothing(what: string): Figure {
  return { value: null, numerator: null, denominator: 0, interval: null, method: null, warning: `no ${what}` };
}

/** Median of numbers; null where there are none. */
export function middle(values: readonly number[]): number | null {
  return values.length === 0 ? null : medianSorted(values.toSorted((a, b) => a - b));
}

/** 95% interval of a Poisson count: Byar's approximation, good to a percent from 5 on; of fewer its lower end is too low (0.013 for 0.025 of one), which errs towards saying less. */
export function poisson(events: number): readonly [number, number] {
  const low = events === 0 ? 0 : events * (1 - 1 / (9 * events) - Z_95 / (3 * Math.sqrt(events))) ** 3;
  const above = events + 1;
  return [Math.max(0, low), above * (1 - 1 / (9 * above) + Z_95 / (3 * Math.sqrt(above))) ** 3];
}

function warn(cases: number, what: string, sampleMin: number): string | null {
  // Of "failed deployments that recovered" one is a "failed deployment that recovered".
  return cases >= sampleMin ? null : `only ${cases} ${cases === 1 ? what.replace(/s\b/, "") : what}: below ${sampleMin} nothing is compared`;
}

/** One case alone has no spread, which is not the same as being sure. */
function spread(cases: number, interval: () => readonly [number, number]): Pick<Figure, "interval" | "method"> {
  return cases < 2 ? { interval: null, method: null } : { interval: interval(), method: "bootstrap" };
}

function medianInterval(sorted: readonly number[]): readonly [number, number] {
  const size = sorted.length;
  if (size > RESAMPLED_MAX) {
    // The median of a resample is the value at a rank that is Beta-distributed about the middle, as good as normal here.
    const half = (Z_95 * size) / (2 * Math.sqrt(size + 2));
    const at = (rank: number): number => sorted[Math.min(size - 1, Math.max(0, Math.round(rank)))] as number;
    return [at((size - 1) / 2 - half), at((size - 1) / 2 + half)];
  }
  const random = seededRandom(SEED);
  const drawn = new Uint16Array(size);
  return percentiles((): number => {
    // Counting how often each value was drawn finds the middle without sorting.
    drawn.fill(0);
    for (let i = 0; i < size; i += 1) {
      const at = Math.floor(random() * size);
      drawn[at] = (drawn[at] as number) + 1;
    }
    return (ranked(sorted, drawn, Math.floor((size - 1) / 2)) + ranked(sorted, drawn, Math.ceil((size - 1) / 2))) / 2;
  });
}

/** The value at a 0-based rank of a resample, given how often each value was drawn. */
function ranked(sorted: readonly number[], drawn: Uint16Array, rank: number): number {
  let seen = 0;
  for (const [i, times] of drawn.entries()) {
    seen += times;
    if (seen > rank) return sorted[i] as number;
  }
  return sorted.at(-1) as number;
}

function meanInterval(values: readonly number[]): readonly [number, number] {
  if (values.length > RESAMPLED_MAX) {
    const middle = mean([...values]);
    const variance = values.reduce((total, value) => total + (value - middle) ** 2, 0) / values.length;
    const half = Z_95 * Math.sqrt(variance / values.length);
    const [least, most] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
    return [Math.max(least, middle - half), Math.min(most, middle + half)];
  }
  const random = seededRandom(SEED);
  return percentiles((): number => {
    let sum = 0;
    for (let i = 0; i < values.length; i += 1) sum += values[Math.floor(random() * values.length)] as number;
    return sum / values.length;
  });
}

function ratioInterval(cases: readonly Case[], value: number, whole: number): readonly [number, number] {
  if (cases.length > RESAMPLED_MAX) {
    const half = (Z_95 * Math.sqrt(cases.reduce((sum, one) => sum + (one.part - value * one.whole) ** 2, 0))) / whole;
    return [Math.max(0, value - half), value + half];
  }
  const random = seededRandom(SEED);
  return percentiles((): number => {
    let [part, all] = [0, 0];
    for (let i = 0; i < cases.length; i += 1) {
      const one = cases[Math.floor(random() * cases.length)] as Case;
      part += one.part;
      all += one.whole;
    }
    return all === 0 ? value : part / all;
  });
}

function percentiles(draw: () => number): readonly [number, number] {
  const drawn = Array.from({ length: RESAMPLES }, draw).sort((a, b) => a - b);
  return [quantileSorted(drawn, 0.025), quantileSorted(drawn, 0.975)];
}
