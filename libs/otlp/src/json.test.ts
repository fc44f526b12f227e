import { fromBinary, toJson, type JsonValue } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeLogs, decodeTraces } from "./decode.ts";
import { jsonToProtobuf } from "./json.ts";
import { REQUEST } from "./messages.ts";
import { encodeRequest, logs, traces } from "./walk/arbitrary.ts";
import type { Signal } from "./schema.ts";

const one = (span: object | string): Uint8Array => Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[${typeof span === "string" ? span : JSON.stringify(span)}]}]}]}`);

describe("OTLP JSON", () => {
  it("means the same as protobuf", () => {
    const same = (signal: Signal, message: object): void => {
      const body = encodeRequest(signal, message);
      const json = hexIds(toJson(REQUEST[signal], fromBinary(REQUEST[signal], body)));
      expect(Buffer.from(jsonToProtobuf(signal, Buffer.from(JSON.stringify(json)))).toString("hex")).toBe(Buffer.from(body).toString("hex"));
    };
    fc.assert(fc.property(traces({ nested: true }), (message) => same("traces", message)), { numRuns: 200 });
    fc.assert(fc.property(logs({ nested: true }), (message) => same("logs", message)), { numRuns: 200 });
  });

  it("reads the example of the specification", () => {
    const text = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my.service"}}]},"scopeSpans":[{"scope":{"name":"my.library","version":"1.0.0","attributes":[{"key":"my.scope.attribute","value":{"stringValue":"some scope attribute"}}]},"spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","parentSpanId":"EEE19B7EC3C1B173","name":"I'm a server span","startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000","kind":2,"attributes":[{"key":"my.span.attr","value":{"stringValue":"some value"}}]}]}]}]}`;
    expect(decodeTraces(jsonToProtobuf("traces", Buffer.from(text)))).toMatchObject([
      { service: "my.service", traceId: "5b8efff798038103d269b633813fc60c", spanId: "eee19b7ec3c1b174", parentSpanId: "eee19b7ec3c1b173", kind: "server", durationNs: 1_000_000_000n, attributes: { "my.span.attr": "some value" } },
    ]);
  });

  it("takes 64-bit integers as text or numbers without losing digits, and ignores unknown fields", () => {
    const span = `{"traceId":"${"ab".repeat(16)}","spanId":"${"cd".repeat(8)}","startTimeUnixNano":1544712660000000001,"endTimeUnixNano":"1544712660000000003","someday":{"traceId":5},"attributes":[{"key":"n","value":{"intValue":-9223372036854775807}},{"key":"d","value":{"doubleValue":12345678901234567890}}]}`;
    expect(decodeTraces(jsonToProtobuf("traces", one(span)))).toMatchObject([{ startTimeNs: 1_544_712_660_000_000_001n, durationNs: 2n, attributes: { n: -9_223_372_036_854_775_807n, d: 1.2345678901234567e19 } }]);
  });

  it.each([
    ["{", "JSON"],
    ["[]", "not a JSON object"],
    ["null", "not a JSON object"],
    ['{"resourceSpans":{}}', "resourceSpans is not an array"],
    ['{"resourceSpans":[3]}', "resourceSpans[0] is not an object"],
    ['{"resourceSpans":[{"scopeSpans":[{"spans":[{},{"traceId":"xyz"}]}]}]}', 'resourceSpans[0].scopeSpans[0].spans[1].traceId is not hex: "xyz"'],
    ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":7}]}]}]}', "spans[0].spanId is not hex: 7"],
    ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"soon"}]}]}]}', "start_time_unix_nano"],
    ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":7}]}]}]}', "name"],
    [`{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":${'{"arrayValue":{"values":['.repeat(5000)}${"]}}".repeat(5000)}}]}}]}`, "OTLP JSON"],
  ])("that is wrong is refused with the place: %.60s", (text, place) => {
    expect(() => jsonToProtobuf("traces", Buffer.from(text))).toThrow(expect.objectContaining({ code: "otlp.malformed", message: expect.stringContaining(place) }));
  });

  it("that has an id of any size is refused as malformed", () => {
    for (const digits of [1025, 20_000_000]) expect(() => jsonToProtobuf("traces", one({ traceId: "a".repeat(digits) }))).toThrow(expect.objectContaining({ code: "otlp.malformed", message: expect.stringContaining("traceId is not hex") }));
  });

  it.each([
    ["objects", `{"resourceSpans":[${"{},".repeat(250_000)}{}]}`],
    ["arrays", `{"a":[${"[],".repeat(250_000)}[]]}`],
    ["entries", `{"b":1234567890123456789,${Array.from({ length: 260_000 }, (_, index) => `"k${index}":0`).join(",")}}`],
  ])("that would hold everybody up is refused before it is read: too many %s", (_what, text) => {
    const began = performance.now();
    expect(() => jsonToProtobuf("traces", Buffer.from(text))).toThrow(expect.objectContaining({ code: "otlp.too_large", hint: expect.stringContaining("smaller batches") }));
    expect(performance.now() - began).toBeLessThan(500);
  });

  it("may have as many braces and commas as it likes within its texts", () => {
    const name = `{[,"\\,`.repeat(300_000);
    expect(decodeTraces(jsonToProtobuf("traces", one({ traceId: "01".repeat(16), spanId: "02".repeat(8), name })))).toMatchObject([{ name }]);
  });

  it("that is not UTF-8 is refused", () => {
    expect(() => jsonToProtobuf("traces", Buffer.from([0x7b, 0xff, 0x7d]))).toThrow(expect.objectContaining({ code: "otlp.malformed" }));
  });
});

