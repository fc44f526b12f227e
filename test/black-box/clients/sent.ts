/**
 * What a client sent, told by the client itself from its SDK's own records (not from its exporter), in one form for all
 * languages. Numbers that JSON cannot hold exactly are texts: times in nanoseconds since the epoch, 64-bit integers,
 * and doubles where they are not finite.
 */
export interface Sent {
  readonly spans: readonly SentSpan[];
  readonly logs: readonly SentLog[];
}

/** One attribute value with its type as OTLP has it. */
export type Value =
  | { readonly string: string }
  | { readonly int: string }
  | { readonly double: number | string }
  | { readonly bool: boolean }
  | { readonly bytes: string }
  | { readonly array: readonly Value[] }
  | { readonly map: Values };

export type Values = Readonly<Record<string, Value>>;

export interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** "" for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: string;
  readonly start: string;
  readonly end: string;
  readonly status: string;
  readonly statusMessage: string;
  readonly scope: string;
  readonly resource: Values;
  readonly attributes: Values;
  readonly events: readonly { readonly time: string; readonly name: string; readonly attributes: Values }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string; readonly attributes: Values }[];
}

export interface SentLog {
  /** "" where the record has none. */
  readonly traceId: string;
  readonly spanId: string;
  readonly time: string;
  readonly severity: number;
  readonly severityText: string;
  readonly eventName: string;
  /** Null where the record has none. */
  readonly body: Value | null;
  readonly scope: string;
  readonly resource: Values;
  readonly attributes: Values;
}

/** Reads the report that a client printed as its last line. */
export function parseSent(output: string): Sent {
  const line = output.trimEnd().split("\n").at(-1) ?? "";
  return JSON.parse(line) as Sent;
}
