import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRepository, type Repository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import { HARMLESS, layShop } from "../testing/shop.ts";
import type { CodePlace, SuspectRanking } from "../types.ts";
import { rankSuspects } from "./rank.ts";

const boxes: GitSandbox[] = [];
afterAll(() => boxes.forEach((box) => box.remove()));

/** What the rest of Firstfix would know of each fault, and no more. */
interface Finding {
  readonly fault: string;
  readonly symbols: readonly string[];
  readonly files?: readonly string[];
  /** Text of the line that a stack frame names, innermost first. */
  readonly frames?: readonly (readonly [path: string, text: string, name: string])[];
}

const TOTAL = ["POST /checkout", "shop.order.total", "total-never-negative", "WHEN a customer checks out, THE shop SHALL never charge a total below zero"];
const CONFIRM = ["POST /orders/:id/pay", "order.confirm", "shop.payment.status", "shop.order.id", "paid-order-is-confirmed", "WHEN an order is paid, THE shop SHALL confirm the order within 5 seconds"];

const FINDINGS: readonly Finding[] = [
  { fault: "Simplify the cart", symbols: ["POST /checkout", "TypeError", "Cannot read properties of undefined (reading 'sku')"], frames: [["src/cart.js", "items.push", "cartOf"], ["src/routes/checkout.js", "cartOf(req.body)", ""]] },
  { fault: "Stack fixed coupons", symbols: TOTAL, files: ["src/pricing.js", "src/coupons.js"] },
  { fault: "Stack fixed coupons", symbols: TOTAL },
  { fault: "Pay faster", symbols: CONFIRM },
  { fault: "Confirm only card payments", symbols: CONFIRM },
  { fault: "Let invoices mature", symbols: ["POST /orders/:id/pay", "TypeError", "Cannot read properties of undefined (reading 'toFixed')", "amount"], frames: [["src/payments.js", "receipt.amount.toFixed", "receiptText"]] },
  { fault: "Load product details lazily", symbols: ["POST /checkout", "shop.order.total", "WHEN an item is ordered, THE shop SHALL charge the price of the product"] },
  { fault: "Lower the free shipping bound", symbols: ["POST /checkout", "shop.order.total", "WHEN the subtotal is 50 or more, THE shop SHALL add no shipping to the total"] },
];

async function framesOf(repo: Repository, bad: string, finding: Finding): Promise<CodePlace[]> {
  return Promise.all(
    (finding.frames ?? []).map(async ([path, text, name], index) => {
      const line = ((await repo.readFile(bad, path)) ?? "").split("\n").findIndex((one) => one.includes(text)) + 1;
      expect(line, `${path}: ${text}`).toBeGreaterThan(0);
      return { path, line, function: name, weight: 1 / (index + 1) };
    }),
  );
}

function explain(ranking: SuspectRanking): string {
  return [`abstained: ${ranking.abstained}`, ...ranking.suspects.map((one) => `${one.score} ${one.commit.subject}: ${one.parts.map((part) => `${part.kind} ${part.score} (${part.says})`).join("; ")}`)].join("\n");
}

/** The same commits in other orders: none may win by its position. */
function rotated(list: readonly string[], by: number): string[] {
  return [...list.slice(by), ...list.slice(0, by)];
}

describe.each([0, 4, 7])("among harmless commits, in order %i", (turn) => {
  it.each(FINDINGS.map((finding, index) => [index, finding.fault, finding] as const))("%i names: %s", async (_, fault, finding) => {
    const box = new GitSandbox();
    boxes.push(box);
    const { good, bad, ids } = layShop(box, rotated([...Object.keys(HARMLESS), fault], turn));
    const repo = await openRepository(box.path);
    const ranking = await rankSuspects(repo, { good, bad, places: await framesOf(repo, bad, finding), symbols: finding.symbols, files: finding.files ?? [], scoreMin: 0.35 });
    expect(ranking.suspects[0]?.commit.id, explain(ranking)).toBe(ids[fault]);
    expect(ranking.abstained, explain(ranking)).toBeNull();
  });
});

