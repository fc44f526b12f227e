import { ScalarType, fromBinary, toJson, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { FirstfixError } from "@firstfix/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REQUEST } from "../messages.ts";
import type { Signal } from "../schema.ts";
import { encodeRequest, logs, NOW_MS, traces } from "./arbitrary.ts";
import { choices, chooser, repeatFields } from "./repeat.ts";
import { walkLimits, walkRequest } from "./index.ts";

const LIMITS = walkLimits(NOW_MS);
const NOW = BigInt(NOW_MS) * 1_000_000n;

describe("requests of the official encoding", () => {
  it("go on as they came when nothing is nested", () => {
    fc.assert(
      fc.property(traces({ nested: false }), (message) => {
        const body = encodeRequest("traces", message);
        const records = message.resourceSpans.flatMap((group) => group.scopeSpans.flatMap((scope) => scope.spans)).length;
        const result = walkRequest("traces", body, LIMITS);
        expect(result).toMatchObject({ records, rejected: 0, reason: null, warning: null, body });
        expect(result.body).toBe(body);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(logs({ nested: false }), (message) => {
        const body = encodeRequest("logs", message);
        const result = walkRequest("logs", body, LIMITS);
        expect(result.rejected).toBe(0);
        expect(result.body).toBe(body);
      }),
      { numRuns: 300 },
    );
  });

  it("keep their content when nested values become JSON", () => {
    const same = (signal: Signal, message: object): void => {
      const body = encodeRequest(signal, message);
      const result = walkRequest(signal, body, LIMITS);
      expect(result.rejected).toBe(0);
      expect(plain(signal, result.body)).toEqual(plain(signal, body));
    };
    fc.assert(fc.property(traces({ nested: true }), (message) => same("traces", message)), { numRuns: 300 });
    fc.assert(fc.property(logs({ nested: true }), (message) => same("logs", message)), { numRuns: 300 });
  });

  it("mean what the official decoder reads where fields come twice and values have several members", () => {
    const same = (signal: Signal, message: object, from: readonly number[]): void => {
      const body = repeatFields(REQUEST[signal], encodeRequest(signal, message), chooser(from));
      const result = walkRequest(signal, body, LIMITS);
      expect(result.rejected).toBe(0);
      expect(plain(signal, result.body)).toEqual(plain(signal, body));
    };
    fc.assert(fc.property(traces({ nested: true }), choices, (message, from) => same("traces", message, from)), { numRuns: 300 });
    fc.assert(fc.property(logs({ nested: true }), choices, (message, from) => same("logs", message, from)), { numRuns: 300 });
  });

  it("may be concatenated", () => {
    fc.assert(
      fc.property(traces({ nested: true }), traces({ nested: true }), (a, b) => {
        const [first, second] = [encodeRequest("traces", a), encodeRequest("traces", b)];
        const records = (body: Uint8Array): number => walkRequest("traces", body, LIMITS).records;
        expect(records(Buffer.concat([first, second]))).toBe(records(first) + records(second));
      }),
      { numRuns: 50 },
    );
  });
});

describe("bytes that are no request", () => {
  it("are refused as malformed or accepted, and what is accepted the official decoder takes", () => {
    const check = (signal: Signal, body: Uint8Array): void => {
      let result;
      try {
        result = walkRequest(signal, body, LIMITS);
      } catch (error) {
        expect(error).toBeInstanceOf(FirstfixError);
        expect((error as FirstfixError).code).toBe("otlp.malformed");
        return;
      }
      // A known field of another wire type is an unknown field, says protobuf; this decoder reads it as if it were the known one.
      if (!hasForeignType(REQUEST[signal], result.body)) fromBinary(REQUEST[signal], result.body);
      const again = walkRequest(signal, result.body, LIMITS);
      expect(again.rejected).toBe(0);
      expect(again.records).toBe(result.records - result.rejected);
    };
    const mutations = fc.array(fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) }), { maxLength: 4 });
    fc.assert(
      fc.property(traces({ nested: true }), mutations, fc.option(fc.nat()), (message, edits, cut) => check("traces", mutate(encodeRequest("traces", message), edits, cut))),
      { numRuns: 1000, interruptAfterTimeLimit: 8_000, endOnFailure: true },
    );
    fc.assert(
      fc.property(logs({ nested: true }), mutations, fc.option(fc.nat()), (message, edits, cut) => check("logs", mutate(encodeRequest("logs", message), edits, cut))),
      { numRuns: 500, interruptAfterTimeLimit: 6_000, endOnFailure: true },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => check("traces", bytes)), { numRuns: 1000 });
  });

  it("are refused when they hold masses of empty messages", () => {
    const groups = (count: number): Buffer => Buffer.alloc(count * 2, Buffer.from([0x0a, 0]));
    const few = { ...LIMITS, recordsMax: 10 };
    expect(walkRequest("traces", groups(100), few).records).toBe(0);
    expect(() => walkRequest("traces", groups(101), few)).toThrow(expect.objectContaining({ code: "otlp.too_large" }));
    const events = (count: number): Uint8Array => encodeRequest("traces", request([span({ events: Array.from({ length: count }, () => ({})) })]));
    expect(walkRequest("traces", events(98), few)).toMatchObject({ records: 1, rejected: 0 });
    expect(() => walkRequest("traces", events(99), few)).toThrow(/more than 100 resources/);
  });

  it("are refused when cut anywhere within the last field", () => {
    const body = encodeRequest("traces", request([span({})]));
    for (let length = 1; length < body.length; length++) expect(() => walkRequest("traces", body.subarray(0, length), LIMITS), String(length)).toThrow(/at byte/);
  });

  it("do not hang or overflow when nested without end", () => {
    let value = Buffer.alloc(0);
    for (let depth = 0; depth < 20_000; depth++) value = Buffer.concat([Buffer.from([0x0a, ...varint(value.length + 1 + varint(value.length).length), 0x2a, ...varint(value.length)]), value]);
    const any = Buffer.concat([Buffer.from([0x2a, ...varint(value.length)]), value]);
    const attribute = Buffer.concat([Buffer.from([0x12, ...varint(any.length)]), any]);
    const bare = Buffer.from(encodeSpan(span({})));
    const nested = Buffer.concat([bare, Buffer.from([0x4a, ...varint(attribute.length)]), attribute]);
    const scope = Buffer.concat([Buffer.from([0x12, ...varint(nested.length)]), nested, Buffer.from([0x12, ...varint(bare.length)]), bare]);
    const group = Buffer.concat([Buffer.from([0x12, ...varint(scope.length)]), scope]);
    const body = Buffer.concat([Buffer.from([0x0a, ...varint(group.length)]), group]);
    expect(walkRequest("traces", body, LIMITS)).toMatchObject({ records: 2, rejected: 1, reason: expect.stringContaining("nested more than 16 deep") });
  });
});

