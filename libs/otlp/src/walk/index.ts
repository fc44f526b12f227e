import { LIMITS } from "@firstfix/kit";
import type { Signal } from "../schema.ts";
import { explain, type WalkLimits } from "./rejections.ts";
import { rewrite } from "./rewrite.ts";
import { Scan } from "./scan.ts";

export type { WalkLimits } from "./rejections.ts";

export interface WalkResult {
  /** Spans or log records in the request, rejected ones included. */
  readonly records: number;
  readonly rejected: number;
  /** Why, in one sentence for the sender; null when nothing was rejected. */
  readonly reason: string | null;
  /** What was changed in records that go on, in one sentence for the sender; null when nothing was. */
  readonly warning: string | null;
  /** What goes on: the very buffer that came in, unless something had to be left out or written anew. */
  readonly body: Uint8Array;
  /** Earliest and latest time of the records that go on, in milliseconds since the epoch (a span's start); both 0 when there are none. */
  readonly timeMinMs: number;
  readonly timeMaxMs: number;
}

/**
 * Walks an OTLP Export request without decoding it: checks that it is well-formed, counts its records, and takes out
 * those that the store could not take (ids of a wrong length, times outside the window, more than the limits).
 * Nested arrays and key-value lists become JSON text, because the engine's schema cannot recurse.
 * Throws otlp.malformed when the bytes are no such request, otlp.too_large when it holds far more than its records. Pure; the time is in `limits`.
 */
export function walkRequest(signal: Signal, body: Uint8Array, limits: WalkLimits): WalkResult {
  return walk(signal, body, limits, false);
}

/** `walked` bodies have been here before: their JSON fields are ours and stay. Only decoding asks for that. */
export function walk(signal: Signal, body: Uint8Array, limits: WalkLimits, walked: boolean): WalkResult {
  const scan = new Scan(signal, body, limits, walked);
  scan.request();
  const rejected = scan.rejected;
  return {
    records: scan.records,
    rejected,
    reason: rejected === 0 ? null : explain(signal, scan.counts, limits),
    warning: scan.repaired === 0 ? null : `${scan.repaired} texts were not UTF-8: their invalid bytes were replaced by U+FFFD`,
    body: scan.clean ? body : rewrite(signal, body, scan, limits.nowMs),
    timeMinMs: scan.first > scan.last ? 0 : Math.floor(scan.first / 1e6),
    timeMaxMs: scan.first > scan.last ? 0 : Math.ceil(scan.last / 1e6),
  };
}

/** The limits of LIMITS at a present; `overrides` for what is configured. */
export function walkLimits(nowMs: number, overrides: Partial<WalkLimits> = {}): WalkLimits {
  return {
    recordsMax: LIMITS.otlpSpansPerRequest,
    attributesMax: LIMITS.otlpAttributesPerRecord,
    depthMax: LIMITS.otlpNestingDepth,
    pastMs: LIMITS.otlpPastMs,
    futureMs: LIMITS.otlpFutureMs,
    ...overrides,
    nowMs,
  };
}
