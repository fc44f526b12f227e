import type { Signal } from "../schema.ts";

export interface WalkLimits {
  readonly recordsMax: number;
  /** Of one record, event, link, resource or scope. */
  readonly attributesMax: number;
  /** Arrays and key-value lists within each other, in one value. */
  readonly depthMax: number;
  /** The present in milliseconds since the epoch; records outside now − past … now + future are rejected. */
  readonly nowMs: number;
  readonly pastMs: number;
  readonly futureMs: number;
}

/** Why a record does not go on. Each is an index of the counters; 0 is none. */
export const NONE = 0;
export const TOO_MANY = 1;
export const BAD_TRACE_ID = 2;
export const BAD_SPAN_ID = 3;
export const BAD_PARENT_ID = 4;
export const OUT_OF_WINDOW = 5;
export const EVENT_OUT_OF_WINDOW = 6;
export const END_BEFORE_START = 7;
export const ATTRIBUTES = 8;
export const DEPTH = 9;
export const REJECTIONS = 10;

/** The sentence for partial_success: every reason with how many records it took. */
export function explain(signal: Signal, counts: Uint32Array, limits: WalkLimits): string {
  const noun = signal === "traces" ? "spans" : "log records";
  const parts: string[] = [];
  counts.forEach((count, reason) => {
    if (count > 0) parts.push(`${count} ${text(reason, signal, limits)}`);
  });
  return `rejected ${noun}: ${parts.join("; ")}`;
}

function text(reason: number, signal: Signal, limits: WalkLimits): string {
  const from = at(limits.nowMs - limits.pastMs);
  const to = at(limits.nowMs + limits.futureMs);
  switch (reason) {
    case TOO_MANY:
      return `beyond the ${limits.recordsMax} that one request may hold (send smaller batches)`;
    case BAD_TRACE_ID:
      return signal === "traces" ? "with a trace_id that is not 16 bytes or all zero" : "with a trace_id that is neither empty nor 16 bytes";
    case BAD_SPAN_ID:
      return signal === "traces" ? "with a span_id that is not 8 bytes or all zero" : "with a span_id that is neither empty nor 8 bytes";
    case BAD_PARENT_ID:
      return "with a parent_span_id that is neither empty nor 8 bytes";
    case OUT_OF_WINDOW:
      return `with a time outside ${from} … ${to} (check the sender's clock)`;
    case EVENT_OUT_OF_WINDOW:
      return `with an event whose time is outside ${from} … ${to}`;
    case END_BEFORE_START:
      return "that end before they start";
    case ATTRIBUTES:
      return `with more than ${limits.attributesMax} attributes in one place`;
    default:
      return `with values nested more than ${limits.depthMax} deep`;
  }
}

function at(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}
