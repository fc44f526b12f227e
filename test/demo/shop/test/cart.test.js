import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startShop } from "./support.js";

let shop;
before(async () => { shop = await startShop(); });
after(() => shop.stop());

test("a quote shows how the total comes about", async () => {
  const { status, body } = await shop.post("/cart/quote", { items: [{ sku: "mug", quantity: 2 }], coupon: "SPRING10", shipping: { country: "AT" } });
  assert.equal(status, 200);
  assert.deepEqual([body.subtotal, body.discount, body.shipping, body.total], [2980, 298, 690, 3372]);
});

test("an empty cart and a body that is not JSON are refused", async () => {
  assert.equal((await shop.post("/cart/quote", { items: [] })).status, 400);
  assert.equal((await shop.post("/cart/quote", "just text")).status, 400);
});

test("the catalogue is listed and unknown orders are not found", async () => {
  assert.ok((await shop.get("/catalog")).body.articles.length > 3);
  assert.equal((await shop.get("/orders/ord_none")).status, 404);
});
