import assert from "node:assert/strict";
import { test } from "node:test";
import { priceCart } from "../src/pricing.js";

const desk = [{ sku: "lamp" }, { sku: "notebook", quantity: 2 }];

test("a cart costs its lines", () => {
  const price = priceCart({ items: desk });
  assert.equal(price.subtotal, 8480);
  assert.equal(price.total, 8480);
});

test("a percent coupon takes its share of the goods", () => {
  const price = priceCart({ items: desk, coupon: "spring10" });
  assert.equal(price.discount, 848);
  assert.equal(price.total, 7632);
});

test("a flat coupon takes its amount", () => {
  assert.equal(priceCart({ items: desk, coupon: "TENOFF" }).total, 7480);
});

test("small orders pay for shipping, large ones do not", () => {
  assert.equal(priceCart({ items: [{ sku: "mug" }], shipping: { country: "FR" } }).shipping, 890);
  assert.equal(priceCart({ items: desk, shipping: { country: "FR" } }).shipping, 0);
});

test("what is not for sale is refused", () => {
  assert.throws(() => priceCart({ items: [] }), { status: 400 });
  assert.throws(() => priceCart({ items: [{ sku: "yacht" }] }), { status: 404 });
  assert.throws(() => priceCart({ items: [{ sku: "mug", quantity: 0 }] }), { status: 400 });
  assert.throws(() => priceCart({ items: desk, coupon: "NOPE" }), { status: 422 });
});
