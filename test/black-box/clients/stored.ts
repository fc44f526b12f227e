import { openStore, type Store, type StoreOptions } from "@firstfix/store";
import type { Instance } from "../../harness/instance.ts";
import type { Sent, SentLog, SentSpan, Value, Values } from "./sent.ts";

/** A row in the form that `expectedSpan` and `expectedLog` give it: numbers as their source text, JSON parsed. */
export type Row = Readonly<Record<string, unknown>>;

/** What an instance has stored, read with the store's own SQL after the process has stopped. */
export interface Stored {
  readonly spans: readonly Row[];
  readonly logs: readonly Row[];
  readonly exceptions: readonly Row[];
  /** What was set aside, with the reason. */
  readonly deadLetters: readonly Row[];
}

/**
 * Stops Firstfix, as a user would, and reads its folder: what is not on disk then was lost. Retention is what the
 * instance was told, because whoever opens a store sets it.
 */
export async function stopAndRead(instance: Instance, retention: { readonly retention?: Readonly<Record<"spansDays" | "logsDays" | "findingsDays", number>> } = {}): Promise<Stored> {
  await instance.product.stop();
  return read({ path: instance.dataFolder, ...retention });
}

/** What a store holds at this moment. */
export async function read(options: StoreOptions): Promise<Stored> {
  const store = await openStore(options);
  try {
    return {
      spans: await rows(store, SPANS),
      logs: await rows(store, LOGS),
      exceptions: await rows(store, EXCEPTIONS),
      deadLetters: await rows(store, "SELECT topic, signal, reason FROM dead_letters"),
    };
  } finally {
    await store.close();
  }
}

/** Only what came from one client: its service. */
export function ofService({ spans, logs, exceptions, deadLetters }: Stored, service: string): Stored {
  const its = (row: Row): boolean => row["service"] === service;
  return { spans: spans.filter(its), logs: logs.filter(its), exceptions: exceptions.filter(its), deadLetters };
}

/** What the store must hold of what was sent: nothing more, nothing less, nothing changed. */
export function expectedRows({ spans, logs }: Sent): Pick<Stored, "spans" | "logs" | "exceptions"> {
  const ofSpans = spans.flatMap((span) => span.events.filter(({ name }) => name === "exception").map(({ time, attributes }) => exceptionRow("span", time, span, attributes)));
  const ofLogs = logs.filter(({ attributes }) => "exception.type" in attributes).map((log) => exceptionRow("log", log.time, log, log.attributes));
  return { spans: sorted(spans.map(spanRow)), logs: sorted(logs.map(logRow)), exceptions: sorted([...ofSpans, ...ofLogs]) };
}

const SPANS = `SELECT trace_hex, span_hex, parent_hex, name, toString(kind) AS kind, toString(toUnixTimestamp64Nano(start_time)) AS start,
  toString(duration_ns) AS duration, toString(status_code) AS status, status_message, scope_name, service, environment, revision, repository,
  attr_str, attr_int, attr_float, attr_bool, attr_json, resource_str, resource_int, resource_float, resource_bool, resource_json,
  arrayMap(t -> toString(toUnixTimestamp64Nano(t)), event_time) AS event_time, event_name, event_attr,
  arrayMap(l -> lower(hex(l.trace_id)), links) AS link_trace, arrayMap(l -> lower(hex(l.span_id)), links) AS link_span, links.attributes AS link_attr FROM spans`;
const LOGS = `SELECT trace_hex, span_hex, toString(toUnixTimestamp64Nano(time)) AS time, severity, severity_text, event_name, body,
  service, environment, revision, repository, attr_str, attr_int, attr_float, attr_bool, attr_json, scope_name,
  resource_str, resource_int, resource_float, resource_bool, resource_json FROM logs`;
const EXCEPTIONS = "SELECT toString(toUnixTimestamp64Nano(time)) AS time, toString(source) AS source, trace_hex, span_hex, service, type, message, stacktrace FROM exceptions";
const JSON_COLUMNS = ["attr_json", "resource_json"];
const EXACT = { output_format_json_quote_64bit_integers: 1, output_format_json_quote_denormals: 1 } as const;

async function rows(store: Store, query: string): Promise<Row[]> {
  const answer = await store.background.query({ query, format: "JSONEachRow", clickhouse_settings: EXACT });
  const text = await answer.text();
  return sorted(text.split("\n").filter((line) => line !== "").map((line) => readable(parseExact(line) as Record<string, unknown>)));
}

