import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { FirstfixError } from "@firstfix/kit";
import { encodeStatus, encodeSuccess, jsonToProtobuf, type Encoding, type Signal } from "@firstfix/otlp";
import { BOUNDS } from "../bounds.ts";
import type { BodyLimit } from "../decompress.ts";
import type { Front } from "../front.ts";
import { presentedKey } from "../keys.ts";
import { RPC, refusalOf } from "../refusal.ts";
import { answer, CONTENT_TYPES, encodingOf, refuse } from "./answer.ts";
import { checkHeaders, readBody } from "./body.ts";
import { createCors } from "./cors.ts";

const SIGNALS: ReadonlyMap<string, Signal> = new Map([
  ["/v1/traces", "traces"],
  ["/v1/logs", "logs"],
]);
const NOT_ACCEPTED = "are not accepted here: send traces to /v1/traces and logs to /v1/logs";
const EMPTY = new Uint8Array();

/** OTLP over HTTP, on the bare server of Node: a framework's requests and answers cost more than all else here. */
export function createHandler(front: Front): RequestListener {
  const { config } = front;
  const cors = createCors(config.corsOrigins);

  const receive = async (signal: Signal, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { headers } = request;
    const crossOrigin = cors.headers(headers.origin);
    const encoding = encodingOf(headers["content-type"]);
    const outcome = await front.receive({
      transport: "http",
      signal,
      presented: presentedKey(single(headers["x-firstfix-key"]), headers.authorization),
      read: async (share) => {
        if (encoding === null) throw new FirstfixError("otlp.unsupported", "the content type must be application/x-protobuf or application/json");
        const limit = bodyLimit(encoding, config.bodyBytesMax);
        checkHeaders(request, limit, front.decompressor);
        if (headers.expect !== undefined) response.writeContinue();
        const body = await readBody(request, limit, share, front.decompressor);
        return { request: encoding === "json" ? jsonToProtobuf(signal, body) : body, bytes: body.length };
      },
    });
    if (!outcome.stored) refuse(request, response, encoding ?? "json", outcome.refusal, crossOrigin);
    else answer(request, response, 200, encodeSuccess(signal, encoding as Encoding, outcome.partial), { ...crossOrigin, "content-type": CONTENT_TYPES[encoding as Encoding] });
  };

  const preflight = (request: IncomingMessage, response: ServerResponse): void => {
    const allowed = cors.preflight(request.headers.origin);
    if (allowed !== null) answer(request, response, 204, EMPTY, allowed);
    else say(request, response, 403, RPC.unauthenticated, "pages of this origin may not send here: name it in ingest.corsOrigins");
  };

  return (request, response) => {
    const path = pathOf(request.url ?? "/");
    const signal = SIGNALS.get(path);
    if (signal !== undefined && request.method === "POST") {
      receive(signal, request, response).catch((error: unknown) => {
        front.log.error({ error }, "a request could not be answered");
        refuse(request, response, "json", refusalOf(error), {});
      });
    } else if (request.method === "OPTIONS" && config.corsOrigins.length > 0) preflight(request, response);
    else if (signal !== undefined) say(request, response, 405, RPC.unimplemented, "only POST is allowed here", { allow: "POST" });
    else if (path === "/healthz") answer(request, response, 200, Buffer.from('{"status":"ok"}'), { "content-type": "application/json" });
    else if (path === "/v1/metrics") say(request, response, 404, RPC.notFound, `metrics ${NOT_ACCEPTED}`, cors.headers(request.headers.origin));
    else if (path === "/v1development/profiles") say(request, response, 404, RPC.notFound, `profiles ${NOT_ACCEPTED}`);
    else say(request, response, 404, RPC.notFound, `no ${path.slice(0, 200)} here: OTLP/HTTP is at /v1/traces and /v1/logs`);
  };
}

function say(request: IncomingMessage, response: ServerResponse, status: number, code: number, message: string, headers: Readonly<Record<string, string>> = {}): void {
  const encoding = encodingOf(request.headers["content-type"]) ?? "json";
  answer(request, response, status, encodeStatus(encoding, code, message), { "content-type": CONTENT_TYPES[encoding], ...headers });
}

function pathOf(url: string): string {
  const end = url.indexOf("?");
  return end < 0 ? url : url.slice(0, end);
}

function single(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? header : header?.[0];
}

function bodyLimit(encoding: Encoding, bytesMax: number): BodyLimit {
  if (encoding === "json" && bytesMax > BOUNDS.jsonBodyBytes) return { bytesMax: BOUNDS.jsonBodyBytes, limit: "This is the limit for JSON: send smaller batches, or protobuf." };
  return { bytesMax, limit: "Send smaller batches, or raise ingest.bodyBytesMax." };
}
