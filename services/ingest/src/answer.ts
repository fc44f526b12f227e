import { FirstfixError, messageOf } from "@firstfix/kit";
import { encodeStatus, type Encoding } from "@firstfix/otlp";
import { ENCODINGS } from "./body.ts";
import { BOUNDS } from "./bounds.ts";

/** Codes of google.rpc.Code that are used here. */
const RPC = { invalidArgument: 3, notFound: 5, resourceExhausted: 8, unimplemented: 12, unavailable: 14 } as const;

export const CONTENT_TYPES: Readonly<Record<Encoding, string>> = { protobuf: "application/x-protobuf", json: "application/json" };

/** The encoding of a request by its content type, null where it is neither of OTLP's. */
export function encodingOf(contentType: string | null): Encoding | null {
  const type = (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (type === CONTENT_TYPES.protobuf) return "protobuf";
  return type === CONTENT_TYPES.json ? "json" : null;
}

export function answer(status: number, encoding: Encoding, body: Uint8Array, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body as Uint8Array<ArrayBuffer>, { status, headers: { "content-type": CONTENT_TYPES[encoding], ...headers } });
}

export function notFound(encoding: Encoding, message: string): Response {
  return answer(404, encoding, encodeStatus(encoding, RPC.notFound, message));
}

export function methodNotAllowed(encoding: Encoding): Response {
  return answer(405, encoding, encodeStatus(encoding, RPC.unimplemented, "only POST is allowed here"), { allow: "POST" });
}

/**
 * The answer to a request that was not stored. Clients retry 429 and 503 only. What is not known to be the request's
 * own fault is answered 503: the data is not stored, and any other status would make the client drop it.
 */
export function refusal(error: unknown, encoding: Encoding): Response {
  const retry = { "retry-after": String(BOUNDS.retryAfterS) };
  const code = error instanceof FirstfixError ? error.code : null;
  const message = error instanceof FirstfixError ? [error.message, error.hint].filter(Boolean).join(". ") : messageOf(error);
  const reply = (status: number, rpc: number, headers?: Readonly<Record<string, string>>): Response => answer(status, encoding, encodeStatus(encoding, rpc, message), headers);
  switch (code) {
    case "otlp.malformed":
    case "store.rejected":
      return reply(400, RPC.invalidArgument);
    case "otlp.too_large":
      return reply(413, RPC.invalidArgument);
    case "otlp.unsupported":
      return reply(415, RPC.invalidArgument, { "accept-encoding": ENCODINGS, accept: Object.values(CONTENT_TYPES).join(", ") });
    case "ingest.full":
      return reply(429, RPC.resourceExhausted, retry);
    case "store.unavailable":
      return reply(503, RPC.unavailable, retry);
    default:
      return answer(503, encoding, encodeStatus(encoding, RPC.unavailable, "the data could not be stored; try again"), retry);
  }
}
