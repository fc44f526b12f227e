import type { Attributes, AttributeValue, Span } from "@firstfix/otlp";
import { CONSOLE_LIMITS } from "./deps.ts";
import type { FoundSpan, SpanLine, TraceView } from "./payload.ts";

/** A trace for the waterfall: times relative to its start, long texts cut. `total` counts the spans not given too. */
export function traceView(traceId: string, spans: readonly Span[], total: number): TraceView {
  let start = spans[0]?.startTimeNs ?? 0n;
  let end = start;
  for (const span of spans) {
    if (span.startTimeNs < start) start = span.startTimeNs;
    if (span.startTimeNs + span.durationNs > end) end = span.startTimeNs + span.durationNs;
  }
  return {
    traceId,
    startedAt: Number(start / 1_000_000n),
    durationMs: milliseconds(end - start),
    spans: spans.map((span) => line(span, start)),
    omitted: total - spans.length,
  };
}

/** Spans that a search found, to go on from to their traces. */
export function foundSpans(spans: readonly Span[]): FoundSpan[] {
  return spans.map((span) => ({
    traceId: span.traceId,
    spanId: span.spanId,
    service: span.service,
    environment: span.environment,
    revision: span.revision,
    name: span.name,
    startedAt: Number(span.startTimeNs / 1_000_000n),
    durationMs: milliseconds(span.durationNs),
    status: span.statusCode,
  }));
}

function line(span: Span, start: bigint): SpanLine {
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    service: span.service,
    revision: span.revision,
    name: span.name,
    kind: span.kind,
    offsetMs: milliseconds(span.startTimeNs - start),
    durationMs: milliseconds(span.durationNs),
    status: span.statusCode,
    statusMessage: cut(span.statusMessage),
    attributes: plainAttributes(span.attributes),
    resource: plainAttributes(span.resource),
    events: span.events.map((event) => ({ offsetMs: milliseconds(event.timeNs - start), name: event.name, attributes: plainAttributes(event.attributes) })),
  };
}

function milliseconds(ns: bigint): number {
  return Number(ns) / 1e6;
}

function plainAttributes(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, plain(value)]));
}

function plain(value: AttributeValue): unknown {
  if (typeof value === "bigint") return value.toString();
  // JSON knows neither NaN nor the infinities.
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value === "string") return cut(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object") return plainAttributes(value as Attributes);
  return value;
}

function cut(text: string): string {
  return text.length > CONSOLE_LIMITS.attributeCharacters ? `${text.slice(0, CONSOLE_LIMITS.attributeCharacters)}… (cut)` : text;
}
