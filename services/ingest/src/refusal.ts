import { FirstfixError, messageOf } from "@firstfix/kit";
import { BOUNDS } from "./bounds.ts";

/** Codes of google.rpc.Code that are used here. */
export const RPC = { ok: 0, invalidArgument: 3, notFound: 5, resourceExhausted: 8, unimplemented: 12, internal: 13, unavailable: 14, unauthenticated: 16 } as const;

/** Why a request was not stored, for both protocols. */
export interface Refusal {
  /** A code of FirstfixError, or `unknown`: for counters. */
  readonly reason: string;
  readonly http: number;
  readonly grpc: number;
  readonly message: string;
  /** When the client should come again, in milliseconds; null when the same request can never succeed. */
  readonly retryAfterMs: number | null;
}

export class RateLimited extends FirstfixError {
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number) {
    super("ingest.rate_limited", message, { retryable: true, hint: "Send less, or raise the rate of this key in ingest.keys." });
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Clients retry 429 and 503, UNAVAILABLE, and RESOURCE_EXHAUSTED with RetryInfo. What is not known to be the request's
 * own fault is answered so: the data is not stored, and any other answer would make the client drop it.
 */
export function refusalOf(error: unknown): Refusal {
  const reason = error instanceof FirstfixError ? error.code : "unknown";
  const message = error instanceof FirstfixError ? [error.message, error.hint].filter(Boolean).join(". ") : messageOf(error);
  const final = (http: number, grpc: number): Refusal => ({ reason, http, grpc, message, retryAfterMs: null });
  const later = (http: number, grpc: number, retryAfterMs: number = BOUNDS.retryAfterMs): Refusal => ({ reason, http, grpc, message, retryAfterMs });
  switch (reason) {
    case "otlp.malformed":
    case "store.rejected":
      return final(400, RPC.invalidArgument);
    case "ingest.unauthorized":
      return final(401, RPC.unauthenticated);
    case "otlp.too_large":
      return final(413, RPC.resourceExhausted);
    case "otlp.unsupported":
      return final(415, RPC.unimplemented);
    case "ingest.rate_limited":
      return later(429, RPC.resourceExhausted, error instanceof RateLimited ? error.retryAfterMs : BOUNDS.retryAfterMs);
    case "ingest.full":
      return later(429, RPC.unavailable);
    default:
      // What is wrong inside, with names of brokers and folders, is for the log and not for whoever sends.
      return { ...later(503, RPC.unavailable), message: "the data cannot be stored at present; try again" };
  }
}
