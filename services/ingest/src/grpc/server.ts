import { createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { BOUNDS } from "../bounds.ts";
import type { Front } from "../front.ts";
import { listen, type Listening } from "../listen.ts";
import { refusalOf } from "../refusal.ts";
import { serve } from "./call.ts";
import { Sessions, type SessionBounds } from "./sessions.ts";
import { fail } from "./status.ts";

/**
 * OTLP/gRPC, on the bare HTTP/2 of Node. A gRPC library hands messages over whole: until then their bytes would be in
 * nobody's budget, and a thousand slow senders of large messages would hold as much memory as they like. It would also
 * decode and encode what goes on as it came. Throws port.in_use.
 */
export async function startGrpc(front: Front, bounds: SessionBounds = BOUNDS): Promise<Listening> {
  const { log, config } = front;
  const sessions = new Sessions(bounds);
  const server = createServer({ settings: { maxConcurrentStreams: BOUNDS.streamsPerConnection, initialWindowSize: BOUNDS.streamWindowBytes, maxHeaderListSize: BOUNDS.headerBytes } });
  server.maxConnections = BOUNDS.connections;
  server.on("session", (session: ServerHttp2Session) => {
    sessions.add(session);
    session.setLocalWindowSize(BOUNDS.connectionWindowBytes);
    session.on("error", (error) => log.debug({ error: messageOf(error) }, "a gRPC connection broke off, or does not speak HTTP/2"));
  });
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    // Clients go away; their streams say so by an error that concerns nobody else.
    stream.on("error", (error) => log.debug({ error: messageOf(error) }, "a gRPC call broke off"));
    const busy = sessions.calls >= BOUNDS.streams;
    const call = sessions.follow(stream);
    if (busy) {
      fail(stream, refusalOf(new FirstfixError("ingest.full", `more than ${BOUNDS.streams} calls are under way`, { retryable: true })));
      return;
    }
    serve(front, stream, headers, { read: () => call.to("store") })
      .catch((error: unknown) => {
        log.error({ error: messageOf(error) }, "a gRPC call could not be answered");
        fail(stream, refusalOf(error));
      })
      .finally(() => call.to("answer"));
  });
  const url = await listen(server, config.host, config.grpcPort, "ingest.grpcPort");
  return {
    url,
    connections: () => sessions.connections,
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      await sessions.drain();
      await closed;
    },
  };
}
