import { randomBytes } from "node:crypto";
import { nextBatchId } from "@firstfix/kit";
import { jsonToProtobuf } from "@firstfix/otlp";
import type { Signal, Store } from "@firstfix/store";

export interface Resource {
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly repository: string;
}

export interface Sent {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind?: "server" | "internal";
  readonly failed?: boolean;
  readonly attributes?: Readonly<Record<string, string | number>>;
  readonly exception?: Exception;
}

export interface Exception {
  readonly type: string;
  readonly message: string;
  readonly stack: readonly string[];
}

export const randomId = (bytes: number): string => randomBytes(bytes).toString("hex");

/** Inserts spans of one request as one batch, the way the writer does. */
export async function sendSpans(store: Store, resource: Resource, spans: readonly Sent[], id = nextBatchId()): Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const json = {
    resourceSpans: [{
      resource: resourceOf(resource),
      scopeSpans: [{
        scope: { name: "test" },
        spans: spans.map((span, i) => ({
          traceId: span.traceId ?? randomId(16),
          spanId: span.spanId ?? randomId(8),
          parentSpanId: span.parentSpanId ?? "",
          name: span.name,
          kind: span.kind === "internal" ? 1 : 2,
          startTimeUnixNano: String(now - 20_000_000n + BigInt(i) * 1_000n),
          endTimeUnixNano: String(now - 10_000_000n + BigInt(i) * 1_000n),
          status: { code: span.failed === true ? 2 : 0 },
          attributes: attributes(span.attributes ?? {}),
          events: span.exception === undefined ? [] : [{ timeUnixNano: String(now - 11_000_000n), name: "exception", attributes: attributes(exceptionAttributes(span.exception)) }],
        })),
      }],
    }],
  };
  await insert(store, "traces", json, spans.length, id);
}

/** The same exception as a log record, which is where newer SDKs write it. */
export async function sendLog(store: Store, resource: Resource, traceId: string, spanId: string, exception: Exception): Promise<void> {
  const time = String(BigInt(Date.now()) * 1_000_000n);
  const record = { timeUnixNano: time, observedTimeUnixNano: time, severityNumber: 17, traceId, spanId, body: { stringValue: exception.message }, attributes: attributes(exceptionAttributes(exception)) };
  const json = { resourceLogs: [{ resource: resourceOf(resource), scopeLogs: [{ logRecords: [record] }] }] };
  await insert(store, "logs", json, 1, nextBatchId());
}

async function insert(store: Store, signal: Signal, json: object, rows: number, id: bigint): Promise<void> {
  // Before the insert, which takes as long as the machine likes: a time after that of the records would hide them.
  const timeMinMs = Date.now() - 500;
  await store.insertBatch({ id, signal, body: jsonToProtobuf(signal, Buffer.from(JSON.stringify(json))) });
  await store.completeBatch({ id, signal, rows, timeMinMs, timeMaxMs: Date.now(), topic: signal, partition: 0, offsetMin: 0n, offsetMax: 0n, requests: [] });
}

function resourceOf({ service, environment, revision, repository }: Resource): object {
  return { attributes: attributes({ "service.name": service, "deployment.environment.name": environment, "vcs.ref.head.revision": revision, "vcs.repository.url.full": repository }) };
}

function exceptionAttributes({ type, message, stack }: Exception): Record<string, string> {
  return { "exception.type": type, "exception.message": message, "exception.stacktrace": [`${type}: ${message}`, ...stack.map((line) => `    at ${line}`)].join("\n") };
}

function attributes(values: Readonly<Record<string, string | number>>): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: typeof value === "string" ? { stringValue: value } : Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } }));
}
