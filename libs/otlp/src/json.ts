import { fromJson, toBinary, type JsonValue } from "@bufbuild/protobuf";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { REQUEST } from "./messages.ts";
import type { Signal } from "./schema.ts";

/** What is read in well under half a second; an attribute is two objects and two entries. */
const JSON_OBJECTS_MAX = 180_000;
const JSON_ENTRIES_MAX = 220_000;
const [QUOTE, BACKSLASH, COMMA, BRACE, BRACKET] = [0x22, 0x5c, 0x2c, 0x7b, 0x5b] as const;
const KINDS = numbered("SPAN_KIND_", ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]);
const STATUS_CODES = numbered("STATUS_CODE_", ["UNSET", "OK", "ERROR"]);
const SEVERITIES = numbered("SEVERITY_NUMBER_", ["UNSPECIFIED", ...["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].flatMap((name) => [name, `${name}2`, `${name}3`, `${name}4`])]);
/** Hex digits of the longest id; of a longer one it is enough to know that it is. The walk judges the exact length. */
const ID_DIGITS_MAX = 1024;

/**
 * OTLP JSON to protobuf, so that JSON requests join the path of all others. The mapping is that of proto3 JSON, except
 * that ids are hex of any case; 64-bit integers may be text or numbers of any size; unknown fields are ignored.
 * Throws otlp.malformed with the place of what is wrong.
 */
export function jsonToProtobuf(signal: Signal, text: Uint8Array): Uint8Array {
  try {
    checkSize(text);
    const request = parse(text);
    if (signal === "traces") each(request, "resourceSpans", "", (group, at) => each(group, "scopeSpans", at, (scope, at) => each(scope, "spans", at, spanFields)));
    else each(request, "resourceLogs", "", (group, at) => each(group, "scopeLogs", at, (scope, at) => each(scope, "logRecords", at, logFields)));
    return toBinary(REQUEST[signal], fromJson(REQUEST[signal], request as JsonValue, { ignoreUnknownFields: true }));
  } catch (cause) {
    if (cause instanceof FirstfixError) throw cause;
    throw malformed(messageOf(cause), cause);
  }
}

/**
 * Refuses a text that would hold up everybody else: what an object or an entry costs does not show in its bytes. Counted
 * on the bytes, before anything is made of them, and only outside of texts.
 */
function checkSize(text: Uint8Array): void {
  let objects = 0;
  let entries = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (byte === QUOTE) {
      at++;
      while (at < text.length && text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1;
    } else if (byte === COMMA) entries++;
    else if (byte === BRACE || byte === BRACKET) objects++;
  }
  if (objects > JSON_OBJECTS_MAX || entries > JSON_ENTRIES_MAX)
    throw new FirstfixError("otlp.too_large", `OTLP JSON: ${objects} objects and arrays with ${entries} commas between entries; the limits are ${JSON_OBJECTS_MAX} and ${JSON_ENTRIES_MAX}`, { hint: "Send smaller batches, or protobuf." });
}

function parse(text: Uint8Array): unknown {
  let request: unknown;
  try {
    const json = new TextDecoder("utf-8", { fatal: true }).decode(text);
    // Only a text with a number of that many digits pays for keeping them all.
    // The same for halves of characters, which a text that was cut to a length ends with.
    const halves = /\\u[dD][89a-fA-F]/.test(json);
    const digits = /[:,[]\s*-?\d{16}/.test(json);
    request = halves ? JSON.parse(json, wholeCharacters) : digits ? JSON.parse(json, keepDigits) : JSON.parse(json);
  } catch (cause) {
    throw malformed(messageOf(cause), cause);
  }
  if (typeof request !== "object" || request === null || Array.isArray(request)) throw malformed("the body is not a JSON object");
  return request;
}

/** Whole numbers beyond 2^53 stay exact as text, which the mapping also allows. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  return typeof value === "number" && source !== undefined && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? source : value;
}

/** A half of a character cannot be written in UTF-8; it becomes U+FFFD, as in protobuf. */
function wholeCharacters(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === "string" ? value.toWellFormed() : keepDigits(key, value, context);
}

function each(parent: unknown, name: string, at: string, visit: (child: Record<string, unknown>, at: string) => void): void {
  const children = (parent as Record<string, unknown>)[name];
  if (children === undefined || children === null) return;
  const place = at === "" ? name : `${at}.${name}`;
  if (!Array.isArray(children)) throw malformed(`${place} is not an array`);
  children.forEach((child: unknown, index) => {
    if (typeof child !== "object" || child === null || Array.isArray(child)) throw malformed(`${place}[${index}] is not an object`);
    visit(child as Record<string, unknown>, `${place}[${index}]`);
  });
}

function spanFields(span: Record<string, unknown>, at: string): void {
  ids(span, at);
  each(span, "links", at, ids);
  enumerator(span, "kind", KINDS, at);
  const { status } = span;
  if (typeof status === "object" && status !== null) enumerator(status as Record<string, unknown>, "code", STATUS_CODES, `${at}.status`);
}

function logFields(record: Record<string, unknown>, at: string): void {
  ids(record, at);
  enumerator(record, "severityNumber", SEVERITIES, at);
}

/** OTLP writes enumerators as integers; their names, which protobuf's own JSON mapping writes, are understood as well. */
function enumerator(record: Record<string, unknown>, field: string, names: ReadonlyMap<string, number>, at: string): void {
  const value = record[field];
  if (typeof value !== "string" || /^-?\d+$/.test(value)) return;
  const number = names.get(value);
  if (number === undefined) throw malformed(`${at}.${field} is neither an integer nor a known name: ${JSON.stringify(value.slice(0, 80))}`);
  record[field] = number;
}

/** The library reads bytes as base64; ids are hex. */
function ids(record: Record<string, unknown>, at: string): void {
  for (const name of ["traceId", "spanId", "parentSpanId"]) {
    const id = record[name];
    if (id === undefined || id === null) continue;
    if (typeof id !== "string" || id.length > ID_DIGITS_MAX || !/^([0-9a-f]{2})*$/i.test(id)) throw malformed(`${at}.${name} is not hex: ${JSON.stringify(typeof id === "string" ? id.slice(0, 80) : id).slice(0, 80)}`);
    record[name] = Buffer.from(id, "hex").toString("base64");
  }
}

function numbered(prefix: string, names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, number) => [`${prefix}${name}`, number]));
}

function malformed(what: string, cause?: unknown): FirstfixError {
  return new FirstfixError("otlp.malformed", `OTLP JSON: ${what}`, { hint: "See the JSON mapping of OTLP: hex ids, camelCase names, enums as integers.", cause });
}
