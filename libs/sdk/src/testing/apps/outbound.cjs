// Calls others with secrets in the address, by `fetch` and by `http`, and fails with one in the message.
const { createServer, get } = require("node:http");

const server = createServer(async (request, response) => {
  if (request.url !== "/go") return response.end("{}");
  const base = `http://127.0.0.1:${server.address().port}`;
  await fetch(`${base}/a?api_key=S3CRET&page=2`);
  await fetch("http://127.0.0.1:1/b?token=S3CRET").catch(() => undefined);
  await new Promise((resolve) => get(`${base}/c?password=S3CRET`, (answer) => answer.resume().on("end", resolve)));
  require("@opentelemetry/api").trace.getActiveSpan().recordException(new Error("cannot connect to postgres://shop:S3CRET@db/shop"));
  response.end("done");
});
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening", server.address().port));
