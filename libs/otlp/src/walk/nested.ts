import type { Wire } from "./wire.ts";

/**
 * JSON text of an array_value (5) or kvlist_value (6) whose bytes end at `end`; `wire` stands at their start and ends
 * at `end`. Values that JSON lacks are written as OTLP JSON writes them: bytes as base64, NaN and infinities as text.
 * Integers beyond ±2^53 become text, because JSON readers would round them; whole doubles keep their ".0", so that a
 * reader that tells the types apart still can. An absent value is null. Depth was bounded by the scan.
 */
export function nestedJson(wire: Wire, kind: number, end: number): string {
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
  let value = "null";
  while (wire.pos < end) {
    const tag = wire.tag(end);
    if (tag >>> 3 === 1) key = text(wire, wire.stop(tag & 7, end));
    else if (tag >>> 3 === 2) value = anyJson(wire, wire.stop(tag & 7, end));
    else wire.skip(tag & 7, end);
  }
  return `${JSON.stringify(key)}:${value}`;
}

function anyJson(wire: Wire, end: number): string {
  let json = "null";
  while (wire.pos < end) {
    const tag = wire.tag(end);
    const type = tag & 7;
    switch (tag >>> 3) {
      case 1:
        json = JSON.stringify(text(wire, wire.stop(type, end)));
        break;
      case 2:
        json = wire.varint(end) === 0 ? "false" : "true";
        break;
      case 3:
        json = integer(wire, end);
        break;
      case 4:
        json = double(wire.view.getFloat64(wire.pos, true));
        wire.pos += 8;
        break;
      case 5:
      case 6:
        json = nestedJson(wire, tag >>> 3, wire.stop(type, end));
        break;
      case 7: {
        const stop = wire.stop(type, end);
        json = JSON.stringify(Buffer.from(wire.bytes.subarray(wire.pos, stop)).toString("base64"));
        wire.pos = stop;
        break;
      }
      default:
        wire.skip(type, end);
    }
  }
  return json;
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
