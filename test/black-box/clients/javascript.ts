import { OTLPLogExporter as GrpcLogs } from "@opentelemetry/exporter-logs-otlp-grpc";
import { OTLPLogExporter as JsonLogs } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufLogs } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPTraceExporter as GrpcSpans } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonSpans } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufSpans } from "@opentelemetry/exporter-trace-otlp-proto";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor, type LogRecordExporter } from "@opentelemetry/sdk-logs";
import { BasicTracerProvider, BatchSpanProcessor, InMemorySpanExporter, SimpleSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Way } from "./client.ts";
import { logOf, resourceOf, spanOf, work } from "./javascript-work.ts";
import type { Sent } from "./sent.ts";

/** Sends traces and logs with the official JavaScript SDK and tells what it sent. */
export async function send({ service, protocol, compression }: Way, endpoint: string): Promise<Sent> {
  const resource = resourceFromAttributes(resourceOf(service));
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
