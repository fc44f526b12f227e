import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import type { SuspectRanking } from "../types.ts";
import { rankSuspects } from "./rank.ts";

/** One small history for each way in which a fault comes about, so that a change of the ranking that loses one shows. */

const boxes: GitSandbox[] = [];
afterAll(() => boxes.forEach((box) => box.remove()));

const CART = `import { priceOf } from "./prices.js";
import { couponOf } from "./coupons.js";

export function cartOf(body) {
  if (!body.items) return { items: [], sum: 0 };
  const items = body.items.map((item) => item.sku);
  const coupon = couponOf(body);
  const prices = items.map((sku) => priceOf(sku));
  const sum = prices.reduce((all, price) => all + price.amount, 0);
  return { items, sum: sum - coupon.value };
}

export function describeCart(cart) {
  const names = cart.items.join(", ");
  return names.length === 0 ? "nothing" : names;
}
`;
const PRICES = `const TABLE = new Map([["tea", { amount: 3 }]]);

export function priceOf(sku) {
  const price = TABLE.get(sku) ?? { amount: 0 };
  return price;
}
`;
const COUPONS = `import settings from "../config/default.json" with { type: "json" };

export function couponOf(body) {
  const known = settings.coupons.codes.includes(body.code);
  return { value: known ? 1 : 0 };
}
`;
const SETTINGS = `{
  "coupons": {
    "days": 30,
    "codes": ["A", "B"]
  },
  "mail": { "retries": 3 }
}
`;
const ROUTES = `import { cartOf } from "./cart.js";

export function orders(request, answer) {
  const cart = cartOf(request.body);
  answer.json(cart);
}
`;
const START = { "src/cart.js": CART, "src/prices.js": PRICES, "src/coupons.js": COUPONS, "config/default.json": SETTINGS, "src/routes.js": ROUTES, "README.md": "# Shop\n" };
type Files = Readonly<Record<string, string | null>>;

interface Step {
  readonly name: string;
  readonly edit: (files: Files) => Files;
}

const edit = (name: string, path: string, from: string, to: string): Step => ({
  name,
  edit: (files) => {
    const text = files[path] ?? "";
    expect(text, `${name}: ${path}`).toContain(from);
    return { ...files, [path]: text.replaceAll(from, to) };
  },
});
const add = (name: string, path: string, text: string): Step => ({ name, edit: (files) => ({ ...files, [path]: text }) });

const HARMLESS: readonly Step[] = [
  add("Document", "README.md", "# Shop\n\nSells tea.\n"),
  edit("Trace", "src/cart.js", "  const names", '  console.log("describe", cart);\n  const names'),
  edit("Explain", "src/prices.js", "  return price;", "  // as it stands in the table\n  return price;"),
  add("Add reports", "src/reports.js", "export function reportOf(cart) {\n  const items = cart.items.length;\n  return items * 2;\n}\n"),
  edit("Tune", "config/default.json", '"retries": 3', '"retries": 5'),
];
const RENAME = edit("Name things", "src/cart.js", "prices", "priceList");
const RENAME_MORE = edit("Name more things", "src/cart.js", "sum", "subtotal");
const FORMAT: Step = { name: "Format everything", edit: (files) => Object.fromEntries(Object.entries(files).map(([path, text]) => [path, path.endsWith(".js") ? (text ?? "").replace(/^ +/gm, (spaces) => "\t".repeat(spaces.length / 2)).replaceAll('"', "'") : text])) };

interface Case {
  readonly category: string;
  readonly steps: readonly Step[];
  readonly guilty: string;
  /** Innermost frame first: a text of its line, and its function. */
  readonly frames: readonly (readonly [text: string, name: string])[];
  readonly message: string;
}

const reading = (property: string, of = "undefined"): string => `Cannot read properties of ${of} (reading '${property}')`;
const CHANGED = edit("Take the total", "src/cart.js", "coupon.value", "coupon.discount.value");
const ADDED = edit("Handle guests", "src/cart.js", "  const prices", "  if (body.guest) body.items = null;\n  const count = body.items.length;\n  const prices");
const DELETED = edit("Simplify", "src/cart.js", "  if (!body.items) return { items: [], sum: 0 };\n", "");
const DOWNSTREAM = edit("Be strict", "src/prices.js", "TABLE.get(sku) ?? { amount: 0 }", "TABLE.get(sku)");

