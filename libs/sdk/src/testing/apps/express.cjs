// A CommonJS application on Express, as a user would write it: nothing here knows of telemetry.
const express = require("express");

const app = express();
app.use(express.json());
app.post("/echo", (request, response) => response.json(request.body));
app.post("/throws", (request) => {
  const basket = { items: request.body.items, password: "hunter2" };
  return total(basket, request.body.customer);
});
// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 takes them, and their rejections are the point here
app.post("/rejects", async (request) => {
  await new Promise((resolve) => setImmediate(resolve));
  return total({ items: [] }, request.body.customer);
});
app.get("/refused", (_request, _response, next) => next(Object.assign(new Error("not today"), { status: 409 })));
app.get("/items/:id", (request, response) => response.json({ id: request.params.id }));

function total(basket, customer) {
  const label = customer.name.toUpperCase();
  return `${label}: ${basket.items.length}`;
}

const server = app.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening", server.address().port));
