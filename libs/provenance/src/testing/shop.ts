import type { GitSandbox } from "./sandbox.ts";

/** A small shop as real services are laid out, for tests that look for the guilty one among harmless commits. */
const FILES = {
  "README.md": "# Shop\n\nA checkout with coupons.\n",
  "config/default.json": '{\n  "currency": "EUR",\n  "paymentTimeoutMs": 3000,\n  "freeShippingFrom": 50\n}\n',
  "src/app.js": `import express from "express";
import { checkout } from "./routes/checkout.js";
import { payRouter } from "./routes/pay.js";
import { listProducts } from "./catalogue.js";

export function createApp(deps) {
  const app = express();
  app.use(express.json());
  app.get("/products", (req, res) => res.json(listProducts()));
  app.post("/checkout", checkout(deps));
  app.use("/orders", payRouter(deps));
  return app;
}
`,
  "src/routes/checkout.js": `import { trace } from "@opentelemetry/api";
import { cartOf } from "../cart.js";
import { priceOf } from "../pricing.js";

export function checkout({ orders }) {
  return async (req, res) => {
    const cart = cartOf(req.body);
    const price = priceOf(cart, req.body.coupon);
    const order = await orders.create({ cart, price });
    const span = trace.getActiveSpan();
    span.setAttribute("shop.order.id", order.id);
    span.setAttribute("shop.order.total", price.total);
    res.status(201).json({ id: order.id, total: price.total });
  };
}
`,
  "src/routes/pay.js": `import { Router } from "express";
import { trace } from "@opentelemetry/api";
import { charge } from "../payments.js";

export function payRouter({ orders, events }) {
  const router = Router();
  router.post("/:id/pay", async (req, res) => {
    const order = await orders.get(req.params.id);
    if (order === undefined) {
      res.status(404).end();
      return;
    }
    const receipt = await charge(order, req.body.method);
    trace.getActiveSpan().setAttribute("shop.payment.status", receipt.status);
    await orders.markPaid(order.id, receipt);
    await events.publish("order.paid", { id: order.id, method: req.body.method });
    res.json(receipt);
  });
  return router;
}
`,
  "src/cart.js": `import { findProduct } from "./catalogue.js";

export function cartOf(body) {
  const items = [];
  for (const wanted of body.items ?? []) {
    const product = findProduct(wanted.sku);
    if (product === undefined) continue;
    items.push({ sku: product.sku, price: product.price, quantity: wanted.quantity });
  }
  return { items };
}

export function weightOf(cart) {
  return cart.items.reduce((sum, item) => sum + item.quantity, 0);
}
`,
  "src/catalogue.js": `const products = [
  { sku: "mug", name: "Mug", price: 9 },
  { sku: "shirt", name: "Shirt", price: 25 },
];

export function listProducts() {
  return products.map((product) => ({ ...product }));
}

export function findProduct(sku) {
  return products.find((product) => product.sku === sku);
}
`,
  "src/coupons.js": `const coupons = new Map([
  ["TEN", { kind: "fixed", amount: 10 }],
  ["HALF", { kind: "percent", amount: 50 }],
]);

export function findCoupon(code) {
  return coupons.get(code) ?? null;
}

/** What the coupon takes off. */
export function discountOf(coupon, subtotal) {
  if (coupon === null) return 0;
  if (coupon.kind === "percent") return (subtotal * coupon.amount) / 100;
  return Math.min(coupon.amount, subtotal);
}
`,
  "src/pricing.js": `import { discountOf, findCoupon } from "./coupons.js";

const SHIPPING = 5;

export function subtotalOf(cart) {
  let result = 0;
  for (const item of cart.items) {
    result += item.price * item.quantity;
  }
  return result;
}

export function priceOf(cart, code) {
  const subtotal = subtotalOf(cart);
  const discount = discountOf(findCoupon(code), subtotal);
  const shipping = subtotal >= 50 ? 0 : SHIPPING;
  return { subtotal, discount, shipping, total: subtotal - discount + shipping };
}
`,
  "src/payments.js": `export async function charge(order, method) {
  switch (method) {
    case "card":
      return { status: "paid", amount: order.price.total };
    case "invoice":
      return { status: "paid", amount: order.price.total, due: 14 };
    default:
      return { status: "refused", amount: 0 };
  }
}

export function receiptText(receipt) {
  return \`Paid \${receipt.amount.toFixed(2)}\`;
}
`,
  "src/worker.js": `import { trace } from "@opentelemetry/api";

const tracer = trace.getTracer("shop");

export function startWorker({ events, mail, orders }) {
  events.subscribe("order.paid", async (event) => {
    await tracer.startActiveSpan("order.confirm", async (span) => {
      const order = await orders.get(event.id);
      span.setAttribute("shop.order.id", order.id);
      await mail.send(order.email, confirmationText(order));
      await orders.markConfirmed(order.id);
      span.end();
    });
  });
}

export function confirmationText(order) {
  return \`Thank you, your order \${order.id} is confirmed.\`;
}
`,
  "test/pricing.test.js": `import { priceOf } from "../src/pricing.js";\n\nif (priceOf({ items: [] }).total !== 5) throw new Error("total");\n`,
} as const;

