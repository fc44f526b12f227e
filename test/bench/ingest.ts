import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { decodeTraces, jsonToProtobuf, walkLimits, walkRequest, type Attributes, type Span } from "@firstfix/otlp";
import { insertRows, nextBatchId, openStore, select, type Store } from "@firstfix/store";

const ROUNDS = 5;
const REQUESTS_PER_BATCH = 50;
const SPANS_PER_REQUEST = 400;
const SPANS_PER_BATCH = REQUESTS_PER_BATCH * SPANS_PER_REQUEST;

interface Cost {
  readonly cpuMicrosPerSpan: number;
  readonly spansPerSecond: number;
}

/**
 * What it costs to get OTLP bytes into the tables, views and indexes included, without HTTP: ours (walk, concatenate, one
 * INSERT that the engine decodes) against decoding in JavaScript and inserting JSONEachRow into the same table. The two
 * take turns, so that a noisy machine disturbs both alike; medians of ${ROUNDS} rounds.
 */
export async function bench(): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), "firstfix-bench-"));
  const store = await openStore({ path: join(folder, "data") });
  try {
    const ours: Cost[] = [];
    const baseline: Cost[] = [];
    await insertOurs(store, requests(-1));
    for (let round = 0; round < ROUNDS; round++) {
      const oursBodies = requests(2 * round);
      ours.push(await measure(() => insertOurs(store, oursBodies)));
      const baselineBodies = requests(2 * round + 1);
      baseline.push(await measure(() => insertRowsOf(store, baselineBodies)));
    }
    const [size] = await select<{ bytes: number; spans: number }>(store.background, "SELECT sum(data_compressed_bytes) AS bytes, sum(rows) AS spans FROM system.parts WHERE active AND table = 'spans' AND database = currentDatabase()");
    const mine = median(ours);
    const other = median(baseline);
    console.log(`${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`);
    console.log(`${ROUNDS} rounds of ${SPANS_PER_BATCH} spans with 10 attributes; load generator not counted`);
    console.log(`ours        ${mine.spansPerSecond} spans/s, ${mine.cpuMicrosPerSpan} µs CPU per span`);
    console.log(`JSONEachRow ${other.spansPerSecond} spans/s, ${other.cpuMicrosPerSpan} µs CPU per span`);
    return {
      cpuMicrosPerSpan: mine.cpuMicrosPerSpan,
      ratioToJsonEachRow: round2(other.cpuMicrosPerSpan / mine.cpuMicrosPerSpan),
      spansPerSecond: mine.spansPerSecond,
      bytesPerSpan: round2((size?.bytes ?? 0) / (size?.spans ?? 1)),
    };
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function insertOurs(store: Store, bodies: readonly Uint8Array[]): Promise<void> {
  const limits = walkLimits(Date.now());
  await store.insertBatch({ id: nextBatchId(), signal: "traces", body: Buffer.concat(bodies.map((body) => walkRequest("traces", body, limits).body)) });
}

async function insertRowsOf(store: Store, bodies: readonly Uint8Array[]): Promise<void> {
  const id = nextBatchId();
  await insertRows(store.ingest, "spans", bodies.flatMap((body) => decodeTraces(body).map((span) => row(span, id))));
}

function row(span: Span, batchId: bigint): Record<string, unknown> {
  const time = (ns: bigint): string => `${ns / 1_000_000_000n}.${(ns % 1_000_000_000n).toString().padStart(9, "0")}`;
  return {
    batch_id: batchId,
    start_time: time(span.startTimeNs),
    duration_ns: span.durationNs,
    trace_id: Buffer.from(span.traceId, "hex").toString("latin1"),
    span_id: Buffer.from(span.spanId, "hex").toString("latin1"),
    parent_span_id: Buffer.from(span.parentSpanId, "hex").toString("latin1"),
    service: span.service,
    environment: span.environment,
    revision: span.revision,
    repository: span.repository,
    name: span.name,
    kind: span.kind,
    status_code: span.statusCode,
    status_message: span.statusMessage,
    attr_str: pick(span.attributes, "string"),
    attr_int: pick(span.attributes, "number"),
    attr_bool: pick(span.attributes, "boolean"),
    resource_str: pick(span.resource, "string"),
  };
}

function pick(attributes: Attributes, type: "string" | "number" | "boolean"): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => typeof value === type));
}

/** Requests as an SDK would send them. Ids are spread by the seed; half of each id stays ASCII so that both paths carry it. */
function requests(seed: number): Uint8Array[] {
  return Array.from({ length: REQUESTS_PER_BATCH }, (_, request) => jsonToProtobuf("traces", Buffer.from(JSON.stringify(requestJson(seed + 1, request)))));
}

function requestJson(seed: number, request: number): unknown {
  const now = BigInt(Date.now()) * 1_000_000n;
  const text = (key: string, value: string): unknown => ({ key, value: { stringValue: value } });
  const int = (key: string, value: number): unknown => ({ key, value: { intValue: value } });
  return {
    resourceSpans: [{
      resource: { attributes: [text("service.name", "shop"), text("deployment.environment.name", "production"), text("vcs.ref.head.revision", "a".repeat(40)), text("vcs.repository.url.full", "https://git.example.com/shop")] },
      scopeSpans: [{
        scope: { name: "@opentelemetry/instrumentation-http", version: "0.1" },
        spans: Array.from({ length: SPANS_PER_REQUEST }, (_, index) => {
          const n = (seed * REQUESTS_PER_BATCH + request) * SPANS_PER_REQUEST + index;
          const id = (n * 2654435761) % 4294967296;
          const hex = id.toString(16).padStart(8, "0").replaceAll(/./g, (digit) => `3${Number.parseInt(digit, 16) % 10}`);
          return {
            traceId: hex.repeat(2),
            spanId: hex,
            name: `GET /items/${index % 7}`,
            kind: 2,
            startTimeUnixNano: String(now - BigInt(n % 100_000) * 1000n),
            endTimeUnixNano: String(now + BigInt(index) * 1000n),
            attributes: [text("http.request.method", "GET"), text("url.path", `/items/${n % 1000}`), text("url.scheme", "http"), text("http.route", "/items/:id"), text("server.address", "127.0.0.1"), text("user_agent.original", "bench/1.0"), text("network.protocol.version", "1.1"), int("http.response.status_code", n % 20 === 0 ? 404 : 200), int("server.port", 8080), int("shop.items", n % 13)],
          };
        }),
      }],
    }],
  };
}

async function measure(work: () => Promise<void>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  return { cpuMicrosPerSpan: (used.user + used.system) / SPANS_PER_BATCH, spansPerSecond: SPANS_PER_BATCH / seconds };
}

function median(costs: readonly Cost[]): Cost {
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return { cpuMicrosPerSpan: round2(middle(costs.map((one) => one.cpuMicrosPerSpan))), spansPerSecond: Math.round(middle(costs.map((one) => one.spansPerSecond))) };
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
