import type { ClickHouseClient } from "@clickhouse/client";
import type { Attributes, AttributeValue, Span, SpanEvent, SpanKind, StatusCode } from "@firstfix/otlp";
import { exactNumber, literal, select } from "./sql.ts";

/** Spans of one trace; a trace with more than this is cut off, oldest first kept. */
const TRACE_SPANS_MAX = 10_000;

/** All spans of a trace in order of start. An id that is not 32 hex digits has none. */
export async function readTrace(client: ClickHouseClient, traceId: string): Promise<Span[]> {
  return readSpans(client, inTraces([traceId]), TRACE_SPANS_MAX);
}

/**
 * A condition over the columns of `spans` that holds for the spans of these traces. The trace index says in which
 * batches they are, which are ranges of the primary key: without it every trace id of the table would be read.
 * Ids that are not 32 hex digits are of no trace.
 */
export function inTraces(traceIds: readonly string[]): string {
  const ids = traceIds.filter((id) => /^[0-9a-f]{32}$/i.test(id)).map((id) => `unhex(${literal(id)})`);
  if (ids.length === 0) return "0";
  return `batch_id IN (SELECT arrayJoin(batches) FROM traces WHERE trace_hash IN (${ids.map((id) => `cityHash64(toFixedString(${id}, 16))`).join(", ")})) AND trace_id IN (${ids.join(", ")})`;
}

/**
 * The spans that came last of those that have an attribute, as text or as the whole number that the text writes, newest
 * first. The index of items says which granules may hold a rare one, so that the others are not read; a common one is
 * found in the first granules read, for they are read backwards in the order of arrival. Other types are not in the index.
 */
export async function searchSpans(client: ClickHouseClient, key: string, value: string, limit: number): Promise<Span[]> {
  const [name, text] = [literal(key), literal(value)];
  const items = [`cityHash64(${name}, ${text})`];
  const equal = [`attr_str[${name}] = ${text} AND mapContains(attr_str, ${name})`];
  if (isInt64(value)) {
    items.push(`cityHash64(${name}, toInt64(${text}))`);
    equal.push(`attr_int[${name}] = toInt64(${text}) AND mapContains(attr_int, ${name})`);
  }
  const where = `hasAny(attr_items, [${items.join(", ")}]) AND (${equal.join(" OR ")})`;
  const rows = await select<SpanRow>(client, `SELECT ${COLUMNS} FROM spans WHERE ${where} ORDER BY batch_id DESC LIMIT ${literal(Math.floor(limit))}`);
  return rows.map(toSpan).sort((a, b) => (a.startTimeNs < b.startTimeNs ? 1 : -1));
}

/** Spans that meet a condition over the columns of `spans`, in order of start. `whereSql` is SQL: build it with literal(). */
export async function readSpans(client: ClickHouseClient, whereSql: string, limit: number): Promise<Span[]> {
  const rows = await select<SpanRow>(client, `SELECT ${COLUMNS} FROM spans WHERE ${whereSql} ORDER BY start_time, span_id LIMIT ${literal(Math.floor(limit))}`);
  return rows.map(toSpan);
}

// NaN and the infinities are quoted by the casts: JSON has no such numbers, and null would lose which it was.
const COLUMNS = `trace_hex, span_hex, parent_hex, service, environment, revision, repository, name, kind, status_code, status_message,
  toUnixTimestamp64Nano(start_time) AS start_ns, duration_ns,
  attr_str, attr_int, CAST(attr_float, 'Map(String, String)') AS attr_float, attr_bool, attr_json,
  resource, arrayMap(t -> toUnixTimestamp64Nano(t), events.time) AS event_ns, events.name AS event_names, events.attributes AS event_attributes`;

interface SpanRow {
  readonly trace_hex: string;
  readonly span_hex: string;
  readonly parent_hex: string;
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly repository: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly status_code: StatusCode;
  readonly status_message: string;
  readonly start_ns: number | bigint;
  readonly duration_ns: number | bigint;
  readonly attr_str: Readonly<Record<string, string>>;
  readonly attr_int: Readonly<Record<string, number | bigint>>;
  readonly attr_float: Readonly<Record<string, string>>;
  readonly attr_bool: Readonly<Record<string, boolean>>;
  readonly attr_json: Readonly<Record<string, string>>;
  readonly resource: string;
  readonly event_ns: readonly (number | bigint)[];
  readonly event_names: readonly string[];
  readonly event_attributes: readonly string[];
}

/** The text of the column `resource`. */
interface Resource {
  readonly str?: Readonly<Record<string, string>>;
  readonly int?: Readonly<Record<string, number | bigint>>;
  /** Doubles as the integer of their 64 bits. */
  readonly float?: Readonly<Record<string, number | bigint>>;
  readonly bool?: Readonly<Record<string, boolean>>;
  readonly json?: Readonly<Record<string, string>>;
}

function toSpan(row: SpanRow): Span {
  return {
    traceId: row.trace_hex,
    spanId: row.span_hex,
    parentSpanId: row.parent_hex,
    service: row.service,
    environment: row.environment,
    revision: row.revision,
    repository: row.repository,
    name: row.name,
    kind: row.kind,
    startTimeNs: BigInt(row.start_ns),
    durationNs: BigInt(row.duration_ns),
    statusCode: row.status_code,
    statusMessage: row.status_message,
    attributes: attributes(row.attr_str, row.attr_int, row.attr_float, row.attr_bool, row.attr_json),
    resource: resourceAttributes(row.resource),
    events: row.event_ns.map((time, index) => toEvent(time, row.event_names[index] ?? "", row.event_attributes[index] ?? "{}")),
  };
}

function toEvent(time: number | bigint, name: string, json: string): SpanEvent {
  const value = parseJson(json);
  return { timeNs: BigInt(time), name, attributes: typeof value === "object" && !Array.isArray(value) ? (value as Attributes) : {} };
}

function resourceAttributes(text: string): Attributes {
  const { str = {}, int = {}, float = {}, bool = {}, json = {} } = text === "" ? {} : (JSON.parse(text, exactNumber) as Resource);
  return { ...attributes(str, int, {}, bool, json), ...Object.fromEntries(Object.entries(float).map(([key, bits]) => [key, doubleOf(bits)])) };
}

/** Spread copies own keys only, so a key such as `__proto__` stays a key. */
function attributes(strings: Readonly<Record<string, string>>, ints: Readonly<Record<string, number | bigint>>, floats: Readonly<Record<string, string>>, bools: Readonly<Record<string, boolean>>, jsons: Readonly<Record<string, string>>): Attributes {
  return {
    ...strings,
    ...ints,
    ...bools,
    ...Object.fromEntries(Object.entries(floats).map(([key, text]) => [key, toFloat(text)])),
    ...Object.fromEntries(Object.entries(jsons).map(([key, text]) => [key, parseJson(text)])),
  };
}

function toFloat(text: string): number {
  if (text === "inf") return Infinity;
  return text === "-inf" ? -Infinity : Number(text);
}

function doubleOf(bits: number | bigint): number {
  return new Float64Array(BigInt64Array.of(BigInt(bits)).buffer)[0] ?? 0;
}

function isInt64(text: string): boolean {
  return /^-?(0|[1-9]\d{0,18})$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

/** A sender may write field 1001 itself, with anything in it: what is no JSON stays the text that it is. */
function parseJson(text: string): AttributeValue {
  try {
    return JSON.parse(text, exactNumber) as AttributeValue;
  } catch {
    return text;
  }
}
