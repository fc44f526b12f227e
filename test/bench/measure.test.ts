import { describe, expect, it } from "vitest";
import { median, p95 } from "./measure.ts";

describe("figures", () => {
  it("of nothing are no figures", () => {
    expect(() => median([])).toThrow("nothing was measured");
    expect(() => p95([])).toThrow("nothing was measured");
  });

  it("are values that were measured", () => {
    const values = [5, 1, 4, 2, 3];
    expect([median(values), p95(values), median([7])]).toEqual([3, 5, 7]);
    expect(p95(Array.from({ length: 100 }, (_, index) => index + 1))).toBe(95);
    expect(values).toEqual([5, 1, 4, 2, 3]);
  });
});
