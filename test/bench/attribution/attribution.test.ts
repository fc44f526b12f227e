import { describe, expect, it } from "vitest";
import { CATEGORIES, layCase } from "./cases.ts";
import { BASELINES, judgeCase, type Answer } from "./judge.ts";
import { loadSources } from "./sources.ts";
import { calibration, summary } from "./summary.ts";

const TUNED_FROM = 1_000_000;
const answer = (rank: number, abstained: boolean, confidence: number, lastCommit: number): Answer => ({ category: "changed line", seed: rank, source: "x", rank, abstained, score: 0.5, margin: 0.2, confidence, without: null, baselines: { lastCommit, defaultBranchBlame: 0, random: 2 }, says: "" });

describe("the figures", () => {
  it("count an abstention as not right, and give the keys that are asked for", () => {
    const result = summary([answer(1, false, 0.9, 1), answer(1, true, 0.3, 2), answer(3, false, 0.6, 0), answer(0, true, 0.1, 4)]);
    expect(result).toMatchObject({ cases: 4, top1: 0.25, top1OfAnswered: 0.5, top3: 0.75, top5: 0.75, mrr: 0.583, abstained: 0.5 });
    expect(result["baselines"]).toEqual({ lastCommit: { top1: 0.25, mrr: 0.438 }, defaultBranchBlame: { top1: 0, mrr: 0 }, random: { top1: 0, mrr: 0.5 } });
    expect(result["byCategory"]).toMatchObject({ "changed line": { cases: 4, top1: 0.25, baselines: { lastCommit: { top1: 0.25 } } } });
  });

  it("say how far confidence is off", () => {
    expect(calibration([{ confidence: 0.8, right: true, weight: 1 }, { confidence: 0.8, right: false, weight: 1 }])).toMatchObject({ brier: 0.34, ece: 0.3 });
    expect(calibration([{ confidence: 1, right: true, weight: 1 }])).toMatchObject({ brier: 0, ece: 0 });
    expect(calibration([])).toMatchObject({ brier: 0, ece: 0, bins: [] });
  });
});

describe("histories", () => {
  const sources = loadSources();

  it("are the same for a seed at every run, and hold the guilty commit between the deployments", () => {
    for (const [at, category] of CATEGORIES.entries()) {
      const seed = TUNED_FROM + at * 10_000 + 3;
      const [one, other] = [layCase(category, seed, sources), layCase(category, seed, sources)];
      expect(one?.questions).toEqual(other?.questions);
      for (const { guilty, stack } of one?.questions ?? []) {
        expect(guilty).toBeGreaterThan(one?.good ?? Infinity);
        expect(guilty).toBeLessThanOrEqual(one?.bad ?? 0);
        expect(stack).toMatch(/^\w+: .+\n {4}at /);
      }
    }
  });

  it.each(CATEGORIES.map((category, at) => [category, TUNED_FROM + at * 10_000] as const))("%s: the guilty change is named", async (category, from) => {
    for (let seed = from; ; seed += 1) {
      const one = layCase(category, seed, sources);
      if (one === null) continue;
      for (const found of await judgeCase(one, 0.35)) {
        expect(found, found.says).toMatchObject({ rank: 1, abstained: false });
        expect(Object.keys(found.baselines)).toEqual([...BASELINES]);
      }
      break;
    }
  });
});