describe("records that the store could not take", () => {
  it.each([
    ["trace_id", { traceId: new Uint8Array(15).fill(1) }],
    ["trace_id", { traceId: new Uint8Array(16) }],
    ["trace_id", { traceId: new Uint8Array() }],
    ["span_id", { spanId: new Uint8Array(16).fill(1) }],
    ["span_id", { spanId: new Uint8Array(8) }],
    ["parent_span_id", { parentSpanId: new Uint8Array(7).fill(1) }],
    ["time outside", { startTimeUnixNano: 0n }],
    ["time outside", { endTimeUnixNano: NOW + 2n * 3_600_000_000_000n }],
    ["time outside", { startTimeUnixNano: NOW - 8n * 86_400_000_000_000n }],
    ["end before", { endTimeUnixNano: NOW - 1n }],
    ["event whose time", { events: [{ timeUnixNano: 1n, name: "exception" }] }],
    ["more than 256 attributes", { attributes: Array.from({ length: 257 }, (_, i) => ({ key: String(i) })) }],
    ["more than 256 attributes", { events: [{ timeUnixNano: NOW, attributes: Array.from({ length: 257 }, (_, i) => ({ key: String(i) })) }] }],
  ])("are left out and explained: %s %#", (reason, fields) => {
    const body = encodeRequest("traces", request([span({ name: "before" }), span(fields), span({ name: "after" })]));
    const result = walkRequest("traces", body, LIMITS);
    expect(result).toMatchObject({ records: 3, rejected: 1, reason: expect.stringContaining(`rejected spans: 1 `) });
    expect(result.reason).toContain(reason);
    expect(names(result.body)).toEqual(["before", "after"]);
  });

  it("count every reason once per record", () => {
    const result = walkRequest("traces", encodeRequest("traces", request([span({ traceId: new Uint8Array(3), startTimeUnixNano: 0n }), span({ startTimeUnixNano: 0n }), span({})])), LIMITS);
    expect(result).toMatchObject({ records: 3, rejected: 2 });
    expect(result.reason).toMatch(/1 with a trace_id .*; 1 with a time outside 2026-01-08T12:00:00.000Z … 2026-01-15T13:00:00.000Z/);
  });

  it("beyond the number of a request are left out", () => {
    const result = walkRequest("traces", encodeRequest("traces", request([span({ name: "a" }), span({ name: "b" }), span({ name: "c" })])), { ...LIMITS, recordsMax: 2 });
    expect(result).toMatchObject({ records: 3, rejected: 1, reason: expect.stringContaining("beyond the 2") });
    expect(names(result.body)).toEqual(["a", "b"]);
  });

  it("go with a resource beyond the limits, each counted once", () => {
    const many = Array.from({ length: 257 }, (_, i) => ({ key: String(i) }));
    const bad = { resource: { attributes: many }, scopeSpans: [{ spans: [span({}), span({ startTimeUnixNano: 0n })] }] };
    const good = { resource: {}, scopeSpans: [{ spans: [span({ name: "kept" })] }, { scope: { attributes: many }, spans: [span({})] }] };
    const result = walkRequest("traces", encodeRequest("traces", { resourceSpans: [bad, good] }), LIMITS);
    expect(result).toMatchObject({ records: 4, rejected: 3 });
    expect(names(result.body)).toEqual(["kept"]);
  });
});

