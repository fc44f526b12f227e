import { batchTimeMs, nextBatchId } from "@firstfix/kit";
import { decodeTraces, jsonToProtobuf } from "@firstfix/otlp";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Signal, Store } from "./api.ts";
import { splitStatements } from "./migrate.ts";
import { readSpans, readTrace, searchSpans } from "./spans.ts";
import { select } from "./sql.ts";
import { sqlFile } from "./template.ts";
import { attributes, logs, nowNs, span, traces, walked } from "./testing/otlp.ts";
import { temporaryStore } from "./testing/store.ts";

const TABLES = ["spans", "logs", "exceptions", "exposure", "deployments"];
const RESOURCE = {
  "service.name": "shop",
  "deployment.environment.name": "production",
  "vcs.ref.head.revision": "a".repeat(40),
  "vcs.repository.url.full": "https://user:secret@example.org/shop.git",
};
let temporary: Awaited<ReturnType<typeof temporaryStore>>;
let store: Store;

beforeAll(async () => {
  temporary = await temporaryStore();
  store = temporary.store;
});
afterAll(() => temporary.dispose());
beforeEach(async () => {
  for (const table of TABLES) await store.background.command({ query: `TRUNCATE TABLE ${table}` });
});

describe("insertBatch: spans", () => {
  it("keeps the type of every attribute, with 0, false, the empty text and the last digit of an integer", async () => {
    const values = {
      text: "",
      zero: { intValue: "0" },
      big: { intValue: "9007199254740993" },
      least: { intValue: "-9223372036854775808" },
      float: { doubleValue: 0 },
      half: { doubleValue: 0.5 },
      no: { boolValue: false },
      bytes: { bytesValue: "AQI=" },
      list: { arrayValue: { values: [{ stringValue: "a" }, { intValue: "2" }] } },
      __proto: "kept",
    };
    await insert("traces", traces({ ...RESOURCE, ...values }, span({ attributes: attributes(values), events: [{ timeUnixNano: String(nowNs()), name: "e", attributes: attributes(values) }] })));
    const [read] = await readSpans(store.interactive, "1", 10);
    const expected = { text: "", zero: 0, big: 9007199254740993n, least: -9223372036854775808n, float: 0, half: 0.5, no: false, bytes: "AQI=", list: ["a", 2], __proto: "kept" };
    expect(read?.attributes).toEqual(expected);
    expect(read?.resource).toMatchObject(expected);
    expect(read?.events[0]?.attributes).toEqual(expected);
    expect(await select(store.interactive, "SELECT attr_int['big'] AS big, mapContains(attr_bool, 'no') AS no, mapContains(attr_int, 'none') AS none FROM spans")).toEqual([{ big: 9007199254740993n, no: 1, none: 0 }]);
  });

  it("takes the identity from the resource, old names too, without the credentials of an address", async () => {
    await insert("traces", traces(RESOURCE, span()));
    await insert("traces", traces({ "service.name": "old", "deployment.environment": "test", "vcs.repository.ref.revision": "b".repeat(40) }, span()));
    const rows = await select(store.interactive, "SELECT service, environment, revision, repository, resource_str['vcs.repository.url.full'] AS url FROM spans ORDER BY service");
    expect(rows).toEqual([
      { service: "old", environment: "test", revision: "b".repeat(40), repository: "", url: "" },
      { service: "shop", environment: "production", revision: "a".repeat(40), repository: "https://example.org/shop.git", url: "https://example.org/shop.git" },
    ]);
    expect(await select(store.interactive, "SELECT service, spans FROM deployments FINAL ORDER BY service")).toEqual([
      { service: "old", spans: 1 },
      { service: "shop", spans: 1 },
    ]);
  });

  it("takes kinds and status codes that it does not know as unspecified", async () => {
    await insert("traces", traces({}, span({ kind: 77, status: { code: 9 } })));
    expect(await readSpans(store.interactive, "1", 10)).toMatchObject([{ kind: "unspecified", statusCode: "unset" }]);
  });

  it("finds the newest spans with an attribute, as text or as a whole number, and no others", async () => {
    const named = (name: string, values: Record<string, unknown>, ms: number): object => span({ name, startTimeUnixNano: String(nowNs() - BigInt(ms) * 1_000_000n), attributes: attributes(values) });
    await insert("traces", traces(RESOURCE, named("old", { "user.id": "42" }, 50), named("int", { "user.id": { intValue: "42" } }, 10), named("other", { "user.id": "421", other: "42" }, 0), named("double", { "user.id": { doubleValue: 42.5 } }, 0), named("none", {}, 0)));
    const found = async (key: string, value: string, limit = 10): Promise<string[]> => (await searchSpans(store.interactive, key, value, limit)).map(({ name }) => name);
    expect(await found("user.id", "42")).toEqual(["int", "old"]);
    expect(await found("user.id", "42", 1)).toEqual(["int"]);
    expect(await found("user.id", "")).toEqual([]);
    expect(await found("it's", "99999999999999999999")).toEqual([]);
    expect(await select(store.interactive, "EXPLAIN indexes = 1 SELECT name FROM spans WHERE hasAny(attr_items, [cityHash64('user.id', 'nobody')])").then((rows) => JSON.stringify(rows))).toContain("item_index");
  });

  it("keeps links with their attributes", async () => {
    await insert("traces", traces(RESOURCE, span({ links: [{ traceId: "c3".repeat(16), spanId: "d4".repeat(8), attributes: attributes({ why: "batch", n: { intValue: "2" } }) }] })));
    expect(await select(store.interactive, "SELECT lower(hex(links.trace_id[1])) AS trace, lower(hex(links.span_id[1])) AS span, links.attributes[1] AS attributes FROM spans")).toEqual([{ trace: "c3".repeat(16), span: "d4".repeat(8), attributes: '{"why":"batch","n":2}' }]);
  });

  it("gives the place in the code and the exception's type by today's names and the old ones", async () => {
    const place = (prefix: readonly string[], values: readonly unknown[]): object[] => attributes(Object.fromEntries(prefix.map((name, index) => [name, values[index]])));
    const values = ["a.js", "f", { intValue: "7" }];
    const exception = { timeUnixNano: String(nowNs()), name: "exception", attributes: attributes({ "exception.type": "TypeError" }) };
    await insert("traces", traces(RESOURCE, span({ attributes: place(["code.file.path", "code.function.name", "code.line.number"], values), events: [exception] }), span({ attributes: place(["code.filepath", "code.function", "code.lineno"], values) })));
    const common = { code_file: "a.js", code_function: "f", code_line: 7 };
    expect(await select(store.interactive, "SELECT code_file, code_function, code_line, exception_type FROM spans ORDER BY exception_type")).toEqual([{ ...common, exception_type: "" }, { ...common, exception_type: "TypeError" }]);
  });

  it("reads what decodeTraces reads, whatever was sent", async () => {
    const text = fc.string({ unit: "grapheme", maxLength: 12 });
    const value = fc.oneof(
      text.map((stringValue) => ({ stringValue })),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((int) => ({ intValue: String(int) })),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((doubleValue) => ({ doubleValue: doubleValue === 0 ? 0 : doubleValue })),
      fc.boolean().map((boolValue) => ({ boolValue })),
      fc.array(fc.oneof(text.map((stringValue) => ({ stringValue })), fc.boolean().map((boolValue) => ({ boolValue }))), { maxLength: 3 }).map((values) => ({ arrayValue: { values } })),
    );
    const values = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), value, { maxKeys: 6, noNullPrototype: true }).map(attributes);
    const one = fc.record({ name: text, kind: fc.integer({ min: 0, max: 5 }), status: fc.record({ code: fc.integer({ min: 0, max: 2 }), message: text }), attributes: values, events: fc.array(values.map((all) => ({ timeUnixNano: String(nowNs()), name: "e", attributes: all })), { maxLength: 2 }) });
    const request = fc.array(fc.record({ resource: values, spans: fc.array(one, { minLength: 1, maxLength: 5 }) }), { minLength: 1, maxLength: 3 });
    let trace = 0;
    await fc.assert(
      fc.asyncProperty(request, async (groups) => {
        trace += 1;
        const traceId = trace.toString(16).padStart(32, "0");
        let number = 0;
        const spanOf = (fields: object): object => {
          number += 1;
          return span({ ...fields, traceId, spanId: number.toString(16).padStart(16, "0"), startTimeUnixNano: String(nowNs() - 1_000_000_000n + BigInt(number)) });
        };
        const bytes = jsonToProtobuf("traces", Buffer.from(JSON.stringify({ resourceSpans: groups.map(({ resource, spans }) => ({ resource: { attributes: resource }, scopeSpans: [{ spans: spans.map(spanOf) }] })) })));
        await insert("traces", walked("traces", bytes));
        expect(await readTrace(store.interactive, traceId)).toEqual(decodeTraces(bytes));
      }),
      { numRuns: 25 },
    );
  });
});