describe("decoding", () => {
  const attributes = [
    { key: "empty", value: { stringValue: "" } },
    { key: "zero", value: { intValue: 0 } },
    { key: "no", value: { boolValue: false } },
    { key: "big", value: { intValue: "9007199254740993" } },
    { key: "bytes", value: { bytesValue: "AAH/" } },
    { key: "absent", value: {} },
    { key: "list", value: { arrayValue: { values: [{ intValue: "1" }, { stringValue: "x" }, {}] } } },
    { key: "map", value: { kvlistValue: { values: [{ key: "__proto__", value: { doubleValue: 1.5 } }] } } },
  ];

  it("keeps the types of attributes", () => {
    const [span] = decodeTraces(jsonToProtobuf("traces", one({ traceId: "01".repeat(16), spanId: "02".repeat(8), parentSpanId: "0000000000000000", attributes, status: { code: 2, message: "no" }, events: [{ name: "exception", timeUnixNano: "5", attributes }] })));
    expect(span).toMatchObject({ parentSpanId: "", statusCode: "error", statusMessage: "no" });
    expect(Object.keys(span?.attributes ?? {})).not.toContain("absent");
    expect(span?.attributes).toMatchObject({ empty: "", zero: 0, no: false, big: 9_007_199_254_740_993n, bytes: "AAH/", list: [1, "x", null] });
    expect(Object.entries(span?.attributes["map"] ?? {})).toEqual([["__proto__", 1.5]]);
    expect(span?.events[0]?.attributes).toEqual(span?.attributes);
  });

  it("gives an event without a time that of the end of its span", () => {
    const [span] = decodeTraces(jsonToProtobuf("traces", one({ traceId: "01".repeat(16), spanId: "02".repeat(8), startTimeUnixNano: "5", endTimeUnixNano: "9", events: [{ name: "a" }, { name: "b", timeUnixNano: "6" }] })));
    expect(span?.events.map(({ timeNs }) => timeNs)).toEqual([9n, 6n]);
  });

  it("takes log records, whose body may be nested", () => {
    const text = JSON.stringify({ resourceLogs: [{ resource: { attributes: [{ key: "deployment.environment", value: { stringValue: "prod" } }] }, scopeLogs: [{ logRecords: [{ observedTimeUnixNano: "7", body: { arrayValue: { values: [{ boolValue: true }] } }, severityNumber: 9 }, {}] }] }] });
    const records = decodeLogs(jsonToProtobuf("logs", Buffer.from(text)));
    expect(records).toMatchObject([{ timeNs: 7n, environment: "prod", body: [true], severity: 9, traceId: "" }, { body: null }]);
  });
});

/** proto3 JSON has ids as base64, OTLP has them as hex. */
function hexIds(json: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(json), (key, value: unknown) => (/^(traceId|spanId|parentSpanId)$/.test(key) && typeof value === "string" ? Buffer.from(value, "base64").toString("hex") : value)) as JsonValue;
}

describe("names of enumerators", () => {
  const now = String(BigInt(Date.now()) * 1_000_000n);
  const span = (fields: object) => Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: "5b8efff798038103d269b633813fc60c", spanId: "eee19b7ec3c1b174", startTimeUnixNano: now, endTimeUnixNano: now, ...fields }] }] }] }));
  const log = (fields: object) => Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: now, ...fields }] }] }] }));

  it("mean their numbers", () => {
    expect(decodeTraces(jsonToProtobuf("traces", span({ kind: "SPAN_KIND_SERVER", status: { code: "STATUS_CODE_ERROR" } })))).toMatchObject([{ kind: "server", statusCode: "error" }]);
    expect(decodeTraces(jsonToProtobuf("traces", span({ kind: "3", status: { code: 1 } })))).toMatchObject([{ kind: "client", statusCode: "ok" }]);
    expect(decodeLogs(jsonToProtobuf("logs", log({ severityNumber: "SEVERITY_NUMBER_ERROR2" })))).toMatchObject([{ severity: 18 }]);
    expect(decodeLogs(jsonToProtobuf("logs", log({ severityNumber: "SEVERITY_NUMBER_FATAL4" })))).toMatchObject([{ severity: 24 }]);
  });

  it("that nobody knows are named with their place", () => {
    expect(() => jsonToProtobuf("traces", span({ kind: "server" }))).toThrow(/resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[0\]\.kind is neither an integer nor a known name: "server"/);
    expect(() => jsonToProtobuf("traces", span({ status: { code: "ERROR" } }))).toThrow(/spans\[0\]\.status\.code is neither/);
    expect(() => jsonToProtobuf("logs", log({ severityNumber: "toString" }))).toThrow(/severityNumber is neither/);
  });
});

it("repairs half a character, which a text that was cut to a length ends with", () => {
  const half = JSON.stringify("\u{1F600}".substring(0, 1));
  const text = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${"a1".repeat(16)}","spanId":"${"b2".repeat(8)}","name":${half},"attributes":[{"key":"n","value":{"intValue":9007199254740993}}]}]}]}]}`;
  expect(decodeTraces(jsonToProtobuf("traces", Buffer.from(text)))).toMatchObject([{ name: "\uFFFD", attributes: { n: 9007199254740993n } }]);
});
