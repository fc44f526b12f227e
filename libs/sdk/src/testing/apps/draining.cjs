// A service that finishes its jobs before it ends, as a well-behaved one does on SIGTERM.
const { createServer } = require("node:http");
const { trace } = require("@opentelemetry/api");

const server = createServer((request, response) => {
  setTimeout(() => trace.getTracer("orders").startSpan("order.confirm").end(), 400);
  request.resume().on("end", () => response.end("{}"));
});
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening", server.address().port));
process.once("SIGTERM", () => server.close());
