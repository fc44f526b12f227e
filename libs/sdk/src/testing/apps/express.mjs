// The same as an ES module: `import` must be seen by the instrumentations as well as `require`.
import express from "express";
import { createHash } from "node:crypto";

const app = express();
app.use(express.text({ type: "text/plain" }));
app.post("/hash", (request, response) => {
  response.send(createHash("sha256").update(request.body).digest("hex"));
});
// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 takes them, and their rejections are the point here
app.get("/rejects", async () => {
  const order = { id: "o-1", lines: [1, 2, 3] };
  await Promise.resolve();
  throw new RangeError(`order ${order.id} is out of range`);
});

const server = app.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening", server.address().port));
