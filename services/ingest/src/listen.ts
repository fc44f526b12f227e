import type { AddressInfo, Server } from "node:net";
import { FirstfixError, messageOf } from "@firstfix/kit";

export interface Listening {
  readonly url: string;
  /** How many are open now. */
  connections(): number;
  /** Takes no new connections, answers what is under way, then closes. */
  close(): Promise<void>;
}

/** Resolves to the base address. Throws port.in_use when another program listens there; `key` is where the port was configured. */
export async function listen(server: Server, host: string, port: number, key: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === "EADDRINUSE"
          ? new FirstfixError("port.in_use", `port ${port} on ${host} is in use by another program`, { hint: `Stop it (often an OpenTelemetry Collector or another Firstfix), or set ${key}.`, cause })
          : new FirstfixError("config.invalid", `cannot listen on ${host}:${port}: ${messageOf(cause)}`, { hint: `Check ingest.host and ${key}.`, cause }),
      );
    });
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${bound}`;
}
