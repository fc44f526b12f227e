// No framework: raw streams, handlers that never read the body, and errors that end the process.
import { createServer } from "node:http";

const server = createServer((request, response) => {
  if (request.url.startsWith("/stream")) {
    let bytes = 0;
    request.on("data", (chunk) => { bytes += chunk.length; });
    request.on("end", () => response.end(String(bytes)));
  } else if (request.url.startsWith("/ignore")) {
    response.end("ignored");
  } else if (request.url.startsWith("/fatal")) {
    const account = { owner: "ada", pin: "1234" };
    throw new Error(`no such account: ${account.owner}`);
  } else {
    response.writeHead(404).end();
  }
});
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening", server.address().port));
