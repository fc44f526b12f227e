import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type ClickHouseClient } from "@clickhouse/client";
import type { AttributeValue, Span, SpanKind, StatusCode } from "@firstfix/otlp";
import { createChdbConnection } from "chdb/connection";
import fc from "fast-check";

/** For tests: the real engine with the real table, and random spans as the store and as JavaScript see them. */
export interface Engine {
  readonly client: ClickHouseClient;
  insert(spans: readonly GeneratedSpan[]): Promise<void>;
  clear(): Promise<void>;
  select(sql: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function startEngine(): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), "firstfix-spec-"));
  const connection = createChdbConnection({ path: folder }) as unknown as Extract<Parameters<typeof createClient>[0], { connection: unknown }>["connection"];
  const client = createClient({ connection });
  const ddl = readFileSync(new URL("../../store/sql/001_telemetry.sql", import.meta.url), "utf8");
  const create = /CREATE TABLE (?:IF NOT EXISTS )?spans \([^;]*/u.exec(ddl);
  if (create === null) throw new Error("001_telemetry.sql creates no table spans");
  await client.command({ query: create[0] });
  return {
    client,
    insert: async (spans) => {
      await client.insert({ table: "spans", values: spans.map(rowOf), format: "JSONEachRow", clickhouse_settings: PRECISE });
    },
    clear: async () => {
      await client.command({ query: "TRUNCATE TABLE spans" });
    },
    select: async (sql) => (await client.query({ query: sql, format: "JSONEachRow" })).json<Record<string, unknown>>(),
    close: async () => {
      await client.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// The engine's fast parser may miss a double by its last bit; these tests compare doubles exactly.
const PRECISE: Record<string, number> = { precise_float_parsing: 1 };

/** An attribute with the type that it arrived in, which a JavaScript number no longer tells. */
export interface Attribute {
  readonly type: "str" | "int" | "float" | "bool" | "json";
  readonly value: AttributeValue;
}

export interface GeneratedSpan {
  readonly span: Span;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly resource: Readonly<Record<string, Attribute>>;
}

/** Runs a property; of a failure it shows what the property threw and the seed, not a hundred spans. */
export async function holds<T>(arbitrary: fc.Arbitrary<T>, runs: number, property: (value: T) => Promise<void>): Promise<void> {
  const result = await fc.check(fc.asyncProperty(arbitrary, property), { numRuns: runs, endOnFailure: true });
  if (result.failed) throw new Error(`seed ${result.seed}: ${String(result.errorInstance)}`);
}

/** Names of attributes in random spans and expressions. */
export const KEYS = ["a", "b", "shop.order.total", "it's \\ \"odd\"\n"] as const;

const NUMBERS = [0, 1, -1, 2, 3, 5, 7.5, -20, 0.1, 1e-7, 1e21, 2 ** 53, -(2 ** 63), 123456789.25, 1e300, -0, Number.NaN, Number.POSITIVE_INFINITY];
const INTS = [0n, 1n, 2n, 5n, -1n, -20n, 42n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
export const TEXTS = ["", "a", "ab", "b", "abc", "5", "-20", "1.5", "1e3", "007", "0.1", "99999999999999999999", "é", "𝒳", "\uFFFD", "a\nb", "'; DROP TABLE spans; --", "\\", "\"", "POST /checkout", "x".repeat(130)] as const;

const attribute: fc.Arbitrary<Attribute> = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: "grapheme", maxLength: 5 })).map((value): Attribute => ({ type: "str", value: value.toWellFormed() })) },
  { weight: 3, arbitrary: fc.oneof(fc.constantFrom(...INTS), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map((value): Attribute => ({ type: "int", value: Number.isSafeInteger(Number(value)) ? Number(value) : value })) },
  { weight: 3, arbitrary: fc.oneof(fc.constantFrom(...NUMBERS), fc.double()).map((value): Attribute => ({ type: "float", value })) },
  { weight: 1, arbitrary: fc.boolean().map((value): Attribute => ({ type: "bool", value })) },
  { weight: 1, arbitrary: fc.constant<Attribute>({ type: "json", value: [1, "a"] }) },
);

const attributes = fc.dictionary(fc.constantFrom(...KEYS), attribute, { maxKeys: KEYS.length, noNullPrototype: true });

const START_NS = 1_800_000_000_000_000_000n;

