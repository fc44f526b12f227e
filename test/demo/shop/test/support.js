import { createShop } from "../src/app.js";

/** Runs the shop on a free port for one test file. */
export async function startShop() {
  const { server, confirmations } = createShop();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    confirmations,
    get: async (path) => answer(await fetch(url + path)),
    post: async (path, body) => answer(await fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    })),
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** A checkout that succeeds; a test changes what it is about. */
export function orderOf(changes = {}) {
  return {
    items: [{ sku: "notebook", quantity: 2 }, { sku: "pencil", quantity: 3 }],
    shipping: { country: "DE", postcode: "10115" },
    customer: { email: "customer@shop.example" },
    payment: { method: "card", token: "tok_visa" },
    ...changes,
  };
}

async function answer(response) {
  return { status: response.status, body: await response.json() };
}
