import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CATEGORIES, GUILTLESS, layCase } from "./cases.ts";
import { bench } from "./index.ts";
import { BASELINES, judgeCase, type Answer } from "./judge.ts";
import { loadSources } from "./sources.ts";
import { printed, tableOf } from "./fit.ts";
import { forecastsOf, LATENT_SHARE, reliability } from "./reliability.ts";
import { summary } from "./summary.ts";

const TUNED_FROM = 1_000_000;
const answer = (rank: number, abstained: boolean, score: number, lastCommit: number): Answer => ({ category: "changed line", seed: rank, source: "x", rank, abstained, tied: true, score, margin: score, latent: null, baselines: { lastCommit, defaultBranchBlame: 0, random: 2 }, says: "" });

describe("the figures", () => {
  it("count an abstention as not right, and give the keys that are asked for", () => {
    const result = summary([answer(1, false, 0.9, 1), answer(1, true, 0.3, 2), answer(3, false, 0.6, 0), answer(0, true, 0.1, 4)]);
    expect(result).toMatchObject({ cases: 4, top1: 0.25, top1OfAnswered: 0.5, top3: 0.75, top5: 0.75, mrr: 0.583, abstained: 0.5 });
    expect(result["baselines"]).toEqual({ lastCommit: { top1: 0.25, mrr: 0.438 }, defaultBranchBlame: { top1: 0, mrr: 0 }, random: { top1: 0, mrr: 0.5 } });
    expect(result["byCategory"]).toMatchObject({ "changed line": { cases: 4, top1: 0.25, top3: 0.75, mrr: 0.583, abstained: 0.5, baselines: { lastCommit: { top1: 0.25 } } } });
  });

  it("say how far confidence is off", () => {
    expect(reliability([{ confidence: 0.8, right: true, weight: 1 }, { confidence: 0.8, right: false, weight: 1 }])).toMatchObject({ brier: 0.34, ece: 0.3 });
    expect(reliability([{ confidence: 1, right: true, weight: 1 }])).toMatchObject({ brier: 0, ece: 0 });
    expect(reliability([])).toMatchObject({ brier: 0, ece: 0, bins: [] });
  });

  it("count latent faults as the stated share of all, and whoever is named there as wrong", () => {
    const latent = { abstained: false, tied: true, score: 0.4, margin: 0.4 };
    const forecasts = forecastsOf([{ ...answer(1, false, 0.9, 1), latent }, answer(1, false, 0.9, 1), answer(1, false, 0.9, 1), { ...answer(2, false, 0.9, 1), latent }]);
    const weight = (of: typeof forecasts): number => of.reduce((sum, one) => sum + one.weight, 0);
    expect(weight(forecasts.filter((one) => one.score === 0.4)) / weight(forecasts)).toBeCloseTo(LATENT_SHARE, 6);
    expect(forecasts.filter((one) => one.right)).toHaveLength(3);
    expect(summary([{ ...answer(1, false, 0.9, 1), latent }, { ...answer(1, false, 0.9, 1), latent: { ...latent, abstained: true } }])["withoutGuilty"]).toMatchObject({ cases: 2, named: 0.5 });
  });

  it("count an outage only where nobody is guilty", () => {
    const named = { abstained: false, tied: true, score: 0.9, margin: 0.9 };
    const outage = { ...answer(0, false, 0.9, 0), category: GUILTLESS, latent: named, nobody: true } as const;
    const all = [answer(1, false, 0.9, 1), outage, { ...outage, ...answer(0, true, 0.1, 0), category: GUILTLESS, latent: { ...named, abstained: true } }];
    expect(summary(all)).toMatchObject({ cases: 1, top1: 1, byCategory: { "changed line": { cases: 1 } }, withoutGuilty: { cases: 2, named: 0.5, byKind: { latent: { cases: 0, named: 0 }, outage: { cases: 2, named: 0.5 } } } });
    expect(Object.keys(summary(all)["byCategory"] as object)).toEqual(["changed line"]);
    expect(forecastsOf(all).filter((one) => !one.right)).toHaveLength(2);
  });
});

