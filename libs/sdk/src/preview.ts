import { EventEmitter } from "node:events";
import { types } from "node:util";
import type { IsSecret } from "./names.ts";
import { redactJson } from "./redact.ts";
import { isLabel, REDACTED, scrubText, secretField } from "./scrub.ts";

export const DEPTH_MAX = 3;
export const ELEMENTS_MAX = 100;
export const FIELDS_MAX = 20;
export const CHARS_MAX = 255;
/** Values looked at in one preview, whatever its shape: 100 elements of 20 fields on three levels would be 8 million. */
const VALUES_MAX = 1_000;

/**
 * A JSON-like preview of a value: bounded, redacted by name and by value, and without running any of the application's code, so no
 * getter, proxy trap or toJSON is called.
 */
export function previewVariables(scope: object, isSecret: IsSecret): Record<string, unknown> {
  const state = { left: VALUES_MAX, isSecret, path: new Set<object>() };
  const result: Record<string, unknown> = {};
  for (const name of Object.getOwnPropertyNames(scope).slice(0, FIELDS_MAX)) {
    if (name === "this" || name === "arguments") continue;
    setField(result, name, fieldOf(scope, name, 1, state));
  }
  return result;
}

interface State {
  left: number;
  readonly isSecret: IsSecret;
  readonly path: Set<object>;
}

function fieldOf(holder: object, name: string, depth: number, state: State): unknown {
  if (state.isSecret(name)) return REDACTED;
  const property = propertyOf(holder, name);
  if (property === undefined) return "[not set yet]";
  return "value" in property ? preview(property.value, depth, state) : "[getter]";
}

/** A variable whose declaration was not reached yet throws when it is looked at, even this way. */
function propertyOf(holder: object, name: string): PropertyDescriptor | undefined {
  try {
    return Object.getOwnPropertyDescriptor(holder, name);
  } catch {
    return undefined;
  }
}

function preview(value: unknown, depth: number, state: State): unknown {
  state.left -= 1;
  if (state.left < 0) return "[…]";
  switch (typeof value) {
    case "string": return shortened(value, state);
    case "number": return Number.isFinite(value) ? value : String(value);
    case "boolean": return value;
    case "undefined": return "[undefined]";
    case "bigint": return `${String(value)}n`.slice(0, CHARS_MAX);
    case "symbol": return value.toString().slice(0, CHARS_MAX);
    case "function": return "[function]";
    case "object": return value === null ? null : previewObject(value, depth, state);
  }
}

/** Somewhat more than is shown is looked at, so that a secret is seen as one before it is cut. */
function shortened(text: string, state: State): string {
  const part = text.slice(0, CHARS_MAX * 4);
  const clean = /^\s{0,8}[[{]/.test(part) ? redactJson(part, state.isSecret) : scrubText(part, state.isSecret);
  return clean.length > CHARS_MAX || text.length > CHARS_MAX * 4 ? `${clean.slice(0, CHARS_MAX)}…` : clean;
}

function messageOf(error: object, state: State): string {
  const message: unknown = Object.getOwnPropertyDescriptor(error, "message")?.value;
  return typeof message === "string" ? shortened(message, state) : "";
}

function previewObject(value: object, depth: number, state: State): unknown {
  if (types.isProxy(value)) return "[proxy]";
  if (types.isDate(value)) return Number.isNaN(Date.prototype.getTime.call(value)) ? "[invalid date]" : Date.prototype.toISOString.call(value);
  if (types.isNativeError(value)) return `[error ${messageOf(value, state)}]`;
  if (types.isRegExp(value)) return "[regexp]";
  // Requests, sockets and streams are all plumbing, and hold raw headers in lists where no name tells a secret.
  if (value instanceof EventEmitter) return "[stream or emitter]";
  if (types.isPromise(value)) return "[promise]";
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return "[bytes]";
  if (state.path.has(value)) return "[circular]";
  if (depth > DEPTH_MAX) return Array.isArray(value) ? "[array]" : "[object]";
  state.path.add(value);
  try {
    if (Array.isArray(value)) return elements(value, depth, state);
    if (types.isMap(value)) return entries(value, depth, state);
    if (types.isSet(value)) return elements([...take(Set.prototype.values.call(value))], depth, state);
    return fields(value, depth, state);
  } finally {
    state.path.delete(value);
  }
}

function elements(list: readonly unknown[], depth: number, state: State): unknown[] {
  const result: unknown[] = [];
  const count = Math.min(list.length, ELEMENTS_MAX);
  const pairs = list.length % 2 === 0;
  for (let index = 0; index < count; index += 1) {
    // `["Authorization", "Bearer …"]`, as raw headers and entries are.
    const label = pairs && index % 2 === 1 && isLabel(result[index - 1], state.isSecret);
    result.push(label ? REDACTED : fieldOf(list, String(index), depth + 1, state));
  }
  if (list.length > count) result.push(`[… ${String(list.length - count)} more]`);
  return result;
}

function entries(map: Map<unknown, unknown>, depth: number, state: State): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const pair of take(Map.prototype.entries.call(map))) {
    const [key, value] = pair as [unknown, unknown];
    const name = typeof key === "string" ? key.slice(0, CHARS_MAX) : `[${typeof key}]`;
    setField(result, name, state.isSecret(name) ? REDACTED : preview(value, depth + 1, state));
  }
  return result;
}

function fields(value: object, depth: number, state: State): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const names = Object.keys(value);
  const secret = secretField((name) => propertyOf(value, name)?.value, state.isSecret);
  for (const name of names.slice(0, FIELDS_MAX)) setField(result, name.slice(0, CHARS_MAX), name === secret ? REDACTED : fieldOf(value, name, depth + 1, state));
  if (names.length > FIELDS_MAX) setField(result, "…", `${String(names.length - FIELDS_MAX)} more`);
  return result;
}

function* take(items: Iterable<unknown>): Generator {
  let left = FIELDS_MAX;
  for (const item of items) {
    if (left <= 0) return;
    left -= 1;
    yield item;
  }
}

function setField(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
