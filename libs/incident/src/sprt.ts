import type { CycleVerdict, SprtRecord } from "./types.ts";

export interface SprtInput {
  readonly trials: number;
  readonly failures: number;
  /** Failure rate before the fix; `rateOf` makes a careful one from counts. */
  readonly rateBefore: number;
  /** Rate that still counts as held; a tenth of the rate before unless given. */
  readonly rateHeld?: number;
  /** Chance to call a failed fix held. */
  readonly alpha: number;
  /** Chance to call a held fix failed. */
  readonly beta: number;
}

const RATE_MIN = 1e-6;
const HELD_SHARE = 0.1;

/**
 * Wald's sequential probability ratio test for a Bernoulli rate p, on n trials with f failures.
 *
 *   held:   p ≤ p0 = rateHeld            failed: p ≥ p1 = rateBefore
 *   L = f·ln(p1/p0) + (n−f)·ln((1−p1)/(1−p0))
 *   L ≤ ln(α/(1−β))  → held              (logAccept; α = P(held | p = p1))
 *   L ≥ ln((1−α)/β)  → failed            (logReject; β = P(failed | p = p0))
 *   otherwise        → pending: the traffic does not decide yet
 */
export function sprt({ trials, failures, rateBefore, rateHeld, alpha, beta }: SprtInput): { verdict: CycleVerdict; test: SprtRecord } {
  const p1 = clamp(rateBefore, RATE_MIN * 100, 1 - RATE_MIN);
  const p0 = clamp(rateHeld ?? p1 * HELD_SHARE, RATE_MIN, p1 / 2);
  // More failures than trials (several errors in one entry) is certainty, not more than that.
  const f = Math.min(failures, trials);
  const logRatio = f * Math.log(p1 / p0) + (trials - f) * Math.log((1 - p1) / (1 - p0));
  const logAccept = Math.log(alpha / (1 - beta));
  const logReject = Math.log((1 - alpha) / beta);
  const verdict = logRatio <= logAccept ? "held" : logRatio >= logReject ? "failed" : "pending";
  return { verdict, test: { trials, failures, rateBefore: p1, rateHeld: p0, logRatio, logAccept, logReject, alpha, beta } };
}

/** A rate from counts that never claims certainty: f/(n+1), so that 1 of 1 is a half and 0 of 0 is 0. */
export function rateOf(failures: number, trials: number): number {
  return trials <= 0 ? 0 : Math.min(failures, trials) / (trials + 1);
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
