import { fromJson, toBinary, type JsonValue } from "@bufbuild/protobuf";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { REQUEST } from "./messages.ts";
import type { Signal } from "./schema.ts";

/**
 * OTLP JSON to protobuf, so that JSON requests join the path of all others. The mapping is that of proto3 JSON, except
 * that ids are hex of any case; 64-bit integers may be text or numbers of any size; unknown fields are ignored.
 * Throws otlp.malformed with the place of what is wrong.
 */
export function jsonToProtobuf(signal: Signal, text: Uint8Array): Uint8Array {
  const request = parse(text);
  if (signal === "traces") each(request, "resourceSpans", "", (group, at) => each(group, "scopeSpans", at, (scope, at) => each(scope, "spans", at, spanIds)));
  else each(request, "resourceLogs", "", (group, at) => each(group, "scopeLogs", at, (scope, at) => each(scope, "logRecords", at, ids)));
  try {
    return toBinary(REQUEST[signal], fromJson(REQUEST[signal], request as JsonValue, { ignoreUnknownFields: true }));
  } catch (cause) {
    throw malformed(messageOf(cause), cause);
  }
}

function parse(text: Uint8Array): unknown {
  let request: unknown;
  try {
    const json = new TextDecoder("utf-8", { fatal: true }).decode(text);
    // Only a text with a number of that many digits pays for keeping them all.
    request = /\d{16}/.test(json) ? JSON.parse(json, keepDigits) : JSON.parse(json);
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

function spanIds(span: Record<string, unknown>, at: string): void {
  ids(span, at);
  each(span, "links", at, ids);
}

/** The library reads bytes as base64; ids are hex. */
function ids(record: Record<string, unknown>, at: string): void {
  for (const name of ["traceId", "spanId", "parentSpanId"]) {
    const id = record[name];
    if (id === undefined || id === null) continue;
    if (typeof id !== "string" || !/^([0-9a-f]{2})*$/i.test(id)) throw malformed(`${at}.${name} is not hex: ${JSON.stringify(id).slice(0, 80)}`);
    record[name] = Buffer.from(id, "hex").toString("base64");
  }
}

function malformed(what: string, cause?: unknown): FirstfixError {
  return new FirstfixError("otlp.malformed", `OTLP JSON: ${what}`, { hint: "See the JSON mapping of OTLP: hex ids, camelCase names, enums as integers.", cause });
}
