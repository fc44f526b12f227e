import { createServer } from "node:http";
import express from "express";
import { quoteHandler } from "./cart.js";
import { listArticles } from "./catalog.js";
import { checkoutHandler } from "./checkout.js";
import { ConfirmationQueue } from "./confirmation.js";
import { Refusal } from "./errors.js";
import { OrderStore } from "./orders.js";
import { Settlement } from "./settlement.js";
import { keepRequestSpan } from "./tracing.js";

/** Builds the shop: its HTTP server (not listening yet) and the queue, which the tests wait for. */
export function createShop() {
  const orders = new OrderStore();
  const confirmations = new ConfirmationQueue(orders);
  const settlement = new Settlement(orders, confirmations);

  const app = express();
  app.disable("x-powered-by");
  app.use(express.json({ limit: "64kb" }));
  app.get("/healthz", (_request, response) => response.json({ status: "up" }));
  app.get("/catalog", (_request, response) => response.json({ articles: listArticles() }));
  app.post("/cart/quote", quoteHandler);
  app.post("/checkout", checkoutHandler({ orders, settlement }));
  app.get("/orders/:id", orderHandler(orders));
  app.use(answerError);

  const server = createServer((request, response) => {
    keepRequestSpan(request);
    app(request, response);
  });
  return { server, confirmations };
}

function orderHandler(orders) {
  return (request, response) => {
    const order = orders.find(request.params.id);
    if (order === undefined) throw new Refusal(404, "order_unknown", "There is no such order.");
    response.json({ id: order.id, status: order.status, total: order.total });
  };
}

/** Refusals and malformed requests keep their status; everything else is our fault and tells the customer nothing. */
function answerError(error, _request, response, next) {
  if (response.headersSent) return next(error);
  const status = error.status >= 400 && error.status < 500 ? error.status : 500;
  if (status === 500) console.error(error);
  response.status(status).json(status === 500 ? { error: "internal" } : { error: error.reason ?? "bad_request", message: error.message });
}
