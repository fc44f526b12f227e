import { type Attributes, ROOT_CONTEXT, SpanKind, SpanStatusCode, type HrTime, trace, type Tracer } from "@opentelemetry/api";
import { type AnyValue, type Logger, SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter as GrpcLogs } from "@opentelemetry/exporter-logs-otlp-grpc";
import { OTLPLogExporter as JsonLogs } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufLogs } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPTraceExporter as GrpcSpans } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonSpans } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufSpans } from "@opentelemetry/exporter-trace-otlp-proto";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor, type LogRecordExporter, type ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { BasicTracerProvider, BatchSpanProcessor, InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Way } from "./client.ts";
import type { Sent, SentLog, SentSpan, Value, Values } from "./sent.ts";

const SPANS = 300;

/** Sends traces and logs with the official JavaScript SDK and tells what it sent. */
export async function send({ service, protocol, compression }: Way, endpoint: string): Promise<Sent> {
  const resource = resourceFromAttributes({
    "service.name": service, "deployment.environment.name": "clients", "vcs.ref.head.revision": "0123456789abcdef0123456789abcdef01234567",
    "vcs.repository.url.full": "https://git.example.com/shop.git", "process.pid": 4711, load: 0.25, canary: false, "process.command_args": ["node", "shop.js"],
  });
  const exporters = exportersOf(protocol, compression, endpoint);
  const spans = new InMemorySpanExporter();
  const logs = new InMemoryLogRecordExporter();
  const tracing = new BasicTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(spans), new BatchSpanProcessor(exporters.spans, { maxExportBatchSize: 128 })] });
  const logging = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter: logs }), new BatchLogRecordProcessor({ exporter: exporters.logs })] });
  work(tracing.getTracer("shop.checkout", "1.2.3"), logging.getLogger("shop.log"));
  await tracing.forceFlush();
  await logging.forceFlush();
  const sent = { spans: spans.getFinishedSpans().map(spanOf), logs: logs.getFinishedLogRecords().map(logOf) };
  await tracing.shutdown();
  await logging.shutdown();
  return sent;
}

function exportersOf(protocol: Way["protocol"], compression: Way["compression"], endpoint: string): { spans: SpanExporter; logs: LogRecordExporter } {
  const how = { compression: compression === "gzip" ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE };
  const traces = { ...how, url: `${endpoint}/v1/traces` };
  const logs = { ...how, url: `${endpoint}/v1/logs` };
  if (protocol === "grpc") return { spans: new GrpcSpans({ ...how, url: `http://${endpoint}` }), logs: new GrpcLogs({ ...how, url: `http://${endpoint}` }) };
  if (protocol === "http/json") return { spans: new JsonSpans(traces), logs: new JsonLogs(logs) };
  return { spans: new ProtobufSpans(traces), logs: new ProtobufLogs(logs) };
}

function work(tracer: Tracer, logger: Logger): void {
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

function spanOf(span: ReadableSpan): SentSpan {
  return {
    traceId: span.spanContext().traceId, spanId: span.spanContext().spanId, parentSpanId: span.parentSpanContext?.spanId ?? "", name: span.name,
    kind: SpanKind[span.kind].toLowerCase(), start: nanos(span.startTime), end: nanos(span.endTime), status: SpanStatusCode[span.status.code].toLowerCase(), statusMessage: span.status.message ?? "",
    scope: span.instrumentationScope.name, resource: values(span.resource.attributes), attributes: values(span.attributes),
    events: span.events.map((event) => ({ time: nanos(event.time), name: event.name, attributes: values(event.attributes ?? {}) })),
    links: span.links.map(({ context, attributes }) => ({ traceId: context.traceId, spanId: context.spanId, attributes: values(attributes ?? {}) })),
  };
}

function logOf(record: ReadableLogRecord): SentLog {
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
  if (one instanceof Uint8Array) return { bytes: Buffer.from(one).toString("base64") };
  if (Array.isArray(one)) return { array: one.map(value) };
  return { map: values(one ?? {}) };
}
