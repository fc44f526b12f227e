import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { orderOf, startShop } from "./support.js";

let shop;
before(async () => { shop = await startShop(); });
after(() => shop.stop());

test("an order is placed, paid and confirmed", async () => {
  const { status, body } = await shop.post("/checkout", orderOf());
  assert.equal(status, 201);
  assert.equal(body.total, 3640);
  assert.equal(body.receipt.amount, 3640);
  await shop.confirmations.idle();
  assert.equal((await shop.get(`/orders/${body.id}`)).body.status, "confirmed");
});

test("every payment method is accepted", async () => {
  for (const method of ["card", "wallet", "invoice"]) {
    const { status, body } = await shop.post("/checkout", orderOf({ payment: { method, token: "tok_any" } }));
    assert.equal(status, 201, method);
    assert.equal(body.receipt.method, method);
  }
});

test("a declined payment is told, and the order is not confirmed", async () => {
  const { status, body } = await shop.post("/checkout", orderOf({ payment: { method: "card", token: "tok_declined" } }));
  assert.equal(status, 402);
  assert.equal(body.error, "payment_declined");
});

test("an order needs a customer and a known payment method", async () => {
  assert.equal((await shop.post("/checkout", orderOf({ customer: {} }))).status, 400);
  assert.equal((await shop.post("/checkout", orderOf({ payment: { method: "shells" } }))).status, 400);
});
