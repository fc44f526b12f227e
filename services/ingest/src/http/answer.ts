import type { IncomingMessage, ServerResponse } from "node:http";
import { encodeStatus, type Encoding } from "@firstfix/otlp";
import { BOUNDS } from "../bounds.ts";
import { ENCODINGS } from "../decompress.ts";
import type { Refusal } from "../refusal.ts";

export type Headers = Readonly<Record<string, string>>;

export const CONTENT_TYPES: Readonly<Record<Encoding, string>> = { protobuf: "application/x-protobuf", json: "application/json" };

/** The encoding of a request by its content type, null where it is neither of OTLP's. */
export function encodingOf(contentType: string | undefined): Encoding | null {
  if (contentType === undefined) return null;
  const end = contentType.indexOf(";");
  const type = (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
  if (type === CONTENT_TYPES.protobuf) return "protobuf";
  return type === CONTENT_TYPES.json ? "json" : null;
}

/** Answers, also when the request was not read to its end. Does nothing where the client has gone. */
export function answer(request: IncomingMessage, response: ServerResponse, status: number, body: Uint8Array, headers: Headers): void {
  if (response.headersSent || response.destroyed) return;
  const announced = Number(request.headers["content-length"] ?? (request.headers["transfer-encoding"] === undefined ? 0 : Infinity));
  if (request.complete || announced <= BOUNDS.smallBodyBytes) {
    response.writeHead(status, { ...headers, "content-length": body.length });
    response.end(body);
  } else linger(request, response, status, body, headers);
}

/** The body of a refusal is encoded as the request was. */
export function refuse(request: IncomingMessage, response: ServerResponse, encoding: Encoding, refusal: Refusal, headers: Headers): void {
  const more: Record<string, string> = { "content-type": CONTENT_TYPES[encoding] };
  // Whole seconds, and never before the time that was meant.
  if (refusal.retryAfterMs !== null) more["retry-after"] = String(Math.max(1, Math.ceil(refusal.retryAfterMs / 1000)));
  if (refusal.http === 401) more["www-authenticate"] = 'Bearer realm="firstfix"';
  if (refusal.http === 415) Object.assign(more, { "accept-encoding": ENCODINGS, accept: Object.values(CONTENT_TYPES).join(", ") });
  answer(request, response, refusal.http, encodeStatus(encoding, refusal.grpc, refusal.message), { ...headers, ...more });
}

/**
 * The answer goes out whole at once, but the connection is closed a little later: closing it while the client still
 * sends would reset it, and the answer would be lost on the way.
 */
function linger(request: IncomingMessage, response: ServerResponse, status: number, body: Uint8Array, headers: Headers): void {
  response.writeHead(status, { ...headers, "content-length": body.length, connection: "close" });
  response.write(body);
  const end = (): void => {
    clearTimeout(timer);
    request.removeAllListeners("data");
    response.end();
  };
  const timer = setTimeout(end, BOUNDS.lingerMs);
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > BOUNDS.lingerBytes) request.pause();
  });
  request.once("end", end).once("close", end);
  request.resume();
}