describe("the fit", () => {
  const seen = (score: number, rights: number, of: number) => Array.from({ length: of }, (_, at) => ({ score, margin: score, tied: true, right: at < rights, weight: 1 }));

  it("never falls, rests no level on single cases, and says neither 0 nor 1 for sure", () => {
    const table = tableOf([...seen(0.3, 2, 20), ...seen(0.4, 12, 20), ...seen(0.5, 8, 20), ...seen(0.55, 1, 1), ...seen(0.8, 40, 40)]);
    // 0.4 and 0.5 are one level, for the rate falls between them, and the one at 0.55 is too light: each level stands at its middle.
    expect(table.map(([strength]) => strength)).toEqual([0, 0.3, 0.45, 0.79, 1]);
    expect(table.map(([, confidence]) => confidence)).toEqual([0, 0.12, 0.5, 0.99, 0.99]);
  });

  it("passes over lists that are empty, and gives a table without any answer", () => {
    expect(tableOf(seen(0, 0, 30))).toEqual([[0, 0], [1, 0]]);
    expect(printed([[0, 0], [1, 0.9]])).toContain("  [0, 0],\n  [1, 0.9],\n];");
  });

  it("is refused for the unseen half", async () => {
    await expect(bench(["--bogus"])).rejects.toThrow("Unknown option '--bogus'");
    await expect(bench(["--fit", "--half", "unseen"])).rejects.toThrow("--fit is for the tuned half");
  });
});

it("goes on from no file of an earlier version of itself", async () => {
  const folder = mkdtempSync(join(tmpdir(), "firstfix-attribution-"));
  const file = join(folder, "old.jsonl");
  writeFileSync(file, `${JSON.stringify({ category: "changed line", seed: TUNED_FROM, answers: [{ rank: 1, abstained: false, confidence: 0.9 }] })}\n`);
  await expect(bench(["--half", "tuned", "--per", "1", "--category", "changed line", "--resume", file])).rejects.toThrow("of an earlier version");
  rmSync(folder, { recursive: true });
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

  it("put a latent fault before the good deployment, with as many commits after it as there are otherwise", () => {
    let laid = 0;
    for (const [at, category] of CATEGORIES.entries()) {
      const seed = TUNED_FROM + at * 10_000 + 3;
      const [one, latent] = [layCase(category, seed, sources), layCase(category, seed, sources, true)];
      if (one === null || latent === null) continue;
      expect(latent.questions.every(({ guilty }) => guilty <= latent.good)).toBe(true);
      // Of a merge, the two branches lie before it.
      expect(latent.bad - latent.good).toBe(one.bad - one.good - one.questions.length - (category === "merge" ? 2 : 0));
      laid += 1;
    }
    expect(laid).toBeGreaterThan(CATEGORIES.length / 2);
  });

  it("of an outage name nobody, whatever the harmless change is", async () => {
    for (let seed = TUNED_FROM + CATEGORIES.indexOf(GUILTLESS) * 10_000, laid = 0; laid < 3; seed += 1) {
      const one = layCase(GUILTLESS, seed, sources);
      if (one === null) continue;
      laid += 1;
      for (const found of await judgeCase(one, null, 0.35)) {
        expect(found, found.says).toMatchObject({ nobody: true, abstained: true });
        expect(found.says).toContain("The error names an outage of something outside the code");
      }
    }
  });

  it("of a merge hold a commit of two parents that alone changes what fails", async () => {
    const one = layCase("merge", TUNED_FROM + CATEGORIES.indexOf("merge") * 10_000, sources);
    const written = await one?.history.write();
    try {
      const id = written?.ids.get(one?.questions[0]?.guilty ?? 0) ?? "";
      const { stdout } = spawnSync("git", ["-C", written?.path ?? "", "show", "--format=%P", "-c", "--unified=0", id], { encoding: "utf8" });
      expect(stdout.split("\n")[0]?.split(" ")).toHaveLength(2);
      expect(stdout).toMatch(/^(?:\+\+|--)/m);
    } finally {
      await written?.remove();
    }
  });

  it.each(CATEGORIES.flatMap((category, at) => (category === GUILTLESS ? [] : [[category, TUNED_FROM + at * 10_000] as const])))("%s: the guilty change is named", async (category, from) => {
    for (let seed = from; ; seed += 1) {
      const one = layCase(category, seed, sources);
      if (one === null) continue;
      for (const found of await judgeCase(one, null, 0.35)) {
        expect(found, found.says).toMatchObject({ rank: 1, abstained: false });
        expect(Object.keys(found.baselines)).toEqual([...BASELINES]);
      }
      break;
    }
  });
});