describe("log records", () => {
  const log = (fields: object): Uint8Array => encodeRequest("logs", { resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: NOW, ...fields }] }] }] });

  it("need no ids, but none of a wrong length", () => {
    expect(walkRequest("logs", log({}), LIMITS).rejected).toBe(0);
    expect(walkRequest("logs", log({ traceId: new Uint8Array(15) }), LIMITS).reason).toContain("trace_id");
    expect(walkRequest("logs", log({ spanId: new Uint8Array(9) }), LIMITS).reason).toContain("span_id");
  });

  it("count by their observed time where they have no other, and get the time of arrival where they have neither", () => {
    expect(walkRequest("logs", log({ timeUnixNano: 0n, observedTimeUnixNano: NOW }), LIMITS).rejected).toBe(0);
    expect(walkRequest("logs", log({ timeUnixNano: 0n, observedTimeUnixNano: 5n }), LIMITS).rejected).toBe(1);
    const undated = walkRequest("logs", log({ timeUnixNano: 0n }), LIMITS);
    expect(undated.rejected).toBe(0);
    expect(toJson(REQUEST.logs, fromBinary(REQUEST.logs, undated.body))).toMatchObject({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ observedTimeUnixNano: String(NOW) }] }] }] });
  });
});

describe("texts", () => {
  it("that are not UTF-8 have the bad bytes replaced, in keys and values, and nothing else changes", () => {
    const body = Buffer.from(encodeRequest("traces", request([span({ name: "b@d", attributes: [{ key: "k@y", value: { value: { case: "stringValue", value: "ü@" } } }] }), span({ name: "good" })])));
    for (let at = body.indexOf("@"); at !== -1; at = body.indexOf("@", at)) body[at] = 0xff;
    const result = walkRequest("traces", body, LIMITS);
    expect(result.rejected).toBe(0);
    expect(names(result.body)).toEqual(["b\ufffdd", "good"]);
    expect(JSON.stringify(toJson(REQUEST.traces, fromBinary(REQUEST.traces, result.body)))).toContain('{"key":"k\ufffdy","value":{"stringValue":"ü\ufffd"}}');
  });

  it("in the JSON field that is ours do not come from outside", () => {
    const result = walkRequest("traces", encodeRequest("traces", request([span({ attributes: [{ key: "k", value: { value: { case: "jsonValue", value: "{not json" } } }] })])), LIMITS);
    expect(Buffer.from(result.body).includes("{not json")).toBe(false);
    expect(names(result.body)).toEqual(["op"]);
  });
});

function span(fields: object): object {
  return { traceId: new Uint8Array(16).fill(1), spanId: new Uint8Array(8).fill(2), name: "op", startTimeUnixNano: NOW, endTimeUnixNano: NOW, ...fields };
}