export const generatedSpan: fc.Arbitrary<GeneratedSpan> = fc
  .record({
    trace: fc.integer({ min: 1, max: 3 }),
    // Bytes below 0x80 only: ids travel to the engine as text here.
    spanId: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map((id) => id & 0x7f7f7f7f7f7f7f7fn),
    name: fc.constantFrom(...TEXTS.slice(0, 5), "POST /checkout"),
    kind: fc.constantFrom<SpanKind>("server", "client", "internal"),
    statusCode: fc.constantFrom<StatusCode>("unset", "ok", "error"),
    service: fc.constantFrom("shop", "shop", "worker"),
    environment: fc.constantFrom("production", "staging"),
    offsetMs: fc.integer({ min: 0, max: 20 }),
    durationNs: fc.oneof(fc.integer({ min: 0, max: 10 }).map((ms) => BigInt(ms) * 1_000_000n), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
    attributes,
    resource: attributes,
  })
  .map((made) => ({
    attributes: made.attributes,
    resource: made.resource,
    span: {
      traceId: made.trace.toString(16).padStart(32, "0"),
      spanId: made.spanId.toString(16).padStart(16, "0"),
      parentSpanId: "",
      service: made.service,
      environment: made.environment,
      revision: "f".repeat(40),
      repository: "https://example.org/shop",
      name: made.name,
      kind: made.kind,
      startTimeNs: START_NS + BigInt(made.offsetMs) * 1_000_000n,
      durationNs: made.durationNs,
      statusCode: made.statusCode,
      statusMessage: "",
      attributes: valuesOf(made.attributes),
      resource: valuesOf(made.resource),
      events: [],
    },
  }));

/** A hand-made span, its numbers as ints. */
export function generated(span: Span): GeneratedSpan {
  const typed = Object.entries(span.attributes).map(([name, value]): [string, Attribute] => [name, { type: typeof value === "number" ? "int" : "str", value }]);
  return { span, attributes: Object.fromEntries(typed), resource: {} };
}

/** A whole batch with distinct span ids. */
export function generatedSpans(count: number): fc.Arbitrary<GeneratedSpan[]> {
  return fc.uniqueArray(generatedSpan, { minLength: count, maxLength: count, selector: ({ span }) => span.spanId });
}

function valuesOf(attributes: Readonly<Record<string, Attribute>>): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(attributes).map(([key, { value }]) => [key, value]));
}

function rowOf({ span, attributes, resource }: GeneratedSpan): Record<string, unknown> {
  return {
    batch_id: "1",
    start_time: `${span.startTimeNs / 1_000_000_000n}.${String(span.startTimeNs % 1_000_000_000n).padStart(9, "0")}`,
    duration_ns: span.durationNs.toString(),
    trace_id: bytesText(span.traceId),
    span_id: bytesText(span.spanId),
    service: span.service,
    environment: span.environment,
    revision: span.revision,
    repository: span.repository,
    name: span.name,
    kind: span.kind,
    status_code: span.statusCode,
    ...columnsOf("attr", attributes),
    resource: resourceOf(resource),
  };
}

function columnsOf(prefix: string, attributes: Readonly<Record<string, Attribute>>): Record<string, unknown> {
  return Object.fromEntries(
    (["str", "int", "float", "bool", "json"] as const).map((type) => [
      `${prefix}_${type}`,
      Object.fromEntries(Object.entries(attributes).flatMap(([key, one]) => (one.type === type ? [[key, cellOf(one)]] : []))),
    ]),
  );
}

/** The column `resource` as the store writes it. */
function resourceOf(attributes: Readonly<Record<string, Attribute>>): string {
  const texts = (["str", "int", "float", "bool", "json"] as const).map((type) => {
    const entries = Object.entries(attributes).flatMap(([key, one]) => (one.type === type ? [`${JSON.stringify(key)}:${resourceCell(one)}`] : []));
    return `"${type}":{${entries.join(",")}}`;
  });
  return `{${texts.join(",")}}`;
}

function resourceCell(one: Attribute): string {
  if (one.type === "float") return String(new BigInt64Array(Float64Array.of(Number(one.value)).buffer)[0]);
  return one.type === "int" ? (one.value as bigint | number).toString() : JSON.stringify(cellOf(one));
}

function cellOf({ type, value }: Attribute): unknown {
  if (type === "json") return JSON.stringify(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "number" || type === "int") return value;
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value).replace("Infinity", "inf").replace("NaN", "nan");
}

function bytesText(hex: string): string {
  return Buffer.from(hex, "hex").toString("latin1");
}
