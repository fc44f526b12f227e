// The algorithm of the package `signal-exit`: it kills the process only where nobody but it listens.
const { createServer } = require("node:http");

const server = createServer((request, response) => request.resume().on("end", () => response.end("{}")));
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening", server.address().port));
const onSignal = () => {
  if (process.listeners("SIGTERM").length > 1) return;
  process.removeListener("SIGTERM", onSignal);
  console.log("cleaned up");
  process.kill(process.pid, "SIGTERM");
};
process.on("SIGTERM", onSignal);
