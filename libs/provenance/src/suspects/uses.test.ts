import { describe, expect, it } from "vitest";
import { usesOf } from "./uses.ts";

const bound = (...code: string[]): string[] => [...usesOf(code)].filter(([, use]) => use.bound).map(([name]) => name).sort();

describe("names that a function binds", () => {
  it.each<[string, string[], string[]]>([
    ["parameters", ["function total(items, rate = 1, ...rest) {", "return items;", "}"], ["items", "rate", "rest"]],
    ["patterns", ["function total({ items, user: { id: key }, ...more }, [first]) {"], ["first", "items", "key", "more"]],
    ["types", ["total(items: Item[], user?: User): number {"], ["items", "user"]],
    ["arrows", ["const f = async (a, b): Promise<X> => {", "list.map((item) => item.x).filter(y => y);"], ["a", "b", "f", "item", "y"]],
    ["locals", ["function f() {", "const items = order.lines;", "let { a, b: c } = order, [d] = x;", "for (const e of items) {}", "try {} catch (g) {}"], ["a", "c", "e", "g", "items"]],
    ["Python", ["def total(self, items, *, rate=1):", "net, gross = split(items)", "for a, b in items:", "with open(x) as file:"], ["a", "b", "file", "gross", "items", "net", "rate", "self"]],
    ["Go", ["func total(items []Item, rate float64) int {", "sum, err := add(items)"], ["Item", "err", "float64", "items", "rate", "sum"]],
    ["Java", ["int total(List<Item> items, int rate) {", "Item first = items.get(0);"], ["List", "first", "int", "items", "rate"]],
    ["no calls, no conditions, no imports", ["export const total = sum(items);", "if (ready) {", "const { pay } = require('./pay');"], ["total"]],
  ])("%s", (_, code, names) => expect(bound(...code)).toEqual(names));
});

it("tells calls, members, keys and bare names apart", () => {
  const uses = usesOf(["send(order.items, { topic: menu?.top, retry }, self->price, Cart::of(x));"]);
  const told = Object.fromEntries([...uses].map(([name, { called, bare, owners }]) => [name, [called, bare, ...owners]]));
  expect(told).toEqual({ send: [true, false], order: [false, true], items: [false, false, "order"], topic: [false, false], menu: [false, true], top: [false, false, "menu"], retry: [false, true], self: [false, true], price: [false, false, "self"], Cart: [false, true], of: [true, false, "Cart"], x: [false, true] });
});