describe("insertBatch: logs", () => {
  it("keeps a text body as it is, another as JSON, and attributes by type", async () => {
    const time = nowNs();
    const bodies = [{ stringValue: "hello" }, { intValue: "0" }, { boolValue: false }, { kvlistValue: { values: attributes({ a: "b" }) } }, undefined];
    await insert("logs", logs(RESOURCE, ...bodies.map((one, index) => ({ observedTimeUnixNano: String(time + BigInt(index)), severityNumber: 9, body: one, traceId: index === 0 ? "a1".repeat(16) : undefined, attributes: attributes({ zero: { intValue: "0" }, no: { boolValue: false }, empty: "" }) }))));
    const rows = await select(store.interactive, "SELECT body, service, repository, severity, trace_hex, attr_str, attr_int, attr_bool, toUnixTimestamp64Nano(time) AS time FROM logs ORDER BY time");
    const common = { service: "shop", repository: "https://example.org/shop.git", severity: 9, attr_str: { empty: "" }, attr_int: { zero: 0 }, attr_bool: { no: false } };
    expect(rows).toEqual(["hello", "0", "false", '{"a":"b"}', ""].map((text, index) => ({ ...common, body: text, trace_hex: index === 0 ? "a1".repeat(16) : "", time: time + BigInt(index) })));
  });
});

