import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { FirstfixError } from "@firstfix/kit";
import { encodeSuccess, type Signal } from "@firstfix/otlp";
import type { Share } from "../budget.ts";
import type { Body, Front } from "../front.ts";
import { presentedKey } from "../keys.ts";
import { RPC } from "../refusal.ts";
import { readMessage } from "./message.ts";
import { fail, failHttp, succeed } from "./status.ts";

const SIGNALS: ReadonlyMap<string, Signal> = new Map([
  ["/opentelemetry.proto.collector.trace.v1.TraceService/Export", "traces"],
  ["/opentelemetry.proto.collector.logs.v1.LogsService/Export", "logs"],
]);
const NOT_ACCEPTED: ReadonlyMap<string, string> = new Map([
  ["/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "metrics are not accepted here: send traces and logs"],
  ["/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export", "profiles are not accepted here: send traces and logs"],
]);
const CONTENT_TYPE = /^application\/grpc(\+proto)?\s*(;|$)/i;

export interface Call {
  /** Resolves when the request was read; what follows is the store's time, not the client's. */
  read(): void;
}

/** One call: resolves when its answer was handed to the connection. */
export async function serve(front: Front, stream: ServerHttp2Stream, headers: IncomingHttpHeaders, call: Call): Promise<void> {
  if (headers[":method"] !== "POST") return failHttp(stream, 405);
  if (!CONTENT_TYPE.test(headers["content-type"] ?? "")) return failHttp(stream, 415);
  const path = headers[":path"] ?? "";
  const signal = SIGNALS.get(path);
  if (signal === undefined) return fail(stream, { grpc: RPC.unimplemented, message: NOT_ACCEPTED.get(path) ?? `no ${path.slice(0, 200)} here: OTLP/gRPC is TraceService/Export and LogsService/Export`, retryAfterMs: null });
  const outcome = await front.receive({
    transport: "grpc",
    signal,
    presented: presentedKey(single(headers["x-firstfix-key"]), headers.authorization),
    read: async (share) => {
      const body = await readBody(front, stream, (single(headers["grpc-encoding"]) ?? "identity").trim().toLowerCase(), share);
      call.read();
      return body;
    },
  });
  if (outcome.stored) succeed(stream, encodeSuccess(signal, "protobuf", outcome.partial));
  else fail(stream, outcome.refusal);
}

async function readBody(front: Front, stream: ServerHttp2Stream, encoding: string, share: Share): Promise<Body> {
  front.decompressor.check(encoding);
  const limit = { bytesMax: front.config.bodyBytesMax, limit: "Send smaller batches, or raise ingest.bodyBytesMax." };
  const { compressed, data } = await readMessage(stream, limit, share);
  if (compressed && encoding === "identity") throw new FirstfixError("otlp.malformed", "the message is compressed, but grpc-encoding does not say how");
  const request = compressed ? await front.decompressor.run(encoding, data, limit, share) : data;
  return { request, bytes: request.length };
}

function single(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? header : header?.[0];
}
