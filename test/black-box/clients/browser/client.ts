import { OTLPLogExporter as JsonLogs } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufLogs } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPTraceExporter as JsonSpans } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufSpans } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { BatchSpanProcessor, InMemorySpanExporter, SimpleSpanProcessor, WebTracerProvider } from "@opentelemetry/sdk-trace-web";
import { logOf, resourceOf, spanOf, work } from "../javascript-work.ts";
import type { Sent } from "../sent.ts";

export interface Outcome extends Sent {
  /** Whether the exporters say that it did not arrive. */
  readonly failed: boolean;
}

/** Runs in a page: sends with the official SDK for browsers, and tells what it sent. */
async function send(service: string, endpoint: string, encoding: string, key: string): Promise<Outcome> {
  const how = (path: string): object => ({ url: `${endpoint}${path}`, ...(key === "" ? {} : { headers: { "x-firstfix-key": key } }) });
  const resource = resourceFromAttributes(resourceOf(service));
  const [spans, logs] = [new InMemorySpanExporter(), new InMemoryLogRecordExporter()];
  const spanExporter = encoding === "json" ? new JsonSpans(how("/v1/traces")) : new ProtobufSpans(how("/v1/traces"));
  const logExporter = encoding === "json" ? new JsonLogs(how("/v1/logs")) : new ProtobufLogs(how("/v1/logs"));
  const tracing = new WebTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(spans), new BatchSpanProcessor(spanExporter, { maxExportBatchSize: 128 })] });
  const logging = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter: logs }), new BatchLogRecordProcessor({ exporter: logExporter })] });
  work(tracing.getTracer("shop.checkout", "1.2.3"), logging.getLogger("shop.log"));
  const ends = await Promise.allSettled([tracing.forceFlush(), logging.forceFlush()]);
  return { failed: ends.some(({ status }) => status === "rejected"), spans: spans.getFinishedSpans().map(spanOf), logs: logs.getFinishedLogRecords().map(logOf) };
}

Object.assign(globalThis, { send });
