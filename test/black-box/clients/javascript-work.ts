import { type Attributes, ROOT_CONTEXT, SpanKind, SpanStatusCode, type HrTime, trace, type Tracer } from "@opentelemetry/api";
import { type AnyValue, type Logger, SeverityNumber } from "@opentelemetry/api-logs";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { SentLog, SentSpan, Value, Values } from "./sent.ts";

const SPANS = 300;

/** What the JavaScript clients say of themselves, in Node and in a browser alike. */
export function resourceOf(service: string): Attributes {
  return {
    "service.name": service, "deployment.environment.name": "clients", "vcs.ref.head.revision": "0123456789abcdef0123456789abcdef01234567",
    "vcs.repository.url.full": "https://git.example.com/shop.git", "process.pid": 4711, load: 0.25, canary: false, "process.command_args": ["node", "shop.js"], "a \"key\" ☕": "a \"value\" \\ \n",
  };
}

/** Something of everything that the SDK can send. */
export function work(tracer: Tracer, logger: Logger): void {
  const attributes: Attributes = {
    empty: "", unicode: "naïve ☕ 日本 🚀 \"quoted\" \\ \n\t", zero: 0, "largest.safe": Number.MAX_SAFE_INTEGER, negative: -5, tenth: 0.1, tiny: 5e-324,
    yes: true, no: false, texts: ["a", "", "☕"], numbers: [1, -2, 3], doubles: [0.5, 5.25], flags: [true, false], none: [],
  };
  const root = tracer.startSpan("POST /checkout", { kind: SpanKind.SERVER, attributes });
  const inRoot = trace.setSpan(ROOT_CONTEXT, root);
  root.addEvent("cart.loaded", { items: 3, total: 5.5, first: false, skus: ["x", "y"] });
  logger.emit({ severityNumber: SeverityNumber.INFO, severityText: "INFO", body: "checkout of cart-1", attributes: { cart: "cart-1", attempt: 0, ratio: 1.5, paid: false }, context: inRoot });
  const pay = tracer.startSpan("pay", { kind: SpanKind.CLIENT, links: [{ context: root.spanContext(), attributes: { why: "retry" } }] }, inRoot);
  const error = new TypeError("no card", { cause: new RangeError("no number") });
  pay.recordException(error);
  pay.setStatus({ code: SpanStatusCode.ERROR, message: "the card was refused" });
  logger.emit({ severityNumber: SeverityNumber.ERROR, severityText: "ERROR", eventName: "exception", body: "payment failed", attributes: { "exception.type": error.name, "exception.message": error.message, "exception.stacktrace": error.stack ?? "" }, context: trace.setSpan(inRoot, pay) });
  pay.end();
  for (const kind of [SpanKind.PRODUCER, SpanKind.CONSUMER, SpanKind.INTERNAL]) tracer.startSpan(`as ${SpanKind[kind]}`, { kind }, inRoot).end();
  root.setStatus({ code: SpanStatusCode.OK });
  root.end();
  const hourAgo = Math.floor(Date.now() / 1000) - 3600;
  tracer.startSpan("at a given time", { startTime: [hourAgo, 999_999_999] }).end([hourAgo + 1, 1]);
  logger.emit({ severityNumber: SeverityNumber.WARN2, severityText: "notice", eventName: "order.placed", timestamp: [hourAgo, 123_456_789], body: { order: 17, lines: [{ sku: "a", price: 2.5 }, { sku: "b", price: 3.25 }], gift: false }, attributes: { nested: { a: { b: [1, "two", 2.5] } }, bytes: new Uint8Array([0, 255]) } });
  logger.emit({ body: "without a severity" });
  for (let number = 0; number < SPANS; number++) tracer.startSpan("many", { attributes: { number } }).end();
}

export function spanOf(span: ReadableSpan): SentSpan {
  return {
    traceId: span.spanContext().traceId, spanId: span.spanContext().spanId, parentSpanId: span.parentSpanContext?.spanId ?? "", name: span.name,
    kind: SpanKind[span.kind].toLowerCase(), start: nanos(span.startTime), end: nanos(span.endTime), status: SpanStatusCode[span.status.code].toLowerCase(), statusMessage: span.status.message ?? "",
    scope: span.instrumentationScope.name, resource: values(span.resource.attributes), attributes: values(span.attributes),
    events: span.events.map((event) => ({ time: nanos(event.time), name: event.name, attributes: values(event.attributes ?? {}) })),
    links: span.links.map(({ context, attributes }) => ({ traceId: context.traceId, spanId: context.spanId, attributes: values(attributes ?? {}) })),
  };
}

export function logOf(record: ReadableLogRecord): SentLog {
  return {
    traceId: record.spanContext?.traceId ?? "", spanId: record.spanContext?.spanId ?? "", time: nanos(record.hrTime), severity: record.severityNumber ?? 0, severityText: record.severityText ?? "",
    eventName: record.eventName ?? "", body: record.body === undefined || record.body === null ? null : value(record.body), scope: record.instrumentationScope.name,
    resource: values(record.resource.attributes), attributes: values(record.attributes),
  };
}

function nanos([seconds, rest]: HrTime): string {
  return String(BigInt(seconds) * 1_000_000_000n + BigInt(rest));
}

function values(attributes: object): Values {
  return Object.fromEntries(Object.entries(attributes).map(([key, one]) => [key, value(one as AnyValue)]));
}

/** This SDK sends whole numbers as integers and others as doubles. */
function value(one: AnyValue): Value {
  if (typeof one === "string") return { string: one };
  if (typeof one === "boolean") return { bool: one };
  if (typeof one === "number") return Number.isInteger(one) ? { int: String(one) } : { double: one };
  if (one instanceof Uint8Array) return { bytes: btoa(String.fromCharCode(...one)) };
  if (Array.isArray(one)) return { array: one.map(value) };
  return { map: values(one ?? {}) };
}
