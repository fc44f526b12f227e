import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTwoFilesPatch } from "diff";
import { changesOf, locate, takeBack, type Located } from "./changes.ts";
import { leavesDangling } from "./dangling.ts";
import { ddmin } from "./ddmin.ts";
import { revertCandidate, revertible } from "./revert.ts";

const patch = (before: string, after: string): string => `diff --git a/src/a.js b/src/a.js\n${createTwoFilesPatch("a/src/a.js", "b/src/a.js", before, after, undefined, undefined, { context: 3 })}`;
const located = (diff: string, text: string): Located[] => changesOf(diff).map((change) => locate(change, text.split("\n"))).filter((one) => one !== null);

describe("taking a commit back", () => {
  it("takes back all of it, whatever it did", () => {
    const line = fc.constantFrom("a", "b", "c", "}", "");
    const file = fc.array(line, { minLength: 1, maxLength: 12 }).map((lines) => `start\n${lines.map((text, index) => (text === "" ? "" : `${text}${index % 3}`)).join("\n")}\nend\n`);
    fc.assert(fc.property(file, file, (before, after) => {
      const found = located(patch(before, after), after);
      // Where lines repeat, a change may not be told from its twin; then it is left out, never put elsewhere wrongly.
      if (found.length === changesOf(patch(before, after)).length && new Set(after.split("\n")).size === after.split("\n").length) expect(takeBack(after, found)).toBe(before);
    }), { numRuns: 300 });
  });

  it("finds changes again after later ones have moved them, and leaves rewritten ones alone", () => {
    const before = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n";
    const after = before.replace("two", "TWO").replace("eight", "EIGHT\nMORE");
    const [first, second] = changesOf(patch(before, after));
    const later = `new\nnew\n${after}`.replace("TWO", "2");
    expect(locate(first as never, later.split("\n"))).toBeNull();
    expect(takeBack(later, [locate(second as never, later.split("\n")) as Located])).toBe(`new\nnew\n${before.replace("two", "2")}`);
  });

  it("passes over hostile paths, new files and what a fix may not touch", async () => {
    const bad = patch("a\n", "b\n").replaceAll("src/a.js", "../../etc/passwd");
    expect(changesOf(bad)).toEqual([]);
    expect(changesOf("diff --git a/n.js b/n.js\nnew file mode 100644\n--- /dev/null\n+++ b/n.js\n@@ -0,0 +1 @@\n+x\n")).toEqual([]);
    const from = await revertible({ commit: "c".repeat(40), subject: "s", score: 1 }, patch("a\n", "b\n").replaceAll("src/a.js", "package.json"), () => Promise.resolve("b\n"), []);
    expect(from.located).toEqual([]);
  });

  it("sees without running that a part would leave a name undeclared", async () => {
    const before = "function f(c) {\n  return c.amount;\n}\n\nmodule.b = 1;\nmodule.c = 1;\nmodule.d = 1;\nmodule.e = 1;\n\nfunction g(c) {\n  return c.amount;\n}\n";
    const after = `const RULES = { flat: (c) => c.amount };\n\n${before.replace("function g(c) {\n  return c.amount;", "function g(c) {\n  return RULES[c.kind](c);")}`;
    const from = await revertible({ commit: "c".repeat(40), subject: "s", score: 1 }, patch(before, after), () => Promise.resolve(after), []);
    expect(from.located).toHaveLength(2);
    const table = from.located.filter((one) => one.change.added.join().includes("RULES ="));
    const use = from.located.filter((one) => !table.includes(one));
    expect([leavesDangling(from, table), leavesDangling(from, use), leavesDangling(from, from.located)]).toEqual([true, false, false]);
    expect(revertCandidate(from, use)).toMatchObject({ generator: "revert", kind: "part" });
    expect(revertCandidate(from, from.located).files.get("src/a.js")).toBe(before);
  });
});

describe("delta debugging", () => {
  it("finds the parts that are needed, and only those", async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.array(fc.nat(11), { minLength: 1, maxLength: 3 }), async (size, picks) => {
      const all = Array.from({ length: size }, (_, index) => index);
      const needed = [...new Set(picks.map((pick) => pick % size))].sort((a, b) => a - b);
      const found = await ddmin(all, (part) => Promise.resolve(needed.every((one) => part.includes(one))), 1000);
      expect([...found].sort((a, b) => a - b)).toEqual(needed);
    }));
  });

  it("stops at its budget with something that works", async () => {
    let calls = 0;
    const found = await ddmin([1, 2, 3, 4, 5, 6, 7, 8], (part) => Promise.resolve(++calls > 0 && part.includes(3) && part.includes(8)), 3);
    expect(calls).toBeLessThanOrEqual(3);
    expect(found).toEqual(expect.arrayContaining([3, 8]));
  });
});
