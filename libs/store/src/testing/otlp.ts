import { jsonToProtobuf, walkLimits, walkRequest, type Signal } from "@firstfix/otlp";

/** OTLP as JSON, which is how the tests write it, taken the way that ingest takes it. */
export function body(signal: Signal, request: unknown): Uint8Array {
  return walked(signal, jsonToProtobuf(signal, Buffer.from(JSON.stringify(request))));
}

/** What ingest hands on. A body goes through it once: what is already rewritten would count as a sender's own. */
export function walked(signal: Signal, bytes: Uint8Array): Uint8Array {
  return walkRequest(signal, bytes, walkLimits(Date.now())).body;
}

export function traces(resource: Readonly<Record<string, unknown>>, ...spans: object[]): Uint8Array {
  return body("traces", { resourceSpans: [{ resource: { attributes: attributes(resource) }, scopeSpans: [{ scope: { name: "test" }, spans }] }] });
}

export function logs(resource: Readonly<Record<string, unknown>>, ...logRecords: object[]): Uint8Array {
  return body("logs", { resourceLogs: [{ resource: { attributes: attributes(resource) }, scopeLogs: [{ logRecords }] }] });
}

/** A span of one millisecond that began now. `fields` are those of OTLP/JSON. */
export function span(fields: object = {}): object {
  const now = nowNs();
  return { traceId: "a1".repeat(16), spanId: "b2".repeat(8), name: "GET /", kind: 2, startTimeUnixNano: String(now), endTimeUnixNano: String(now + 1_000_000n), ...fields };
}

export function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

/** Values in the form of OTLP/JSON, by type: `{ intValue: "1" }` stands for itself, text is a string value. */
export function attributes(values: Readonly<Record<string, unknown>>): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: typeof value === "string" ? { stringValue: value } : value }));
}
