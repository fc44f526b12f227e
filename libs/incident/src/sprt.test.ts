import { seededRandom } from "@firstfix/kit";
import { describe, expect, it } from "vitest";
import { rateOf, sprt } from "./sprt.ts";

function simulate(rate: number, rateBefore: number, runs: number): { held: number; failed: number; pending: number; trials: number } {
  const next = seededRandom(42);
  const counts = { held: 0, failed: 0, pending: 0, trials: 0 };
  for (let run = 0; run < runs; run++) {
    let failures = 0;
    let verdict: "held" | "failed" | "pending" = "pending";
    let trials = 0;
    for (; trials < 5000 && verdict === "pending"; ) {
      trials++;
      if (next() < rate) failures++;
      verdict = sprt({ trials, failures, rateBefore, alpha: 0.01, beta: 0.01 }).verdict;
    }
    counts[verdict]++;
    counts.trials += trials;
  }
  return counts;
}

describe("sequential test", () => {
  it.each([0.05, 0.3, 0.8])("meets α and β at a rate of %f before", (rateBefore) => {
    const runs = 3000;
    const failed = simulate(rateBefore, rateBefore, runs);
    const held = simulate(rateBefore / 10, rateBefore, runs);
    expect(failed.pending + held.pending).toBe(0);
    // 0.01 plus three standard errors of 3,000 runs.
    expect(failed.held / runs).toBeLessThan(0.0155);
    expect(held.failed / runs).toBeLessThan(0.0155);
  });

  it("decides nothing without traffic and by few trials what is plain", () => {
    expect(sprt({ trials: 0, failures: 0, rateBefore: 0.5, alpha: 0.01, beta: 0.01 }).verdict).toBe("pending");
    expect(sprt({ trials: 1, failures: 0, rateBefore: rateOf(1, 1), alpha: 0.01, beta: 0.01 }).verdict).toBe("pending");
    expect(sprt({ trials: 20, failures: 0, rateBefore: 0.3, alpha: 0.01, beta: 0.01 }).verdict).toBe("held");
    expect(sprt({ trials: 20, failures: 6, rateBefore: 0.3, alpha: 0.01, beta: 0.01 }).verdict).toBe("failed");
  });

  it("stays finite at the edges", () => {
    for (const rateBefore of [0, 1, 1e-12]) {
      const { test } = sprt({ trials: 3, failures: 9, rateBefore, alpha: 0.01, beta: 0.01 });
      expect(Object.values(test).every((value) => Number.isFinite(value))).toBe(true);
    }
    expect(rateOf(0, 0)).toBe(0);
    expect(rateOf(9, 3)).toBe(0.75);
  });
});