describe("insertBatch: what follows from a batch", () => {
  it("finds exceptions in span events and in log records", async () => {
    const exception = attributes({ "exception.type": "TypeError", "exception.message": 'a "quoted" one', "exception.stacktrace": "TypeError\n    at f (a.js:1:2)" });
    await insert("traces", traces(RESOURCE, span({ events: [{ timeUnixNano: String(nowNs()), name: "exception", attributes: exception }, { timeUnixNano: String(nowNs()), name: "other", attributes: exception }] })));
    await insert("logs", logs(RESOURCE, { timeUnixNano: String(nowNs()), attributes: exception, traceId: "a1".repeat(16), spanId: "b2".repeat(8) }, { timeUnixNano: String(nowNs()), attributes: attributes({ other: "x" }) }));
    const common = { trace_hex: "a1".repeat(16), span_hex: "b2".repeat(8), service: "shop", environment: "production", revision: "a".repeat(40), type: "TypeError", message: 'a "quoted" one', stacktrace: "TypeError\n    at f (a.js:1:2)" };
    expect(await select(store.interactive, "SELECT source, trace_hex, span_hex, service, environment, revision, operation, type, message, stacktrace FROM exceptions ORDER BY source")).toEqual([
      { source: "span", operation: "GET /", ...common },
      { source: "log", operation: "", ...common },
    ]);
  });

  it("dates an event without a time by the end of its span, so that its exception is found", async () => {
    const end = nowNs();
    const event = { name: "exception", attributes: attributes({ "exception.type": "E" }) };
    await insert("traces", traces(RESOURCE, span({ startTimeUnixNano: String(end - 5n), endTimeUnixNano: String(end), events: [event, { ...event, timeUnixNano: String(end - 1n) }] })));
    expect((await readSpans(store.interactive, "1", 10))[0]?.events.map(({ timeNs }) => timeNs)).toEqual([end, end - 1n]);
    expect(await select(store.interactive, "SELECT count() AS n FROM exceptions WHERE time > now() - 60")).toEqual([{ n: 2 }]);
  });

  it("takes a batch once, however often it comes, in every table that follows from it", async () => {
    const exception = { timeUnixNano: String(nowNs()), name: "exception", attributes: attributes({ "exception.type": "E" }) };
    const bytes = traces(RESOURCE, ...Array.from({ length: 50 }, () => span({ events: [exception], status: { code: 2 } })));
    const [id, logId] = [nextBatchId(), nextBatchId()];
    const logBytes = logs(RESOURCE, { timeUnixNano: String(nowNs()), attributes: exception.attributes });
    for (let times = 0; times < 3; times += 1) {
      await insert("traces", bytes, id);
      await insert("logs", logBytes, logId);
    }
    const counts = await select(store.interactive, "SELECT (SELECT count() FROM spans) AS spans, (SELECT count() FROM logs) AS logs, (SELECT count() FROM exceptions) AS exceptions, (SELECT sum(spans) FROM exposure) AS exposure, (SELECT sum(errors) FROM exposure) AS errors, (SELECT sum(spans) FROM deployments) AS deployments");
    expect(counts).toEqual([{ spans: 50, logs: 1, exceptions: 51, exposure: 50, errors: 50, deployments: 50 }]);
  });

  it("completes by a retry what was cut short between a table and its view", async () => {
    const view = splitStatements(sqlFile("001_telemetry.sql")).find((one) => one.includes("exposure_of_spans")) ?? "";
    const [id, bytes] = [nextBatchId(), traces(RESOURCE, span())];
    await store.background.command({ query: "DROP VIEW exposure_of_spans" });
    await insert("traces", bytes, id);
    await store.background.command({ query: view });
    for (let times = 0; times < 2; times += 1) await insert("traces", bytes, id);
    expect(await select(store.interactive, "SELECT (SELECT count() FROM spans) AS spans, (SELECT sum(spans) FROM exposure) AS exposure")).toEqual([{ spans: 1, exposure: 1 }]);
  });
});

describe("nextBatchId", () => {
  it("grows strictly and tells the time", () => {
    const start = Date.now();
    const ids = Array.from({ length: 10_000 }, () => nextBatchId());
    expect(ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? id))).toBe(true);
    expect(batchTimeMs(ids[0] ?? 0n) - start).toBeLessThan(1000);
    expect(ids.every((id) => id < 2n ** 63n)).toBe(true);
  });
});

async function insert(signal: Signal, bytes: Uint8Array, id = nextBatchId()): Promise<void> {
  await store.insertBatch({ id, signal, body: bytes });
}