describe("with three faults in one deployment", () => {
  const faults = ["Simplify the cart", "Stack fixed coupons", "Pay faster"];
  let box: GitSandbox;
  let laid: ReturnType<typeof layShop>;
  let repo: Repository;
  beforeAll(async () => {
    box = new GitSandbox();
    boxes.push(box);
    laid = layShop(box, [...Object.keys(HARMLESS).slice(0, 4), ...faults, ...Object.keys(HARMLESS).slice(4)]);
    repo = await openRepository(box.path);
  });

  it.each(FINDINGS.filter((one) => faults.includes(one.fault)).map((finding, index) => [index, finding.fault, finding] as const))("%i keeps them apart: %s", async (_, fault, finding) => {
    const ranking = await rankSuspects(repo, { good: laid.good, bad: laid.bad, places: await framesOf(repo, laid.bad, finding), symbols: finding.symbols, files: finding.files ?? [], scoreMin: 0.35 });
    expect(ranking.suspects[0]?.commit.id, explain(ranking)).toBe(laid.ids[fault]);
    expect(ranking.abstained, explain(ranking)).toBeNull();
    expect(ranking.candidates).toBe(12);
  });

  it("adds its parts up to the score, which never leaves 0 … 1", async () => {
    for (const finding of FINDINGS.filter((one) => faults.includes(one.fault))) {
      const { suspects } = await rankSuspects(repo, { good: laid.good, bad: laid.bad, places: await framesOf(repo, laid.bad, finding), symbols: finding.symbols, files: finding.files ?? [], scoreMin: 0 });
      for (const { score, parts } of suspects) {
        expect(parts.reduce((sum, part) => sum + part.score, 0)).toBeCloseTo(score, 6);
        expect(score > 0 && score <= 1).toBe(true);
        for (const part of parts) expect(part.score).toBeGreaterThan(0);
      }
    }
  });
});

describe("in Python", () => {
  it("names the commit that wrote the line, and the one that lies behind a value", async () => {
    const box = new GitSandbox();
    boxes.push(box);
    const app = 'from flask import Flask\nfrom billing import invoice_for\n\napp = Flask(__name__)\n\n\n@app.post("/invoices")\ndef create_invoice():\n    invoice = invoice_for(request.json)\n    span = trace.get_current_span()\n    span.set_attribute("billing.invoice.amount", invoice["amount"])\n    return invoice\n';
    const billing = "from tax import tax_of\n\n\ndef invoice_for(order):\n    net = sum(line[\"price\"] for line in order[\"lines\"])\n    amount = net + tax_of(net)\n    return {\"net\": net, \"amount\": amount}\n\n\ndef label_of(order):\n    return order[\"customer\"][\"name\"]\n";
    const tax = "RATE = 0.19\n\n\ndef tax_of(net):\n    return round(net * RATE, 2)\n";
    const good = box.commit("Start", { "app.py": app, "billing.py": billing, "tax.py": tax, "report.py": "def amounts(rows):\n    return [row.amount for row in rows]\n" });
    box.commit("Report invoice amounts by customer", { "report.py": "def amounts(rows):\n    return {row.customer: row.amount for row in rows if row.invoice}\n" });
    const value = box.commit("Refine tax", { "tax.py": tax.replace("round(net * RATE, 2)", "round(net * -RATE, 2)") });
    const throwing = box.commit("Label by company", { "billing.py": billing.replace('["customer"]["name"]', '["company"]["name"]') });
    const bad = box.commit("Say what app.py is", { "app.py": `# The invoice amount is never below zero.\n${app}` });
    const repo = await openRepository(box.path);
    const violated = await rankSuspects(repo, { good, bad, places: [], symbols: ["POST /invoices", "billing.invoice.amount", "amount", "never", "below", "zero"], files: [], scoreMin: 0.35 });
    expect(violated.suspects[0]?.commit.id, explain(violated)).toBe(value);
    expect(violated.abstained, explain(violated)).toBeNull();
    const thrown = await rankSuspects(repo, { good, bad, places: [{ path: "billing.py", line: 11, function: "label_of", weight: 1 }], symbols: ["company", "label_of"], files: [], scoreMin: 0.35 });
    expect(thrown.suspects[0]?.commit.id, explain(thrown)).toBe(throwing);
    expect(thrown.suspects[0]?.parts[0]?.kind).toBe("line");
  });
});