const MOVE: Step = {
  name: "Move the cart",
  edit: ({ "src/cart.js": cart = "", ...files }) => {
    const at = (cart ?? "").indexOf("\nexport function describeCart");
    return { ...files, "src/describe.js": (cart ?? "").slice(at + 1), "src/basket.js": (cart ?? "").slice(0, at + 1) };
  },
};

const CASES: readonly Case[] = [
  { category: "changed line", steps: [CHANGED], guilty: CHANGED.name, frames: [["coupon.discount.value", "cartOf"]], message: reading("value") },
  { category: "changed line, its variables renamed later", steps: [edit("Sum it up", "src/cart.js", "price.amount", "price.net.amount"), RENAME], guilty: "Sum it up", frames: [["price.net.amount", "cartOf"]], message: reading("amount") },
  { category: "addition only", steps: [ADDED, RENAME], guilty: ADDED.name, frames: [["body.items.length", "cartOf"]], message: reading("length", "null") },
  { category: "deletion only", steps: [RENAME, DELETED], guilty: DELETED.name, frames: [["body.items.map", "cartOf"]], message: reading("map") },
  { category: "moved and renamed", steps: [CHANGED, MOVE], guilty: CHANGED.name, frames: [["coupon.discount.value", "cartOf"]], message: reading("value") },
  { category: "deletion, then moved and renamed", steps: [DELETED, RENAME_MORE, MOVE], guilty: DELETED.name, frames: [["body.items.map", "cartOf"]], message: reading("map") },
  { category: "configuration", steps: [edit("Settings by list", "config/default.json", '"codes"', '"codeList"')], guilty: "Settings by list", frames: [["settings.coupons.codes.includes", "couponOf"], ["couponOf(body)", "cartOf"]], message: reading("includes") },
  { category: "downstream", steps: [RENAME, DOWNSTREAM], guilty: DOWNSTREAM.name, frames: [["price.amount", "cartOf"]], message: reading("amount") },
  { category: "two faults: the one", steps: [CHANGED, DOWNSTREAM], guilty: CHANGED.name, frames: [["coupon.discount.value", "cartOf"]], message: reading("value") },
  { category: "two faults: the other", steps: [CHANGED, DOWNSTREAM], guilty: DOWNSTREAM.name, frames: [["price.amount", "cartOf"]], message: reading("amount") },
  { category: "large refactoring after it", steps: [DELETED, FORMAT], guilty: DELETED.name, frames: [["body.items.map", "cartOf"]], message: reading("map") },
  { category: "large refactoring before it", steps: [FORMAT, edit("Take the total", "src/cart.js", "coupon.value", "coupon.discount.value")], guilty: "Take the total", frames: [["coupon.discount.value", "cartOf"]], message: reading("value") },
  { category: "squash merge", steps: [{ name: "Release (#12)", edit: (files) => [RENAME, DOWNSTREAM, add("", "src/new.js", "export const x = 1;\n")].reduce((all, step) => step.edit(all), files) }], guilty: "Release (#12)", frames: [["price.amount", "cartOf"]], message: reading("amount") },
  { category: "guard deleted, and the caller's line changed for nothing", steps: [DELETED, edit("Ask for the body", "src/routes.js", "cartOf(request.body)", "cartOf(request.body, Date.now())")], guilty: DELETED.name, frames: [["body.items.map", "cartOf"], ["cartOf(request.body", "orders"]], message: reading("map") },
  { category: "guard deleted, and the caller asks a little otherwise", steps: [DELETED, edit("Ask for the body", "src/routes.js", "cartOf(request.body)", "cartOf(request.body ?? null)")], guilty: DELETED.name, frames: [["body.items.map", "cartOf"], ["cartOf(request.body", "orders"]], message: reading("map") },
  { category: "the caller hands over something else", steps: [edit("Ask for the body", "src/routes.js", "cartOf(request.body)", "cartOf(request.payload)"), RENAME], guilty: "Ask for the body", frames: [["body.items.map", "cartOf"], ["cartOf(request.payload", "orders"]], message: reading("items") },
];

