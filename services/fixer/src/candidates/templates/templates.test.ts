import { describe, expect, it } from "vitest";
import type { Hints } from "./api.ts";
import { parsesClean, TEMPLATES, templateCandidates } from "./generate.ts";

const INVARIANT: Hints = { kind: "invariant", property: null, names: new Set(["total"]), literals: [] };
const ERROR: Hints = { kind: "error", property: "city", names: new Set(), literals: [] };
const EVENTUALLY: Hints = { kind: "eventually", property: null, names: new Set(), literals: ["wallet"] };

/** All texts that the templates make of a file, every line of it implicated; with the kind of each. */
function made(text: string, hints: Hints, path = "src/a.js"): Map<string, string> {
  const places = text.split("\n").map((_, index) => ({ path, line: index + 1, weight: 1 }));
  return new Map(templateCandidates(path, text, places, hints).map((one) => [one.files.get(path) ?? "", one.kind]));
}

describe("repair templates", () => {
  it.each<[string, string, Hints, string]>([
    ["guard", "const a = order.address.city;", ERROR, "const a = order.address?.city;"],
    ["guard", "const a = order.address.city.trim();", ERROR, "const a = order.address?.city?.trim();"],
    ["default", "const n = order.items.length;", { ...ERROR, property: "length" }, "const n = (order.items ?? []).length;"],
    ["default", "const n = a.fee + b;", INVARIANT, "const n = (a.fee ?? 0) + b;"],
    ["boundary", "const total = sum - coupon;", INVARIANT, "const total = Math.max(0, sum - coupon);"],
    ["boundary", "const total = sum - coupon;", INVARIANT, "const total = sum - Math.min(coupon, sum);"],
    ["boundary", "if (a < b) c();", INVARIANT, "if (a <= b) c();"],
    ["boundary", "function f(c, limit) { return table[c](limit); }", INVARIANT, "function f(c, limit) { return Math.min(table[c](limit), limit); }"],
    ["operator", "const x = a * b;", INVARIANT, "const x = a / b;"],
    ["operator", "if (a && b) c();", EVENTUALLY, "if (a || b) c();"],
    ["operator", "function f(a) { if (a) return; go(); }", EVENTUALLY, "function f(a) {  go(); }"],
    ["await", "async function f() { save(x); }", EVENTUALLY, "async function f() { await save(x); }"],
    ["await", "async function f() { xs.forEach(async (x) => go(x)); }", EVENTUALLY, "async function f() { await Promise.all(xs.map(async (x) => go(x))); }"],
    ["await", "if (isPaid) go();", EVENTUALLY, "if (isPaid()) go();"],
    ["missing-call", "class A { one(o) { pay(o); mark(o); queue(o); return o; } two(o) { pay(o); mark(o); return o; } }", EVENTUALLY, "class A { one(o) { pay(o); mark(o); queue(o); return o; } two(o) { pay(o); mark(o);\n                                                                           queue(o); return o; } }"],
    ["coercion", "const x = a + b;", INVARIANT, "const x = Number(a) + Number(b);"],
    ["arguments", "pay(amount, order);", INVARIANT, "pay(order, amount);"],
    ["missing-case", "switch (m) { case \"card\": a(); break; }", EVENTUALLY, "switch (m) { case \"wallet\":\n             case \"card\": a(); break; }"],
    ["missing-case", "if (a) b(); else if (c) d();", EVENTUALLY, "if (a) b(); else d();"],
  ])("%s makes of `%s`", (kind, text, hints, wanted) => {
    const all = made(text, hints);
    expect([...all.keys()]).toContain(wanted);
    expect(all.get(wanted)).toBe(kind);
  });

  it("has at least eight kinds, each with a test above", () => {
    expect(new Set(TEMPLATES.map((one) => one.name)).size).toBeGreaterThanOrEqual(8);
  });

  it("only touches implicated lines of source files, and tries the likeliest first", () => {
    const text = "const a = order.address.city;\nconst b = order.address.city;";
    const candidates = templateCandidates("src/a.js", text, [{ path: "src/a.js", line: 2, weight: 1 }], ERROR);
    expect(candidates.length).toBeGreaterThan(0);
    expect(candidates.every((one) => (one.files.get("src/a.js") ?? "").startsWith("const a = order.address.city;\n"))).toBe(true);
    expect(candidates[0]).toMatchObject({ kind: "guard", generator: "template" });
    for (const path of ["test/a.js", "scripts/a.js", ".github/a.js", "package.json", "a.test.js", "../a.js", "src/a.py"]) expect(templateCandidates(path, text, [{ path, line: 2, weight: 1 }], ERROR), path).toEqual([]);
  });

  it("reads TypeScript, keeps its types, and leaves a file that does not parse alone", () => {
    expect(made("const a: number = (x as Order).address.city;", ERROR, "src/a.ts").has("const a: number = (x as Order).address?.city;")).toBe(true);
    expect(made("const = = a.city;", ERROR).size).toBe(0);
    expect(parsesClean("a.ts", "const a: number = 1;")).toBe(true);
    expect(parsesClean("a.js", "const a = (1;")).toBe(false);
  });

  it("counts places in characters, whatever the characters are", () => {
    expect(made("const é = '😀'; const t = sum - coupon;", INVARIANT).has("const é = '😀'; const t = Math.max(0, sum - coupon);")).toBe(true);
  });
});
