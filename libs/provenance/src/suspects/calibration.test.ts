import { describe, expect, it } from "vitest";
import { CALIBRATION, confidenceOf, strengthOf } from "./calibration.ts";

describe("confidence", () => {
  it("never falls as strength rises, and stays within 0 … 1", () => {
    for (const [at, [strength, confidence]] of CALIBRATION.entries()) {
      const [before, less] = CALIBRATION[at - 1] ?? [-1, 0];
      expect(strength).toBeGreaterThan(before);
      expect(confidence).toBeGreaterThanOrEqual(less);
    }
    expect([CALIBRATION[0]?.[0], CALIBRATION.at(-1)?.[0]]).toEqual([0, 1]);
    let last = 0;
    for (let score = 0; score <= 1; score += 0.01) {
      const confidence = confidenceOf(score, 0);
      expect(confidence).toBeGreaterThanOrEqual(last);
      expect(confidence).toBeLessThan(1);
      last = confidence;
    }
  });

  it("is less the closer the second comes", () => {
    const [alone, followed, tied] = [0, 0.3, 0.6].map((second) => confidenceOf(0.6, second));
    expect(alone).toBeGreaterThan(followed ?? 1);
    expect(followed).toBeGreaterThan(tied ?? 1);
    expect(strengthOf(0.6, 0.6)).toBe(0.3);
    expect(confidenceOf(0, 0)).toBe(0);
  });

  it("passes through the points of its table", () => {
    for (const [strength, confidence] of CALIBRATION) expect(confidenceOf(strength, 0)).toBeCloseTo(confidence, 3);
  });
});