/** JSON within a row is parsed, with its numbers as their source text: so 5 and 5.0 are told apart. */
function readable(row: Record<string, unknown>): Row {
  for (const column of JSON_COLUMNS) {
    const values = row[column] as Record<string, string> | undefined;
    if (values !== undefined) row[column] = mapped(values, parseExact);
  }
  for (const column of ["attr_float", "resource_float"]) {
    const values = row[column] as Record<string, string> | undefined;
    if (values !== undefined) row[column] = mapped(values, double);
  }
  if (typeof row["body"] === "string" && /^[[{]/.test(row["body"])) row["body"] = parseExact(row["body"]);
  for (const column of ["event_attr", "link_attr"]) {
    const list = row[column] as string[] | undefined;
    if (list !== undefined) row[column] = list.map(parseExact);
  }
  return row;
}

function parseExact(json: string): unknown {
  return JSON.parse(json, (_key, value: unknown, context?: { readonly source?: string }) => (typeof value === "number" ? context?.source : value));
}

function spanRow(span: SentSpan): Row {
  return {
    trace_hex: span.traceId, span_hex: span.spanId, parent_hex: span.parentSpanId, name: span.name, kind: span.kind,
    start: span.start, duration: String(BigInt(span.end) - BigInt(span.start)), status: span.status, status_message: span.statusMessage, scope_name: span.scope,
    ...identity(span.resource), ...columns("attr", span.attributes), ...columns("resource", span.resource),
    event_time: span.events.map(({ time }) => time), event_name: span.events.map(({ name }) => name), event_attr: span.events.map(({ attributes }) => mapped(attributes, plain)),
    link_trace: span.links.map(({ traceId }) => traceId), link_span: span.links.map(({ spanId }) => spanId), link_attr: span.links.map(({ attributes }) => mapped(attributes, plain)),
  };
}

function logRow(log: SentLog): Row {
  return {
    trace_hex: log.traceId, span_hex: log.spanId, time: log.time, severity: String(log.severity), severity_text: log.severityText, event_name: log.eventName,
    body: log.body === null ? "" : plain(log.body),
    ...identity(log.resource), ...columns("attr", log.attributes), ...columns("resource", log.resource), scope_name: log.scope,
  };
}

function exceptionRow(source: string, time: string, { traceId, spanId, resource }: SentSpan | SentLog, attributes: Values): Row {
  const text = (name: string): string => {
    const value = attributes[name];
    return value !== undefined && "string" in value ? value.string : "";
  };
  return { time, source, trace_hex: traceId, span_hex: spanId, service: identity(resource)["service"], type: text("exception.type"), message: text("exception.message"), stacktrace: text("exception.stacktrace") };
}

function identity(resource: Values): Row {
  const text = (name: string): string => {
    const value = resource[name];
    return value !== undefined && "string" in value ? value.string : "";
  };
  return { service: text("service.name"), environment: text("deployment.environment.name"), revision: text("vcs.ref.head.revision"), repository: text("vcs.repository.url.full") };
}

/** The typed maps of a table. Bytes stand among the texts, as base64. */
function columns(prefix: string, values: Values): Row {
  const of = (suits: (value: Value) => boolean): Record<string, unknown> => mapped(Object.fromEntries(Object.entries(values).filter(([, value]) => suits(value))), plain);
  return {
    [`${prefix}_str`]: of((value) => "string" in value || "bytes" in value),
    [`${prefix}_int`]: of((value) => "int" in value),
    [`${prefix}_float`]: mapped(of((value) => "double" in value), (text) => double(String(text))),
    [`${prefix}_bool`]: of((value) => "bool" in value),
    [`${prefix}_json`]: of((value) => "array" in value || "map" in value),
  };
}

/** Numbers as the text that stands for them in the store's JSON. */
function plain(value: Value): unknown {
  if ("string" in value) return value.string;
  if ("int" in value) return value.int;
  if ("double" in value) return typeof value.double === "string" ? value.double.toLowerCase() : Number.isInteger(value.double) ? `${value.double}.0` : String(value.double);
  if ("bool" in value) return value.bool;
  if ("bytes" in value) return value.bytes;
  if ("array" in value) return value.array.map(plain);
  return mapped(value.map, plain);
}

/** One text for each double, however it was written. */
function double(text: string): string {
  return Number.isNaN(Number(text)) ? text : String(Number(text));
}

function mapped<T, R>(values: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}

/** In one order for both sides: one exception may be told by a span and by a log at the same time, so its source counts too. */
function sorted(list: Row[]): Row[] {
  const keyed = list.map((row) => ({ key: JSON.stringify([row["trace_hex"], row["span_hex"], row["time"], row["source"], row["body"], row["message"]]), row }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ row }) => row);
}