type Edit = readonly [path: string, from: string, to: string];

/** Commits that break nothing, though most speak of orders, totals, payment and confirmation, or touch the same files. */
export const HARMLESS: Readonly<Record<string, readonly Edit[]>> = {
  "Explain the order total in the README": [["README.md", "A checkout with coupons.", "The checkout charges the order total, which is never below zero; a paid order is confirmed."]],
  "Test more totals": [["test/pricing.test.js", 'throw new Error("total");', 'throw new Error("total");\nif (priceOf({ items: [{ price: 9, quantity: 1 }] }, "TEN").total < 0) throw new Error("negative order total at checkout");']],
  "Comment on discounts": [["src/coupons.js", "/** What the coupon takes off. */", "/** What the coupon takes off the order total at checkout: never more than the subtotal, so no total is below zero. */"]],
  "Name the sum in subtotalOf": [
    ["src/pricing.js", "let result = 0;", "let sum = 0;"],
    ["src/pricing.js", "result += item.price", "sum += item.price"],
    ["src/pricing.js", "return result;", "return sum;"],
  ],
  "Add a health endpoint": [["src/app.js", '  app.post("/checkout"', '  app.get("/health", (req, res) => res.json({ status: "ok" }));\n  app.post("/checkout"']],
  "Log every checkout": [["src/routes/checkout.js", "    res.status(201)", '    console.info("checkout of order", order.id, price.total);\n    res.status(201)']],
  "Add price formatting for the catalogue": [
    ["src/catalogue.js", "export function findProduct", 'export function priceLabel(product, currency) {\n  return `${product.price.toFixed(2)} ${currency}`;\n}\n\nexport function findProduct'],
  ],
  "Word the confirmation mail": [["src/worker.js", "is confirmed.", "is confirmed and will be sent soon."]],
  "Move receiptText up": [
    ["src/payments.js", "\nexport function receiptText(receipt) {\n  return `Paid ${receipt.amount.toFixed(2)}`;\n}\n", ""],
    ["src/payments.js", "export async function charge", "export function receiptText(receipt) {\n  return `Paid ${receipt.amount.toFixed(2)}`;\n}\n\nexport async function charge"],
  ],
};

/** Faults, each in one commit. */
export const FAULTS: Readonly<Record<string, readonly Edit[]>> = {
  "Simplify the cart": [
    ["src/cart.js", "    if (product === undefined) continue;\n", ""],
  ],
  "Stack fixed coupons": [["src/coupons.js", "return Math.min(coupon.amount, subtotal);", "return coupon.amount * 2;"]],
  "Pay faster": [["src/routes/pay.js", '    await events.publish("order.paid", { id: order.id, method: req.body.method });\n', ""]],
  "Confirm only card payments": [["src/worker.js", "    await tracer.startActiveSpan", '    if (event.method !== "card") return;\n    await tracer.startActiveSpan']],
  "Let invoices mature": [["src/payments.js", '"paid", amount: order.price.total, due: 14', '"open", due: 14']],
  "Load product details lazily": [["src/catalogue.js", "return products.find((product) => product.sku === sku);", "return products.find((product) => product.name === sku);"]],
  "Lower the free shipping bound": [["src/pricing.js", "subtotal >= 50 ? 0 : SHIPPING", "subtotal >= 50 ? -SHIPPING : SHIPPING"]],
};

/** Lays the shop and commits the named changes on top of it in that order. */
export function layShop(box: GitSandbox, changes: readonly string[]): { readonly good: string; readonly bad: string; readonly ids: Readonly<Record<string, string>> } {
  const texts = new Map<string, string>(Object.entries(FILES));
  const commits = changes.map((subject) => {
    const edits = HARMLESS[subject] ?? FAULTS[subject] ?? [];
    for (const [path, from, to] of edits) {
      const text = texts.get(path) ?? "";
      if (!text.includes(from)) throw new Error(`${subject}: ${path} does not hold ${from}`);
      texts.set(path, text.replace(from, () => to));
    }
    return { message: subject, files: Object.fromEntries(edits.map(([path]) => [path, texts.get(path) ?? ""])) };
  });
  const [good = "", ...ids] = box.lay([{ message: "Start the shop", files: FILES }, ...commits]);
  return { good, bad: ids.at(-1) ?? good, ids: Object.fromEntries(changes.map((subject, index) => [subject, ids[index] ?? ""])) };
}
