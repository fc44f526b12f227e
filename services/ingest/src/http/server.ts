import { createServer, type Server } from "node:http";
import { BOUNDS } from "../bounds.ts";
import type { Front } from "../front.ts";
import { listen, type Listening } from "../listen.ts";
import { answerBroken } from "./broken.ts";
import { createHandler } from "./handler.ts";

/** How long a client may take; tests have less patience. */
export type TimeBounds = Pick<Record<keyof typeof BOUNDS, number>, "requestMs" | "headersMs" | "slowCheckMs">;

/** OTLP/HTTP. Throws port.in_use. */
export async function startHttp(front: Front, bounds: TimeBounds = BOUNDS): Promise<Listening> {
  const { host, port } = front.config;
  const handler = createHandler(front);
  const server = createServer({ requestTimeout: bounds.requestMs, headersTimeout: bounds.headersMs, connectionsCheckingInterval: bounds.slowCheckMs, keepAliveTimeout: BOUNDS.idleMs, maxHeaderSize: BOUNDS.headerBytes, noDelay: true }, handler);
  // The handler says itself when it wants the body, so that a refusal comes before it.
  server.on("checkContinue", handler);
  answerBroken(server);
  server.maxConnections = BOUNDS.connections;
  // A client that never takes its answers is silent; its connection goes.
  server.timeout = BOUNDS.silentMs;
  const sockets = countConnections(server);
  const url = await listen(server, host, port, "ingest.port");
  return { url, connections: sockets, close: () => drain(server) };
}

function countConnections(server: Server): () => number {
  let open = 0;
  server.on("connection", (socket) => {
    open++;
    socket.once("close", () => open--);
  });
  return () => open;
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