function request(spans: readonly object[]): object {
  return { resourceSpans: [{ resource: {}, scopeSpans: [{ spans }] }] };
}

function encodeSpan(one: object): Uint8Array {
  const body = encodeRequest("traces", request([one]));
  // request → group (tag, length, empty resource of 2 bytes) → scope group → span: each head is 2 or 3 bytes here.
  const marker = Buffer.from(body).indexOf(Buffer.from([0x0a, 0x10, 1, 1, 1]));
  return body.subarray(marker);
}

function varint(number: number): number[] {
  const bytes: number[] = [];
  for (; number > 0x7f; number >>>= 7) bytes.push((number & 0x7f) | 0x80);
  return [...bytes, number];
}

function names(body: Uint8Array): string[] {
  const message = toJson(REQUEST.traces, fromBinary(REQUEST.traces, body)) as { resourceSpans?: { scopeSpans?: { spans?: { name: string }[] }[] }[] };
  return (message.resourceSpans ?? []).flatMap((group) => (group.scopeSpans ?? []).flatMap((scope) => (scope.spans ?? []).map((one) => one.name)));
}

/** Whether a field that the schema knows has a wire type that it cannot have. */
function hasForeignType(schema: DescMessage, bytes: Uint8Array): boolean {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const field = schema.fields.find((one) => one.number === number);
    if (field !== undefined && !wireTypesOf(field).includes(type)) return true;
    const inner = field?.fieldKind === "message" ? field.message : field?.fieldKind === "list" && field.listKind === "message" ? field.message : undefined;
    if (inner === undefined) reader.skip(type, number);
    else if (hasForeignType(inner, reader.bytes())) return true;
  }
  return false;
}

function wireTypesOf(field: DescField): readonly WireType[] {
  const own = field.fieldKind === "list" ? field.listKind : field.fieldKind;
  if (own === "message" || field.fieldKind === "map") return [WireType.LengthDelimited];
  const scalar = own === "enum" ? ScalarType.INT32 : (field.scalar ?? ScalarType.BYTES);
  // Numbers that repeat may be packed.
  const packed = field.fieldKind === "list" ? [WireType.LengthDelimited] : [];
  if (scalar === ScalarType.STRING || scalar === ScalarType.BYTES) return [WireType.LengthDelimited];
  if ([ScalarType.DOUBLE, ScalarType.FIXED64, ScalarType.SFIXED64].includes(scalar)) return [WireType.Bit64, ...packed];
  if ([ScalarType.FLOAT, ScalarType.FIXED32, ScalarType.SFIXED32].includes(scalar)) return [WireType.Bit32, ...packed];
  return [WireType.Varint, ...packed];
}

function mutate(body: Uint8Array, edits: readonly { at: number; byte: number }[], cut: number | null): Uint8Array {
  const copy = Uint8Array.from(body);
  if (copy.length === 0) return copy;
  for (const edit of edits) copy[edit.at % copy.length] = edit.byte;
  return cut === null ? copy : copy.subarray(0, cut % copy.length);
}

/** Decoded, with nested values and our JSON field both as plain values, so that the two can be compared. */
function plain(signal: Signal, body: Uint8Array): unknown {
  return simplify(fromBinary(REQUEST[signal], body));
}

function simplify(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(simplify);
  if (typeof value !== "object" || value === null) return value;
  const { case: kind, value: inner } = value as { case?: string; value?: unknown };
  if (kind === "jsonValue") return { nested: JSON.parse(inner as string) as unknown };
  if (kind === "arrayValue" || kind === "kvlistValue") return { nested: nested({ value }) };
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== "$typeName").map(([name, child]) => [name, simplify(child)]));
}

function nested(any: { value: { case?: string | undefined; value?: unknown } } | undefined): unknown {
  const { case: kind, value } = any?.value ?? {};
  switch (kind) {
    case "arrayValue":
      return (value as { values: { value: { case?: string; value?: unknown } }[] }).values.map(nested);
    case "kvlistValue":
      return Object.fromEntries((value as { values: { key: string; value?: { value: { case?: string; value?: unknown } } }[] }).values.map((entry) => [entry.key, nested(entry.value)]));
    case "intValue":
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case "doubleValue":
      return Number.isFinite(value) ? value : String(value);
    case "bytesValue":
      return Buffer.from(value as Uint8Array).toString("base64");
    case undefined:
      return null;
    default:
      return value;
  }
}
