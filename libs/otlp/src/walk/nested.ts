import { JSON_VALUE_FIELD } from "../schema.ts";
import { Wire } from "./wire.ts";

/** The member of an AnyValue that counts. */
export interface Member {
  readonly field: number;
  /** Where its field begins. */
  at: number;
  /** Earlier pieces of the same array or key-value list, as the positions of their fields. */
  before: number[] | null;
}

/**
 * Steps over an AnyValue and says which member counts: the last one. Arrays and lists that follow each other are one in
 * pieces. `other` is told where each field that is no member begins, when it was stepped over. Null where none is there.
 */
export function memberOf(wire: Wire, end: number, walked: boolean, other?: (at: number) => void): Member | null {
  let member: Member | null = null;
  while (wire.pos < end) {
    const at = wire.pos;
    const tag = wire.tag(end);
    const field = tag >>> 3;
    wire.skip(tag & 7, end);
    if (field > 7 && !(field === JSON_VALUE_FIELD && walked)) {
      // A sender's field of our number never goes on.
      if (field !== JSON_VALUE_FIELD) other?.(at);
    } else if (member !== null && member.field === field && (field === 5 || field === 6)) {
      (member.before ??= []).push(member.at);
      member.at = at;
    } else member = { field, at, before: null };
  }
  return member;
}

/** JSON text of the member; `wire` stands anywhere after. */
export function memberJson(wire: Wire, { field, at, before }: Member): string {
  wire.pos = at;
  const end = wire.bytes.length;
  const type = wire.tag(end) & 7;
  switch (field) {
    case 1:
      return JSON.stringify(text(wire, wire.stop(type, end)));
    case 2:
      return wire.varint(end) === 0 ? "false" : "true";
    case 3:
      return integer(wire, end);
    case 4:
      return double(wire.view.getFloat64(wire.pos, true));
    case 7: {
      const stop = wire.stop(type, end);
      return JSON.stringify(Buffer.from(wire.bytes.subarray(wire.pos, stop)).toString("base64"));
    }
    default: {
      if (before === null) return nestedJson(wire, field, wire.stop(type, end));
      const whole = joined(wire, [...before, at]);
      return nestedJson(whole, field, whole.bytes.length);
    }
  }
}

/**
 * JSON text of an array_value (5) or kvlist_value (6) whose bytes end at `end`; `wire` stands at their start and ends
 * at `end`. Values that JSON lacks are written as OTLP JSON writes them: bytes as base64, NaN and infinities as text.
 * Integers beyond ±2^53 become text, because JSON readers would round them; whole doubles keep their ".0", so that a
 * reader that tells the types apart still can. An absent value is null. Depth was bounded by the scan.
 */
function nestedJson(wire: Wire, kind: number, end: number): string {
  const items: string[] = [];
  while (wire.pos < end) {
    const tag = wire.tag(end);
    if (tag >>> 3 !== 1) wire.skip(tag & 7, end);
    else items.push(kind === 5 ? anyJson(wire, wire.stop(tag & 7, end)) : entryJson(wire, wire.stop(tag & 7, end)));
  }
  return kind === 5 ? `[${items.join(",")}]` : `{${items.join(",")}}`;
}

function entryJson(wire: Wire, end: number): string {
  let key = "";
  const values: number[] = [];
  while (wire.pos < end) {
    const at = wire.pos;
    const tag = wire.tag(end);
    if (tag >>> 3 === 1) key = text(wire, wire.stop(tag & 7, end));
    else {
      if (tag >>> 3 === 2) values.push(at);
      wire.skip(tag & 7, end);
    }
  }
  return `${JSON.stringify(key)}:${entryValue(wire, values, end)}`;
}

function entryValue(wire: Wire, values: readonly number[], end: number): string {
  const [at] = values;
  if (at === undefined) return "null";
  if (values.length > 1) {
    const whole = joined(wire, values);
    wire.pos = end;
    return anyJson(whole, whole.bytes.length);
  }
  wire.pos = at;
  const json = anyJson(wire, wire.stop(wire.tag(end) & 7, end));
  wire.pos = end;
  return json;
}

function anyJson(wire: Wire, end: number): string {
  const member = memberOf(wire, end, false);
  const json = member === null ? "null" : memberJson(wire, member);
  wire.pos = end;
  return json;
}

/** The contents of messages one after the other, which is how protobuf merges them. */
function joined(wire: Wire, places: readonly number[]): Wire {
  const end = wire.bytes.length;
  const contents = places.map((place) => {
    wire.pos = place;
    const stop = wire.stop(wire.tag(end) & 7, end);
    return wire.bytes.subarray(wire.pos, stop);
  });
  return new Wire(Buffer.concat(contents));
}

function text(wire: Wire, stop: number): string {
  const bytes = wire.bytes.subarray(wire.pos, stop);
  wire.pos = stop;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function integer(wire: Wire, end: number): string {
  const start = wire.pos;
  wire.varint(end);
  let value = 0n;
  for (let at = wire.pos - 1; at >= start; at--) value = (value << 7n) | BigInt((wire.bytes[at] as number) & 0x7f);
  const signed = BigInt.asIntN(64, value);
  return Number.isSafeInteger(Number(signed)) ? String(signed) : `"${signed}"`;
}

function double(value: number): string {
  if (!Number.isFinite(value)) return `"${String(value)}"`;
  if (Object.is(value, -0)) return "-0.0";
  const json = String(value);
  return /^-?\d+$/.test(json) ? `${json}.0` : json;
}
