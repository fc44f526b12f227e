import { describe, expect, it } from "vitest";
import { classOf, emptyClasses, withinSizes } from "./stratified.ts";
import type { SizeClass } from "./types.ts";

const classes = (...counts: readonly (readonly [debugged: number, deployed: number])[]): SizeClass[] => emptyClasses().map((one, i) => ({ ...one, debugged: counts[i]?.[0] ?? 0, deployed: counts[i]?.[1] ?? 0 }));

describe("within changes of like size", () => {
  it("agrees with the ratio worked out by hand", () => {
    // up = 10·200/300 + 30·50/150 = 16.6667, down = 10·100/300 + 5·100/150 = 6.6667.
    const found = withinSizes(classes([10, 100], [30, 100]), classes([10, 200], [5, 50]));
    expect(found?.ratio).toBeCloseTo(2.5, 6);
    // spread = (20·100·200 − 10·10·300)/300² + (35·100·50 − 30·5·150)/150² = 4.1111 + 6.7778 = 10.8889; √(10.8889/111.111) = 0.313050.
    expect(found?.interval[0]).toBeCloseTo(2.5 / Math.exp(1.959964 * 0.31305), 3);
    expect(found?.interval[1]).toBeCloseTo(2.5 * Math.exp(1.959964 * 0.31305), 3);
    expect(found?.changes).toEqual([200, 250]);
  });

  it("sees through larger changes: equal within each size, unequal in all", () => {
    // 10% of small ones and 40% of large ones fail, whoever wrote them; A writes more large ones.
    const [a, b] = [classes([10, 100], [160, 400]), classes([40, 400], [40, 100])];
    expect(170 / 500).toBeGreaterThan(2 * (80 / 500));
    expect(withinSizes(a, b)?.ratio).toBeCloseTo(1, 6);
  });

  it("is not said of few changes, of sizes that only one has, or where nothing failed", () => {
    expect(withinSizes(classes([5, 10]), classes([5, 100]))).toBeNull();
    expect(withinSizes(classes([5, 100]), classes([0, 0], [5, 100]))).toBeNull();
    expect(withinSizes(classes([0, 100]), classes([5, 100]))).toBeNull();
  });

  it("takes nothing from the class without a bound: its changes are not alike", () => {
    const last = (debugged: number): SizeClass[] => emptyClasses().map((one) => (one.linesMax === null ? { ...one, deployed: 100, debugged } : one));
    expect(withinSizes(last(40), last(6))).toBeNull();
  });

  it("puts each size in one class", () => {
    expect([0, 1, 2, 3, 4, 5, 8, 9, 8_192, 8_193, 1e9].map(classOf)).toEqual([0, 0, 1, 2, 2, 3, 3, 4, 13, 14, 14]);
  });
});
