import { TestRepository } from "./repository.ts";

export const CLAUDE = "Co-Authored-By: Claude <noreply@anthropic.com>";

const COUPONS = `const COUPONS = { SAVE10: { percent: 10 }, SAVE20: { percent: 20 } };

export function findCoupon(code) {
  if (code === undefined) return null;
  return COUPONS[code] ?? null;
}

export function applyCoupon(order, code) {
  const coupon = findCoupon(code);
  if (coupon === null) return order;
  return { ...order, discount: coupon.percent };
}
`;
const ORDERS = `export function orderTotal(lines, discount) {
  const sum = lines.reduce((all, line) => all + line.price * line.quantity, 0);
  const reduced = sum - (sum * discount) / 100;
  return Math.max(0, reduced);
}

export function describeOrder(order) {
  return order.lines.map((line) => line.name).join(", ");
}
`;
const SERVER = `import { applyCoupon } from "./coupons.js";
import { orderTotal } from "./orders.js";
import { pay } from "./payment.js";

app.post("/coupon", (request, response) => {
  response.json(applyCoupon(request.body.order, request.body.code));
});

app.post("/checkout", (request, response) => {
  const { lines, discount } = request.body;
  const total = orderTotal(lines, discount);
  span.setAttribute("shop.order.total", total);
  response.json({ total });
});

app.post("/pay", async (request, response) => {
  response.json(await pay(request.body.order, request.body.card));
});
`;
const PAYMENT = `import { gateway } from "./gateway.js";

export async function pay(order, card) {
  const answer = await gateway.charge(card, order.total);
  const receipt = answer.receipt ?? { id: null };
  return { status: "paid", receipt: receipt.id };
}
`;

/** A small shop: one good revision, then harmless changes among three bad ones. */
export function layShop(): { readonly repository: TestRepository; readonly good: string; readonly bad: string; readonly guilty: { readonly coupon: string; readonly total: string; readonly pay: string } } {
  const repository = new TestRepository();
  const good = repository.commit("Open the shop", {
    ".firstfix.yaml": "services:\n  shop:\n    start: node src/server.js\n    inApp: [src/]\n",
    ".kiro/specs/shop/requirements.md": `# Requirements

### Requirement 1: Orders

**User Story:** As a customer, I want fair totals.

#### Acceptance Criteria

1. WHEN an order is checked out, THE Shop SHALL report an order total that is not negative.
2. WHEN a payment is made, THE Shop SHALL answer without an error.
3. WHEN an order is placed, THE Shop SHALL ship it.
`,
    ".kiro/specs/shop/bindings.yaml": `bindings:
  - requirement: "1.1"
    name: total-never-negative
    when: span.name == "POST /checkout" && has(span.attributes["shop.order.total"])
    require: double(span.attributes["shop.order.total"]) >= 0.0
  - requirement: "1.2"
    name: payment-answers
    when: span.name == "POST /pay" && span.kind == "server"
    require: span.status != "error"
  - requirement: "1.3"
    name: placed-order-is-shipped
    when: span.name == "POST /orders"
    eventually: span.name == "order.ship"
    within: 100ms
    key: span.attributes["shop.order.id"]
  - requirement: "9.9"
    name: nowhere
    when: "true"
    require: "true"
`,
    "src/coupons.js": COUPONS,
    "src/orders.js": ORDERS,
    "src/payment.js": PAYMENT,
    "src/server.js": SERVER,
    "README.md": "# Shop\n",
  });
  repository.commit("Explain the shop", { "README.md": "# Shop\n\nSells things.\n" });
  const coupon = repository.commit(`Look coupons up directly\n\n${CLAUDE}`, { "src/coupons.js": COUPONS.replace("  const coupon = findCoupon(code);\n  if (coupon === null) return order;\n", "  const coupon = COUPONS[code];\n") });
  repository.commit("Log the start", { "src/server.js": `${SERVER}console.log("shop");\n` });
  const total = repository.commit("Let vouchers reduce the order total\n\nCo-authored-by: Cursor <cursoragent@cursor.com>", { "src/orders.js": ORDERS.replace("  return Math.max(0, reduced);\n", "  return reduced - 20;\n") });
  const pay = repository.commit("Read the receipt at once", { "src/payment.js": PAYMENT.replace("answer.receipt ?? { id: null }", "answer.result.receipt") });
  const bad = repository.commit("Note the opening hours", { "README.md": "# Shop\n\nSells things from 9 to 5.\n" });
  return { repository, good, bad, guilty: { coupon, total, pay } };
}

export const FIXED_COUPONS = COUPONS;