describe("naming nobody", () => {
  const finding = { places: [], symbols: TOTAL, files: [], scoreMin: 0.35 };

  it("abstains where the only change hardly touches what a frame leads to, and names one that does", async () => {
    const box = new GitSandbox();
    boxes.push(box);
    const app = (name: string, item = "req.item"): string => `import { price } from "./price.js";\nexport function handler(req) {\n  const ${name} = ${item};\n  return price(${name});\n}\n`;
    const good = box.commit("Start", { "src/app.js": app("item"), "src/price.js": "export function price(item) {\n  return item.price.amount * 2;\n}\n" });
    const bad = box.commit("Rename", { "src/app.js": app("thing") });
    const worse = box.commit("Other item", { "src/app.js": app("thing", "req.items[0].item") });
    const finding = { places: [{ path: "src/price.js", line: 2, function: "price", weight: 1 }, { path: "src/app.js", line: 4, function: "handler", weight: 0.7 }], symbols: ["price", "handler", "amount"], files: [], scoreMin: 0.35, message: "Cannot read properties of undefined (reading 'amount')" };
    const ranking = await rankSuspects(await openRepository(box.path), { ...finding, good, bad });
    expect([ranking.abstained, ranking.confidence], explain(ranking)).toEqual([expect.stringContaining("Little but the time ties the only change"), 0]);
    expect((await rankSuspects(await openRepository(box.path), { ...finding, good: bad, bad: worse })).abstained).toBeNull();
  });

  it("abstains where only harmless commits lie between", async () => {
    const box = new GitSandbox();
    boxes.push(box);
    const { good, bad } = layShop(box, Object.keys(HARMLESS));
    const repo = await openRepository(box.path);
    for (const symbols of [TOTAL, CONFIRM]) {
      const ranking = await rankSuspects(repo, { ...finding, symbols, good, bad });
      expect(ranking.abstained, explain(ranking)).toContain("below the least");
    }
  });

  it("says why where there is nothing to rank", async () => {
    const box = new GitSandbox();
    boxes.push(box);
    const { good, bad, ids } = layShop(box, ["Explain the order total in the README", "Comment on discounts", "Test more totals"]);
    const repo = await openRepository(box.path);
    expect(await rankSuspects(repo, { ...finding, good, bad })).toMatchObject({ suspects: [], candidates: 3, abstained: expect.stringContaining("only tests, documents, comments") });
    expect(await rankSuspects(repo, { ...finding, good: bad, bad })).toMatchObject({ suspects: [], candidates: 0, abstained: expect.stringContaining("no commit") });
    expect(Object.keys(ids)).toHaveLength(3);
    await expect(rankSuspects(repo, { ...finding, good: "f".repeat(40), bad })).rejects.toMatchObject({ code: "repository.revision_missing" });
  });

  it("does not guess between two that are as likely", async () => {
    const box = new GitSandbox();
    boxes.push(box);
    const good = box.commit("Start", { "src/a.js": "export const a = 1;\n", "src/b.js": "export const b = 1;\n" });
    box.commit("One", { "src/a.js": "export const a = total();\n" });
    const bad = box.commit("Two", { "src/b.js": "export const b = total();\n" });
    const ranking = await rankSuspects(await openRepository(box.path), { good, bad, places: [], symbols: ["totals"], files: ["src/a.js", "src/b.js"], scoreMin: 0.01 });
    expect(ranking.suspects).toHaveLength(2);
    expect(ranking.abstained ?? explain(ranking)).toContain("as likely");
  });

  it("passes over what the team's list for blame passes over", async () => {
    const box = new GitSandbox();
    boxes.push(box);
    const good = box.commit("Start", { "src/a.js": "export const a = 1;\n" });
    const only = box.commit("Reformat", { "src/a.js": "export const a = one();\n" });
    const bad = box.commit("List it", { ".git-blame-ignore-revs": `${only}\n` });
    expect(await rankSuspects(await openRepository(box.path), { ...finding, good, bad })).toMatchObject({ suspects: [], candidates: 2 });
  });

  it("lists the only commit there is, and names it only where the finding points into the code", async () => {
    const box = new GitSandbox();
    boxes.push(box);
    const { good, bad } = layShop(box, ["Explain the order total in the README", "Let invoices mature"]);
    const repo = await openRepository(box.path);
    const ranking = await rankSuspects(repo, { ...finding, symbols: ["nothing in common"], places: [], message: "connect ECONNREFUSED 10.0.0.5:5432", good, bad });
    expect(ranking.suspects[0]?.parts.map((part) => part.kind)).toEqual(["only-change"]);
    expect(ranking.abstained).toContain("Nothing but the time");
    expect(ranking.confidence).toBe(0);
    const base = box.commit("Pay", { "src/pay.js": "export function pay(cart) {\n  return cart.total;\n}\n" });
    const beside = box.commit("Something else", { "src/other.js": "export const other = 1;\n" });
    const inPay = { ...finding, symbols: [], places: [{ path: "src/pay.js", line: 2, function: "pay", weight: 1 }], good: base };
    expect((await rankSuspects(repo, { ...inPay, bad: beside })).abstained).toContain("Nothing but the time");
    const guilty = box.commit("Pay per item", { "src/pay.js": "export function pay(cart) {\n  return cart.items.total;\n}\n" });
    expect(await rankSuspects(repo, { ...inPay, good: beside, bad: guilty })).toMatchObject({ abstained: null, suspects: [{ commit: { id: guilty } }] });
  });

  it("does not take a parameter or a local variable for what another file calls the same", async () => {
    const box = new GitSandbox();
    boxes.push(box);
    const repo = await openRepository(box.path);
    const menu = 'export const items = ["home", "about"];\n';
    const texts = ["function total(items) {", "function total({ items }) {", "function total(order) {\n  const items = order.lines;", "function total(order) {\n  const items = order.items;"];
    for (const [at, head] of texts.entries()) {
      const path = `src/total${at}.js`;
      const code = `export ${head}\n  for (const item of items) count(item);\n}\n`;
      const from = box.commit("Total", { [path]: code, "src/menu.js": menu });
      const help = box.commit("Help in the menu", { "src/menu.js": menu.replace('"about"', '"about", "help"') });
      const bad = box.commit("Page", { "src/page.js": `export const page = ${at};\n` });
      const line = code.split("\n").findIndex((row) => row.includes("of items")) + 1;
      const ranking = await rankSuspects(repo, { ...finding, message: "items is not iterable", symbols: ["items", "total"], places: [{ path, line, function: "total", weight: 1 }], good: from, bad });
      expect(ranking.abstained, `${head} ${JSON.stringify(ranking.suspects.map(({ parts }) => parts.map(({ says }) => says)))}`).not.toBeNull();
      // Where it is imported, it is that one.
      const imported = box.commit("Import", { [path]: `import { items } from "./menu.js";\nexport function total() {\n  for (const item of items) count(item);\n}\n`, "src/menu.js": menu });
      const guilty = box.commit("Menu of one text", { "src/menu.js": 'export const items = 5;\n' });
      const told = await rankSuspects(repo, { ...finding, message: "items is not iterable", symbols: ["items", "total"], places: [{ path, line: 3, function: "total", weight: 1 }], good: imported, bad: guilty });
      expect(told).toMatchObject({ abstained: null, suspects: [{ commit: { id: guilty } }] });
      expect(help).not.toBe(guilty);
    }
  });

  it("looks at who wrote the failing line however many commits came after, and counts them all", async () => {
    const box = new GitSandbox();
    boxes.push(box);
    const good = box.commit("Start", { "src/pay.js": "export function pay(cart) {\n  return cart.total;\n}\n" });
    const guilty = box.commit("Pay per item", { "src/pay.js": "export function pay(cart) {\n  return cart.items.total;\n}\n" });
    const stream = Array.from({ length: 520 }, (_, at) => `commit refs/heads/long\nmark :${at + 1}\ncommitter Ada <ada@example.com> ${1_800_000_000 + at} +0000\ndata 4\nNote\n${at === 0 ? `from ${guilty}\n` : ""}M 100644 inline src/note-${at}.js\ndata 18\nexport const a = 1\n\n`).join("");
    box.gitWith({ input: stream }, "fast-import", "--quiet");
    const bad = box.git("rev-parse", "refs/heads/long");
    const ranking = await rankSuspects(await openRepository(box.path), { ...finding, symbols: [], places: [{ path: "src/pay.js", line: 2, function: "pay", weight: 1 }], good, bad });
    expect(ranking).toMatchObject({ candidates: 521, unread: 20, abstained: null });
    expect(ranking.suspects[0]?.commit.id).toBe(guilty);
    expect((await rankSuspects(await openRepository(box.path), { ...finding, good: bad, bad: good })).abstained).toContain("rolled back");
  }, 60_000);
});