describe("the guilty commit among harmless ones", () => {
  it.each(CASES.map((one, at) => [one.category, one, at % 2 === 0 ? 1 : 4] as const))("%s", async (_, { steps, guilty, frames, message }, turn) => {
    const box = new GitSandbox();
    boxes.push(box);
    let files: Files = START;
    const ids = new Map<string, string>();
    const good = box.commit("Start", files);
    // Harmless steps name their texts and files as they were before a formatter or a move came.
    const harmless = steps.includes(FORMAT) || steps.includes(MOVE) ? HARMLESS.filter((step) => step.name !== "Trace" && step.name !== "Explain") : HARMLESS;
    for (const step of [...harmless.slice(0, turn), ...steps, ...harmless.slice(turn)]) {
      const now = step.edit(files);
      ids.set(step.name, box.commit(step.name, { ...Object.fromEntries(Object.keys(files).filter((path) => !(path in now)).map((path) => [path, null])), ...now }));
      files = now;
    }
    const bad = box.git("rev-parse", "HEAD");
    const places = frames.map(([text, name], at) => ({ ...placeOf(files, text), function: name, weight: 0.7 ** at }));
    const ranking = await rankSuspects(await openRepository(box.path), { good, bad, places, symbols: [...frames.map(([, name]) => name), ...(/reading '(\w+)'/.exec(message)?.slice(1, 2) ?? [])], files: [], scoreMin: 0.35, message });
    expect(ranking.suspects[0]?.commit.id, explain(ranking)).toBe(ids.get(guilty));
    expect(ranking.abstained, explain(ranking)).toBeNull();
  });
});

function placeOf(files: Files, text: string): { readonly path: string; readonly line: number } {
  for (const [path, content] of Object.entries(files)) {
    const line = (content ?? "").split("\n").findIndex((one) => one.includes(text)) + 1;
    if (line > 0) return { path, line };
  }
  throw new Error(`no line holds ${text}`);
}

function explain(ranking: SuspectRanking): string {
  return [`abstained: ${ranking.abstained}`, ...ranking.suspects.map((one) => `${one.score} ${one.commit.subject}: ${one.parts.map((part) => `${part.kind} ${part.score} (${part.says})`).join("; ")}`)].join("\n");
}

describe("code of another language", () => {
  it("is not what a name in the stack's file leads to", async () => {
    const box = new GitSandbox();
    boxes.push(box);
    const good = box.commit("Start", { "app/coupon.rb": "class Coupon\n  def discount(order)\n    total(order).percent\n  end\nend\n", "shop/tax.py": "def total(order):\n    return order.net\n" });
    box.commit("Tax by country", { "shop/tax.py": "def total(order):\n    return order.net if order.country else None\n" });
    const bad = box.git("rev-parse", "HEAD");
    const ranking = await rankSuspects(await openRepository(box.path), { good, bad, places: [{ path: "app/coupon.rb", line: 3, function: "discount", weight: 1 }], symbols: ["discount", "percent"], files: [], scoreMin: 0.35, message: "undefined method `percent' for nil" });
    expect(ranking.abstained, explain(ranking)).toMatch(/^Nothing but the time ties the only change/);
  });
});

it("says so where the last good revision is of another history", async () => {
  const box = new GitSandbox();
  boxes.push(box);
  box.commit("Start", { "a.js": "export const a = 1;\n" });
  const other = box.git("rev-parse", "HEAD");
  box.git("checkout", "--quiet", "--orphan", "fresh");
  const bad = box.commit("Fresh start", { "a.js": "export const a = null;\n" });
  const ranking = await rankSuspects(await openRepository(box.path), { good: other, bad, places: [{ path: "a.js", line: 1, function: "", weight: 1 }], symbols: [], files: [], scoreMin: 0.35, message: reading("b", "null") });
  expect(ranking).toMatchObject({ suspects: [], abstained: "The last good revision and this one share no history, so what lies between them cannot be told." });
});
