import { createServer, type AddressInfo } from "node:net";

/** The system may give a port again that nobody listens on yet; who asks for several wants different ones. */
const given = new Set<number>();

/** A port that was free a moment ago, and that this process was not given before. */
export async function freePort(preferred = 0): Promise<number> {
  const port = await new Promise<number>((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => (preferred === 0 ? reject(error) : resolve(freePort())));
    server.listen(preferred, "127.0.0.1", () => {
      const address = server.address() as AddressInfo;
      server.close(() => resolve(address.port));
    });
  });
  if (preferred === 0 && given.has(port)) return freePort();
  given.add(port);
  return port;
}
