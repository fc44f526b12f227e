import { expect, it } from "vitest";
import { parsePatch } from "../git/patch.ts";
import { editsOf } from "./change.ts";

/** Whether anything of the change can matter; the rows are those of a patch with the whole file. */
function matters(path: string, rows: readonly string[]): boolean {
  const count = (without: string): number => rows.filter((row) => !row.startsWith(without)).length;
  return editsOf(parsePatch(`diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1,${count("+")} +1,${count("-")} @@\n${rows.join("\n")}\n`)).some(({ weight }) => weight > 0.2);
}

const LOOP = [" def total(items):", "     sum = 0", "     for item in items:", "         sum += item.price"];

it("sees a line that leaves its block by nothing but its indentation", () => {
  expect(matters("a.py", [...LOOP, "-    return sum", "+        return sum"])).toBe(true);
  expect(matters("a.py", [" def total(items):", "     for item in items:", "-        check(item)", "+    check(item)", "         add(item)"])).toBe(true);
  expect(matters("a.yaml", [" mail:", "   from: shop", "-  retries: 3", "+retries: 3"])).toBe(true);
});

it("takes another width of the indentation for layout", () => {
  expect(matters("a.py", ["-def total(items):", "-    sum = 0", "-    for item in items:", "-        sum += item.price", "-    return sum", "+def total(items):", "+\tsum = 0", "+\tfor item in items:", "+\t\tsum += item.price", "+\treturn sum"])).toBe(false);
  expect(matters("a.yaml", [" mail:", "-  from: shop", "-  retries: 3", "+    from: shop", "+    retries: 3"])).toBe(false);
});

it("leaves languages alone whose brackets say it", () => {
  expect(matters("a.js", [" for (const item of items) {", "-  sum += item.price;", "+sum += item.price;", " }"])).toBe(false);
});

it("takes a key of settings for a key and not for a variable's name", () => {
  expect(matters("config.yaml", [" mail:", "-  limit: 100", "+  limits: 100"])).toBe(true);
  expect(matters("config.toml", [" [mail]", "-limit = 100", "+limits = 100"])).toBe(true);
  expect(matters("jobs.yaml", ['-at: "0 5 * * *"', '+at: "0 6 * * *"'])).toBe(true);
});
