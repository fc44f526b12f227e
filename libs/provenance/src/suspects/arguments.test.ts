import fc from "fast-check";
import { expect, it } from "vitest";
import { calleesOf, handedOver, type Callee } from "./arguments.ts";
import { codeLines } from "./code.ts";
import { findFunctions } from "./functions.ts";
import type { Hint } from "./places.ts";
import type { Source } from "./sources.ts";

function source(path: string, text: string): Source {
  const lines = text.split("\n");
  return { path, lines, code: codeLines(lines, path), functions: findFunctions(lines) };
}
const frame = (path: string, line: number): Hint => ({ path, line, function: "", weight: 1, says: "", frame: true, route: false, text: "" });

/** What the second frame's line called, the first frame being where it failed. */
function calleeOf(path: string, text: string, failing: number, read: string): Callee {
  const [called, caller] = [frame(path, failing), frame("caller", 1)];
  const callee = calleesOf([called, caller], new Map([[path, source(path, text)]]), new Set([read])).get(caller);
  if (callee === undefined) throw new Error("no callee");
  return callee;
}

const RESERVE = calleeOf("stock.js", "export function reserve(shelf, sku, n) {\n  const item = shelf.get(sku);\n  item.count -= n;\n}", 3, "count");

it.each([
  ["of what failed is made of", "reserve(drawer, sku, 1)", "drawer", 0.95],
  ["of what it is looked up by", "return reserve(shelf, code, 1);", "code", 0.95],
  ["of what is only counted", "return reserve(shelf, sku, 2);", "2", 0.3],
  ["of one that nothing takes", "return reserve(shelf, sku, 1, Date.now());", ", Date . now ( )", 0.15],
  ["of one that moves the others", "return reserve(log, shelf, sku, 1);", "log ,", 0.95],
  ["of something else on the line", "return audit(reserve(shelf, sku, 1));", "audit (", 1],
  ["of the whole line", "return reserve(shelf, sku, 1);", "return reserve ( shelf , sku , 1 ) ;", 1],
  ["that is its counterpart's", "return reserve(shelf, sku);", "", 0],
])("weighs a change %s", (_, code, changed, weight) => {
  expect(handedOver(code, changed, RESERVE)).toBe(weight);
});

it.each([
  ["Python", "stock.py", "class Shelf:\n    def reserve(self, item, n: int = 1):\n        item.count -= n", 3, [["item"], ["n", "int"]]],
  ["Go", "stock.go", "func (s *Stock) reserve(item *Item, wait time.Duration) {\n\titem.Count -= n\n}", 2, [["item", "Item"], ["wait", "time", "Duration"]]],
  ["TypeScript over several lines", "stock.ts", "export function reserve(\n  item: Item,\n  { n, at }: Options,\n): void {\n  item.count -= n;\n}", 5, [["item", "Item"], ["n", "at", "Options"]]],
])("reads the parameters of %s", (_, path, text, line, parameters) => {
  expect(calleeOf(path, text, line, "count")).toMatchObject({ name: "reserve", parameters });
});

it("does not guess where a rest parameter takes all", () => {
  const callee = calleeOf("a.js", "function reserve(...all) {\n  all.first.count -= 1;\n}", 2, "count");
  expect(callee.parameters).toBeNull();
  expect(calleeOf("a.py", "def reserve(*all, n=1):\n    all[0].count -= n", 2, "count").parameters).toBeNull();
  expect(calleeOf("a.go", "func reserve(all ...*Item) {\n\tall[0].Count -= 1\n}", 2, "Count").parameters).toBeNull();
  expect(handedOver("reserve(a, b)", "b", callee)).toBe(1);
});

it("gives a share whatever the texts", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (code, changed) => {
    const share = handedOver(code, changed, RESERVE);
    expect(share >= 0 && share <= 1).toBe(true);
  }));
});
