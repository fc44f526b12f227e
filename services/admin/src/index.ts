import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { FirstfixError, messageOf, type Config } from "@firstfix/kit";
import { createAdminApp, type AdminDependencies } from "./app.ts";

export { ADMIN_HEADER } from "./app.ts";
export * from "./api.ts";
export type { Operation, OperationLine, Operations, Tell } from "./operations/api.ts";
export { Health, within, type HealthReport, type PartReport, type PartState } from "./health.ts";
export { addLag, createMetrics, type Metrics } from "./metrics.ts";
export { StuckLag } from "./stuck.ts";
export { waitFor, type WaitOptions } from "./wait.ts";

/** Probes, a scraper and a person: more at once is a mistake. */
const CONNECTIONS_MAX = 64;
const HEADERS_MS = 5000;

export interface Admin {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the admin server. Throws port.in_use when another program listens there. */
export async function startAdmin(config: Config["admin"], dependencies: AdminDependencies): Promise<Admin> {
  const { host, port } = config;
  const server = createAdaptorServer({ fetch: createAdminApp(dependencies).fetch, overrideGlobalObjects: false, serverOptions: { headersTimeout: HEADERS_MS } }) as Server;
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === "EADDRINUSE"
          ? new FirstfixError("port.in_use", `port ${port} on ${host} is in use by another program`, { hint: "Stop it (another Firstfix?), or set admin.port (FIRSTFIX_ADMIN_PORT); 0 picks a free one.", cause })
          : new FirstfixError("config.invalid", `cannot listen on ${host}:${port}: ${messageOf(cause)}`, { hint: "Check admin.host and admin.port.", cause }),
      );
    });
    server.listen(port, host, resolve);
  });
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${name}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeAllConnections();
      await closed;
    },
  };
}
