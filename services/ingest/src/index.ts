import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { createAdaptorServer } from "@hono/node-server";
import { createIngestApp, type IngestDependencies } from "./app.ts";
import { BOUNDS } from "./bounds.ts";

export { createIngestApp, type IngestDependencies } from "./app.ts";

export interface Ingest {
  /** Base address for OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  /** Takes no new connections, answers what is under way, then closes. */
  close(): Promise<void>;
}

/** Starts OTLP/HTTP. Throws port.in_use when another program listens there. */
export async function startIngest(dependencies: IngestDependencies): Promise<Ingest> {
  const { config, log } = dependencies;
  const app = createIngestApp(dependencies);
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false, serverOptions: { requestTimeout: BOUNDS.requestMs, headersTimeout: BOUNDS.headersMs, connectionsCheckingInterval: BOUNDS.slowCheckMs } }) as Server;
  server.maxConnections = BOUNDS.connections;
  await listen(server, config.host, config.port);
  const { port } = server.address() as AddressInfo;
  const url = `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${port}`;
  log.info({ url }, "taking OTLP over HTTP");
  return { url, close: () => drain(server) };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === "EADDRINUSE"
          ? new FirstfixError("port.in_use", `port ${port} on ${host} is in use by another program`, { hint: "Stop it (often an OpenTelemetry Collector or another Firstfix), or set ingest.port.", cause })
          : new FirstfixError("config.invalid", `cannot listen on ${host}:${port}: ${messageOf(cause)}`, { hint: "Check ingest.host and ingest.port.", cause }),
      );
    });
    server.listen(port, host, resolve);
  });
}

async function drain(server: Server): Promise<void> {
  const late = setTimeout(() => server.closeAllConnections(), BOUNDS.drainMs);
  // Connections kept alive would hold the server open after their last answer.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(late);
  clearInterval(idle);
}
