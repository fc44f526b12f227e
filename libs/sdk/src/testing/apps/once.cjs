// Cleans up at the first signal and then raises it again, later.
const { createServer } = require("node:http");

const server = createServer((request, response) => request.resume().on("end", () => response.end("{}")));
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening", server.address().port));
process.once("SIGTERM", () => {
  setTimeout(() => {
    console.log("cleaned up");
    process.kill(process.pid, "SIGTERM");
  }, 100);
});
