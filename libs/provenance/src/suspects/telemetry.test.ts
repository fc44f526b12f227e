import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import { rankSuspects, type RankOptions } from "./rank.ts";
import { ochiai } from "./telemetry.ts";

const boxes: GitSandbox[] = [];
afterAll(() => boxes.forEach((box) => box.remove()));

const COUPONS = "export function applyCoupon(order) {\n  const rate = rateOf(order.code);\n  return order.sum * rate;\n}\n";
const TOTAL = "export function totalOf(order) {\n  const sum = order.lines.length;\n  return sum * order.rate;\n}\n";

/** Two changes that nothing but traces tells apart. */
function lay(): { readonly box: GitSandbox; readonly good: string; readonly coupons: string; readonly total: string; readonly bad: string } {
  const box = new GitSandbox();
  boxes.push(box);
  const good = box.commit("Start", { "src/coupons.js": COUPONS, "src/total.js": TOTAL, "README.md": "# Shop\n" });
  const coupons = box.commit("One", { "src/coupons.js": COUPONS.replace("order.sum * rate", "order.sum - rate") });
  const total = box.commit("Two", { "src/total.js": TOTAL.replace("sum * order.rate", "sum - order.rate") });
  const bad = box.commit("Say more", { "README.md": "# Shop\n\nSells.\n" });
  return { box, good, coupons, total, bad };
}
const options = (good: string, bad: string): RankOptions => ({ good, bad, places: [], symbols: ["POST /checkout"], files: [], scoreMin: 0.01 });

describe("Ochiai", () => {
  it("is ef / √((ef + nf)(ef + ep)), and 0 where nothing was seen", () => {
    expect(ochiai({ ef: 10, ep: 0, nf: 0 })).toBe(1);
    expect(ochiai({ ef: 4, ep: 5, nf: 0 })).toBeCloseTo(4 / 6, 6);
    expect(ochiai({ ef: 0, ep: 9, nf: 3 })).toBe(0);
    expect(ochiai({ ef: 0, ep: 0, nf: 0 })).toBe(0);
  });
});

describe("spectra of traces", () => {
  const entry = { path: "", function: "", operation: "POST /checkout", ef: 20, ep: 80, nf: 0, np: 0 };

  it("raise the commit whose code only failing traces run through, with the numbers in the sentence", async () => {
    const { box, good, coupons, bad } = lay();
    const spectrum = [entry, { path: "src/coupons.js", function: "shop.applyCoupon", operation: "apply coupon", ef: 18, ep: 2, nf: 2, np: 78 }, { path: "src/total.js", function: "totalOf", operation: "total", ef: 20, ep: 80, nf: 0, np: 0 }];
    const { suspects } = await rankSuspects(await openRepository(box.path), { ...options(good, bad), spectrum });
    expect(suspects[0]?.commit.id).toBe(coupons);
    const part = suspects[0]?.parts.find((one) => one.kind === "spectrum");
    expect(part?.says).toBe('Changes applyCoupon, which runs in 18 of 20 failing traces and 2 of 80 passing ones (span "apply coupon"): Ochiai 18/√((18+2)·(18+2)) = 0.90.');
    expect(part?.places).toEqual([{ path: "src/coupons.js", line: 3 }]);
    expect(suspects.filter((one) => one.parts.some(({ kind }) => kind === "spectrum"))).toHaveLength(1);
  });

  it("say nothing about what every trace runs through, nor where none passed", async () => {
    const { box, good, bad } = lay();
    const repo = await openRepository(box.path);
    const everywhere = { path: "src/coupons.js", function: "applyCoupon", operation: "apply", ef: 20, ep: 80, nf: 0, np: 0 };
    const { suspects } = await rankSuspects(repo, { ...options(good, bad), spectrum: [entry, everywhere] });
    const alone = await rankSuspects(repo, { ...options(good, bad), spectrum: [{ ...everywhere, ep: 0, np: 0 }] });
    expect([...suspects, ...alone.suspects].flatMap(({ parts }) => parts.filter(({ kind }) => kind === "spectrum"))).toEqual([]);
  });
});

describe("exposure", () => {
  it("counts for a commit since which it fails, and against one that had run without failing", async () => {
    const { box, good, coupons, total, bad } = lay();
    const exposure = [{ revision: good, failures: 0, trials: 500 }, { revision: coupons, failures: 0, trials: 400 }, { revision: bad, failures: 30, trials: 100 }, { revision: "f".repeat(40), failures: 1, trials: 1 }];
    const { suspects } = await rankSuspects(await openRepository(box.path), { ...options(good, bad), symbols: ["order"], exposure });
    const of = (commit: string): { readonly score: number; readonly says: string } | undefined => suspects.find((one) => one.commit.id === commit)?.parts.find(({ kind }) => kind === "exposure");
    expect(of(total)).toMatchObject({ score: 0.05, says: "The finding occurred 0 of 900 times before this commit was deployed, and 30 of 100 times since." });
    expect(of(coupons)?.says).toContain("0 of 500 times before this commit was deployed, and 30 of 500 times since");
    for (const { score, parts } of suspects) expect(parts.reduce((sum, part) => sum + part.score, 0)).toBeCloseTo(score, 6);
  });
});

describe("a service in a repository of several", () => {
  it("has no candidates but what changes its own paths", async () => {
    const box = new GitSandbox();
    boxes.push(box);
    const good = box.commit("Start", { "services/shop/a.js": TOTAL, "services/shop-admin/a.js": TOTAL });
    const other = box.commit("Other", { "services/shop-admin/a.js": TOTAL.replace("* order", "- order") });
    const own = box.commit("Own", { "services/shop/a.js": TOTAL.replace("* order", "+ order") });
    const repo = await openRepository(box.path);
    const ask = async (within: readonly string[]): Promise<readonly string[]> => (await rankSuspects(repo, { ...options(good, own), files: ["services/shop/a.js", "services/shop-admin/a.js"], within })).suspects.map((one) => one.commit.id);
    expect(await ask(["services/shop/"])).toEqual([own]);
    expect(await ask(["./services/shop"])).toEqual([own]);
    expect((await ask([])).toSorted()).toEqual([other, own].toSorted());
    expect((await rankSuspects(repo, { ...options(good, own), within: ["services/pay"] })).abstained).toContain("services/pay");
  });
});
