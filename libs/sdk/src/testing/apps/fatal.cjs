// Its console says nothing, and it fails when nobody expects it.
const { createServer } = require("node:http");

console.error = () => undefined;
const server = createServer((_request, response) => {
  response.end("{}");
  setTimeout(() => {
    throw new Error("out of order");
  }, 20);
});
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening", server.address().port));
