import { describe, expect, it } from "vitest";
import { average, census, median, middle, nothing, poisson, rate, ratio, share } from "./statistics.ts";

describe("shares", () => {
  it("have Wilson's interval: 43 of 100 by hand", () => {
    // z = 1.959964: middle (0.43 + 3.841459/200) / (1 + 3.841459/100) = 0.432590, half 0.095258.
    const { value, interval, method, numerator, denominator } = share(43, 100, "changes");
    expect([value, numerator, denominator, method]).toEqual([0.43, 43, 100, "wilson"]);
    expect(interval?.[0]).toBeCloseTo(0.33733, 4);
    expect(interval?.[1]).toBeCloseTo(0.52785, 4);
  });

  it("warn below twenty cases, and say why", () => {
    expect(share(1, 19, "deployed changes").warning).toBe("only 19 deployed changes: below 20 nothing is compared");
    expect(share(1, 1, "deployed changes").warning).toBe("only 1 deployed change: below 20 nothing is compared");
    expect(share(1, 20, "deployed changes").warning).toBeNull();
  });

  it("of nothing are null, not zero", () => {
    expect(share(0, 0, "incidents")).toEqual({ value: null, numerator: null, denominator: 0, interval: null, method: null, warning: "no incidents" });
    expect(census(0, 0, "lines")).toEqual(nothing("lines"));
    expect(ratio([], 1, "commits", "lines")).toEqual(nothing("lines"));
    expect(ratio([{ part: 0, whole: 0 }], 1, "commits", "lines").value).toBeNull();
    expect([median([], "x").value, average([], "x").value, rate(3, 0, 1, 0, "x").value, middle([])]).toEqual([null, null, null, null]);
  });

  it("of one case have no interval: it has no spread", () => {
    for (const figure of [median([5], "x"), average([5], "x"), ratio([{ part: 1, whole: 2 }], 1, "x", "y")]) expect(figure).toMatchObject({ denominator: expect.any(Number), interval: null, method: null });
  });

  it("counted in full have no interval", () => {
    expect(census(1, 4, "lines")).toMatchObject({ value: 0.25, interval: null, warning: null });
  });
});

describe("rates of events", () => {
  it("have the interval of a Poisson count: exact ones for 0, 1, 5, 10, 100", () => {
    // Garwood's exact limits, as in tables.
    const exact = [[0, 0, 3.689], [1, 0.0253, 5.572], [5, 1.624, 11.668], [10, 4.795, 18.39], [100, 81.36, 121.63]] as const;
    for (const [events, low, high] of exact) {
      const found = poisson(events);
      expect(Math.abs(found[0] - low)).toBeLessThan(0.02 + low * 0.02);
      expect(Math.abs(found[1] - high)).toBeLessThan(high * 0.02);
    }
  });

  it("may be above one per case", () => {
    expect(rate(30, 20, 1_000, 20, "changes")).toMatchObject({ value: 1_500, numerator: 30, denominator: 20, method: "poisson", warning: null });
  });
});

describe("medians and means", () => {
  it("by hand", () => {
    expect(middle([3, 1, 2])).toBe(2);
    expect(middle([4, 1, 2, 3])).toBe(2.5);
    expect(median([9, 1, 5], "changes")).toMatchObject({ value: 5, denominator: 3, method: "bootstrap" });
    expect(average([1, 2, 3, 6], "incidents")).toMatchObject({ value: 3, numerator: 12, denominator: 4 });
  });

  it("have the same interval each time, of values that were there", () => {
    const values = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144];
    const interval = median(values, "x").interval;
    expect(median(values.toReversed(), "x").interval).toEqual(interval);
    // Of the bootstrap of a median of 11 values the limits are the 3rd and the 9th: P(rank ≤ 2) = 0.005, ≤ 3 = 0.04.
    expect(interval).toEqual([3, 55]);
  });

  it("of a mean stays among the values, also of very many that are alike", () => {
    const { interval } = average([1, ...Array<number>(300).fill(0)], "incidents");
    expect(interval?.[0]).toBe(0);
    expect(interval?.[1]).toBeGreaterThan(0);
    expect(interval?.[1]).toBeLessThan(0.02);
  });

  it("of many values: as of few, within the noise of the resampling", () => {
    const spread = (size: number): number[] => Array.from({ length: size }, (_, i) => i / size);
    for (const figure of [median, average]) {
      const [few, many] = [figure(spread(200), "x").interval, figure(spread(201), "x").interval];
      expect(Math.abs((few?.[0] ?? 0) - (many?.[0] ?? 9))).toBeLessThan(0.02);
      expect(Math.abs((few?.[1] ?? 0) - (many?.[1] ?? 9))).toBeLessThan(0.02);
    }
  });

  it("cover the true value about 95 times in 100", () => {
    let state = 1;
    const random = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) / 4_294_967_296;
    for (const [figure, truth] of [[median, Math.LN2], [average, 1]] as const) {
      let covered = 0;
      for (let round = 0; round < 200; round += 1) {
        const { interval } = figure(Array.from({ length: 60 }, () => -Math.log(1 - random())), "x");
        if (interval !== null && interval[0] <= truth && interval[1] >= truth) covered += 1;
      }
      expect(covered).toBeGreaterThan(176);
    }
  });
});

describe("ratios of clustered cases", () => {
  const bursts = Array.from({ length: 40 }, (_, i) => ({ part: i % 8 === 0 ? 400 : 0, whole: 1_000 }));

  it("are much less certain than their many spans would say", () => {
    const clustered = ratio(bursts, 1_000, "deployments", "spans");
    const naive = share(2_000, 40_000, "spans");
    expect(clustered).toMatchObject({ value: 50, numerator: 2_000, denominator: 40_000, method: "bootstrap" });
    const width = (interval: readonly [number, number] | null): number => (interval === null ? 0 : interval[1] - interval[0]);
    expect(width(clustered.interval)).toBeGreaterThan(width(naive.interval) * 1_000 * 5);
  });

  it("agree between resampling and its limit", () => {
    const many = [...bursts, ...bursts, ...bursts, ...bursts, ...bursts];
    const [few, more] = [ratio(many, 1, "d", "s").interval, ratio([...many, { part: 50, whole: 1_000 }], 1, "d", "s").interval];
    expect(Math.abs((few?.[0] ?? 0) - (more?.[0] ?? 9))).toBeLessThan(0.005);
    expect(Math.abs((few?.[1] ?? 0) - (more?.[1] ?? 9))).toBeLessThan(0.005);
  });

  it("are not certain of zero", () => {
    const none = ratio(Array.from({ length: 20 }, () => ({ part: 0, whole: 10 })), 1, "deployments", "spans");
    expect(none.value).toBe(0);
    expect(none.interval?.[1]).toBeGreaterThan(0.1);
  });

  it("of nothing that failed do not end at what would be if all had: those that fail, fail by what others did", () => {
    const none = Array.from({ length: 20 }, () => ({ part: 0, whole: 50_000 }));
    const others = [{ part: 500, whole: 50_000 }, ...none];
    // Wilson's upper end of 0 of 20 is 0.1611, and a case with errors has 10 of 1,000.
    expect(ratio(none, 1_000, "deployments", "spans", others).interval?.[1]).toBeCloseTo(1.611, 3);
    expect(ratio(others, 1_000, "deployments", "spans", others).interval?.[1]).toBeGreaterThan(1.2);
    expect(ratio(none, 1_000, "deployments", "spans", none).interval?.[1]).toBeCloseTo(161.1, 1);
  });
});
