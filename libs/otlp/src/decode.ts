import { fromBinary } from "@bufbuild/protobuf";
import { REQUEST, type AnyValue, type KeyValue, type LogMessage, type LogsMessage, type SpanMessage, type TracesMessage } from "./messages.ts";
import type { LogRecord } from "./log.ts";
import { resourceIdentity } from "./resource.ts";
import type { Signal } from "./schema.ts";
import type { Attributes, AttributeValue, Span, SpanKind, StatusCode } from "./span.ts";
import { walk, walkLimits } from "./walk/index.ts";

const KINDS: readonly SpanKind[] = ["unspecified", "internal", "server", "client", "producer", "consumer"];
const STATUS_CODES: readonly StatusCode[] = ["unset", "ok", "error"];

/**
 * The spans of a request, as the store would give them: the body passes the same walk first, so nested values, invalid
 * text and impossible ids are treated alike; only the time window and the limit of records do not apply.
 * A body that was walked already decodes alike.
 * About thirty times slower than the walk: for replays and tests. Throws otlp.malformed.
 */
export function decodeTraces(body: Uint8Array): Span[] {
  const request = read("traces", body) as TracesMessage;
  return request.resourceSpans.flatMap((group) => {
    const resource = attributes(group.resource?.attributes ?? []);
    return group.scopeSpans.flatMap((scope) => scope.spans.map((span) => spanOf(span, resource)));
  });
}

/** The log records of a request; see decodeTraces. */
export function decodeLogs(body: Uint8Array): LogRecord[] {
  const request = read("logs", body) as LogsMessage;
  return request.resourceLogs.flatMap((group) => {
    const resource = attributes(group.resource?.attributes ?? []);
    return group.scopeLogs.flatMap((scope) => scope.logRecords.map((record) => logOf(record, resource)));
  });
}

function read(signal: Signal, body: Uint8Array): unknown {
  const open = walkLimits(Date.now(), { pastMs: Infinity, futureMs: Infinity, recordsMax: Infinity });
  return fromBinary(REQUEST[signal], walk(signal, body, open, true).body);
}

function spanOf(span: SpanMessage, resource: Attributes): Span {
  return {
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId),
    ...resourceIdentity(resource),
    name: span.name,
    kind: KINDS[span.kind] ?? "unspecified",
    startTimeNs: span.startTimeUnixNano,
    durationNs: span.endTimeUnixNano - span.startTimeUnixNano,
    statusCode: STATUS_CODES[span.status?.code ?? 0] ?? "unset",
    statusMessage: span.status?.message ?? "",
    attributes: attributes(span.attributes),
    resource,
    events: span.events.map((event) => ({ timeNs: event.timeUnixNano === 0n ? span.endTimeUnixNano : event.timeUnixNano, name: event.name, attributes: attributes(event.attributes) })),
  };
}

function logOf(record: LogMessage, resource: Attributes): LogRecord {
  return {
    timeNs: record.timeUnixNano === 0n ? record.observedTimeUnixNano : record.timeUnixNano,
    traceId: hex(record.traceId),
    spanId: hex(record.spanId),
    ...resourceIdentity(resource),
    severity: record.severityNumber,
    severityText: record.severityText,
    eventName: record.eventName,
    body: record.body === undefined ? null : (valueOf(record.body) ?? null),
    attributes: attributes(record.attributes),
    resource,
  };
}

/** An attribute whose value is absent is absent. */
function attributes(entries: readonly KeyValue[]): Attributes {
  const kept: [string, AttributeValue][] = [];
  for (const entry of entries) {
    const value = entry.value === undefined ? undefined : valueOf(entry.value);
    if (value !== undefined) kept.push([entry.key, value]);
  }
  return Object.fromEntries(kept);
}

function valueOf({ value }: AnyValue): AttributeValue | undefined {
  switch (value.case) {
    case "jsonValue":
      return parseJson(value.value);
    case "intValue":
      return Number.isSafeInteger(Number(value.value)) ? Number(value.value) : value.value;
    case "bytesValue":
      return Buffer.from(value.value).toString("base64");
    case undefined:
      return undefined;
    default:
      return value.value;
  }
}

/** A sender's own field of that number, which the store would never see, stays the text that it is. */
function parseJson(text: string): AttributeValue {
  try {
    return JSON.parse(text) as AttributeValue;
  } catch {
    return text;
  }
}

/** "" also for an id of zeros, which stands for none. */
function hex(id: Uint8Array): string {
  return id.every((byte) => byte === 0) ? "" : Buffer.from(id).toString("hex");
}
