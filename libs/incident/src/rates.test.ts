import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { significantlyMore, wilson } from "./rates.ts";

describe("rates", () => {
  it("gives Wilson's interval as published tables have it", () => {
    const [low, high] = wilson({ failures: 8, trials: 10 });
    expect(low).toBeCloseTo(0.4902, 3);
    expect(high).toBeCloseTo(0.9433, 3);
    expect(wilson({ failures: 0, trials: 0 })).toEqual([0, 1]);
    // 3 of 3, for one, would end a little below 1 in floating point.
    for (let trials = 1; trials <= 100; trials += 1) expect([wilson({ failures: 0, trials })[0], wilson({ failures: trials, trials })[1]]).toEqual([0, 1]);
  });

  it("tells a surge from a stray occurrence, and chance from neither", () => {
    expect(significantlyMore({ failures: 12, trials: 100 }, { failures: 1, trials: 120 })).toBe(true);
    expect(significantlyMore({ failures: 3, trials: 100 }, { failures: 1, trials: 120 })).toBe(false);
    expect(significantlyMore({ failures: 2, trials: 10 }, { failures: 0, trials: 0 })).toBe(false);
  });

  it("holds the share within the interval, and never says more of both sides", () => {
    const rate = fc.integer({ min: 1, max: 5000 }).chain((trials) => fc.record({ trials: fc.constant(trials), failures: fc.integer({ min: 0, max: trials }) }));
    fc.assert(fc.property(rate, rate, (a, b) => {
      const [low, high] = wilson(a);
      return low <= a.failures / a.trials + 1e-9 && high >= a.failures / a.trials - 1e-9 && !(significantlyMore(a, b) && significantlyMore(b, a));
    }));
  });
});
