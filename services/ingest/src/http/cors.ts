import { BOUNDS } from "../bounds.ts";
import type { Headers } from "./answer.ts";

/** What web pages may do. Browsers ask before they send JSON or a key, so a page of another origin never gets that far. */
export interface Cors {
  /** For every answer to a page of that origin; empty where nothing is allowed. */
  headers(origin: string | undefined): Headers;
  /** For the answer to a preflight; null where the origin is not allowed. */
  preflight(origin: string | undefined): Headers | null;
}

const PREFLIGHT: Headers = {
  "access-control-allow-methods": "POST",
  "access-control-allow-headers": "content-type, content-encoding, authorization, x-firstfix-key, traceparent, tracestate, baggage",
  "access-control-max-age": String(BOUNDS.preflightS),
};

/**
 * Named origins may also send with credentials, because `navigator.sendBeacon`, which exporters use, always does;
 * nothing here looks at cookies. With `*` they may not: browsers forbid it.
 */
export function createCors(origins: readonly string[]): Cors {
  const all = origins.includes("*");
  const named = new Set(origins.map((origin) => origin.toLowerCase().replace(/\/$/, "")));
  const none: Headers = origins.length === 0 ? {} : { vary: "origin" };
  const headers = (origin: string | undefined): Headers => {
    if (origin === undefined) return none;
    if (named.has(origin.toLowerCase())) return { ...none, "access-control-allow-origin": origin, "access-control-allow-credentials": "true", "access-control-expose-headers": "retry-after" };
    return all ? { "access-control-allow-origin": "*", "access-control-expose-headers": "retry-after" } : none;
  };
  return {
    headers,
    preflight: (origin) => {
      const allowed = headers(origin);
      return allowed["access-control-allow-origin"] === undefined ? null : { ...allowed, ...PREFLIGHT };
    },
  };
}
