import { REPORT_LIMITS } from "./limits.ts";
import { Z_95, Z_SAID } from "./statistics.ts";
import type { SizeClass } from "./types.ts";

/** Upper bounds of the size classes, in lines added and deleted: each twice the one before, so that what is in one is alike. The last has none. */
const LINES_MAX = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, Infinity] as const;

export function emptyClasses(): { linesMax: number | null; deployed: number; debugged: number }[] {
  return LINES_MAX.map((linesMax) => ({ linesMax: Number.isFinite(linesMax) ? linesMax : null, deployed: 0, debugged: 0 }));
}

export function classOf(lines: number): number {
  return LINES_MAX.findIndex((max) => lines <= max);
}

/**
 * How many times as often changes of `a` needed debugging as those of `b`, within classes of like size: the risk ratio of
 * Mantel and Haenszel with the interval of Greenland and Robins. Only classes with a bound that both have count. Null where they hold
 * too few changes, or where one side was never debugged.
 */
export function withinSizes(a: readonly SizeClass[], b: readonly SizeClass[]): { readonly ratio: number; readonly interval: readonly [number, number]; readonly isSaid: boolean; readonly changes: readonly [number, number] } | null {
  let [up, down, spread, ofA, ofB] = [0, 0, 0, 0, 0];
  for (const [i, one] of a.entries()) {
    const other = b[i];
    if (one.linesMax === null || other === undefined || one.deployed === 0 || other.deployed === 0) continue;
    const all = one.deployed + other.deployed;
    up += (one.debugged * other.deployed) / all;
    down += (other.debugged * one.deployed) / all;
    spread += ((one.debugged + other.debugged) * one.deployed * other.deployed - one.debugged * other.debugged * all) / all ** 2;
    ofA += one.deployed;
    ofB += other.deployed;
  }
  if (Math.min(ofA, ofB) < REPORT_LIMITS.sampleMin || up <= 0 || down <= 0) return null;
  const ratio = up / down;
  const deviation = Math.sqrt(spread / (up * down));
  const factor = Math.exp(Z_95 * deviation);
  return { ratio, interval: [ratio / factor, ratio * factor], isSaid: Math.abs(Math.log(ratio)) > Z_SAID * deviation, changes: [ofA, ofB] };
}
