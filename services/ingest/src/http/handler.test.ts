import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { FirstfixError } from "@firstfix/kit";
import { decodeLogs, decodeTraces, encodeStatus, encodeSuccess, jsonToProtobuf } from "@firstfix/otlp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startIngest, type Ingest } from "../index.ts";
import { JSON_TYPE, KeepingBus, PROTOBUF, testConfig, testLog, tracesJson } from "../testing.ts";

let bus: KeepingBus;
const started: Ingest[] = [];
beforeEach(() => void (bus = new KeepingBus()));
afterEach(async () => void (await Promise.all(started.splice(0).map((one) => one.close()))));

async function start(overrides = {}): Promise<string> {
  const ingest = await startIngest({ config: testConfig(overrides), bus, log: testLog });
  started.push(ingest);
  return ingest.url;
}

const request = async (path: string, init: RequestInit = {}, overrides = {}) => fetch(`${await start(overrides)}${path}`, init);
const post = (path: string, body: Uint8Array | string, headers: Record<string, string>, overrides = {}) => request(path, { method: "POST", body: body as Uint8Array<ArrayBuffer>, headers }, overrides);
const protobuf = (spans: number, fields = {}) => jsonToProtobuf("traces", Buffer.from(tracesJson(spans, fields)));
const bytes = async (response: Response) => Buffer.from(await response.arrayBuffer());
const kept = () => bus.kept.flatMap(({ record }) => decodeTraces(record.value));

describe("accepted requests", () => {
  it("go to the bus as the bytes that came, and the answer leaves partial_success unset", async () => {
    const body = protobuf(2);
    const response = await post("/v1/traces", body, PROTOBUF);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/x-protobuf");
    expect((await bytes(response)).length).toBe(0);
    expect(bus.kept).toMatchObject([{ topic: "otlp.traces" }]);
    expect(Buffer.from(bus.kept[0]?.record.value ?? []).equals(body)).toBe(true);
  });

  it("may be JSON, and are answered in JSON", async () => {
    const response = await post("/v1/traces", tracesJson(1), { "content-type": "application/json; charset=utf-8" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.text()).toBe("{}");
    expect(kept()).toMatchObject([{ traceId: "5b8efff798038103d269b633813fc60c", service: "shop", kind: "server" }]);
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["zstd", zstdCompressSync],
    ["GZIP", gzipSync],
  ] as const)("may be compressed: %s", async (encoding, compress) => {
    const response = await post("/v1/traces", compress(protobuf(3)), { ...PROTOBUF, "content-encoding": encoding });
    expect(response.status).toBe(200);
    expect(kept()).toHaveLength(3);
  });

  it.each([
    ["deflate", deflateSync],
    ["zstd", zstdCompressSync],
  ] as const)("are refused whole with more behind the end of their compression: %s", async (encoding, compress) => {
    const response = await post("/v1/traces", Buffer.concat([compress(protobuf(1)), compress(protobuf(2))]), { ...PROTOBUF, "content-encoding": encoding });
    expect(response.status === 400 ? kept() : kept().length).toEqual(response.status === 400 ? [] : 3);
  });

  it("may be log records", async () => {
    const log = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ observedTimeUnixNano: String(Date.now() * 1e6), severityNumber: 17, body: { kvlistValue: { values: [{ key: "a", value: { intValue: 1 } }] } } }] }] }] };
    expect((await post("/v1/logs", JSON.stringify(log), JSON_TYPE)).status).toBe(200);
    expect(bus.kept[0]?.topic).toBe("otlp.logs");
    expect(decodeLogs(bus.kept[0]?.record.value ?? new Uint8Array())).toMatchObject([{ severity: 17, body: { a: 1 } }]);
  });

  it("may be empty: nothing is stored", async () => {
    expect((await post("/v1/traces", new Uint8Array(), PROTOBUF)).status).toBe(200);
    expect(await (await post("/v1/logs", "{}", JSON_TYPE)).text()).toBe("{}");
    expect(bus.kept).toEqual([]);
  });

  it("are acknowledged only when the bus has them", async () => {
    let stored = (): void => undefined;
    bus.onAppend = () => new Promise<void>((resolve) => (stored = resolve));
    let answered = false;
    const response = post("/v1/traces", protobuf(1), PROTOBUF).then((value) => {
      answered = true;
      return value;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answered).toBe(false);
    stored();
    expect((await response).status).toBe(200);
  });
});

describe("records that cannot be stored", () => {
  it("are told in partial_success, and the others go on", async () => {
    const mixed = JSON.parse(tracesJson(3)) as { resourceSpans: [{ scopeSpans: [{ spans: { traceId: string }[] }] }] };
    (mixed.resourceSpans[0].scopeSpans[0].spans[1] as { traceId: string }).traceId = "00";
    const json = await post("/v1/traces", JSON.stringify(mixed), JSON_TYPE);
    expect(json.status).toBe(200);
    const partial = (await json.json()) as { partialSuccess: { errorMessage: string } };
    expect(partial).toMatchObject({ partialSuccess: { rejectedSpans: "1", errorMessage: expect.stringContaining("trace_id") } });
    expect(kept()).toHaveLength(2);
    const same = await post("/v1/traces", jsonToProtobuf("traces", Buffer.from(JSON.stringify(mixed))), PROTOBUF);
    expect((await bytes(same)).equals(encodeSuccess("traces", "protobuf", { rejected: 1, message: partial.partialSuccess.errorMessage }))).toBe(true);
  });

  it("need no bus when none is left", async () => {
    bus.onAppend = () => Promise.reject(new Error("must not be asked"));
    expect((await post("/v1/traces", protobuf(2, { startTimeUnixNano: "1", endTimeUnixNano: "1" }), PROTOBUF)).status).toBe(200);
  });
});

describe("refusals", () => {
  it("of malformed bodies are 400 with a Status in the request's encoding", async () => {
    const response = await post("/v1/traces", protobuf(1).subarray(0, 20), PROTOBUF);
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/x-protobuf");
    const body = await bytes(response);
    expect(body.subarray(0, 2)).toEqual(Buffer.from([0x08, 3]));
    expect(body.toString()).toContain("ends within a field");
    const json = await post("/v1/traces", '{"resourceSpans": 7}', JSON_TYPE);
    expect(json.status).toBe(400);
    expect(await json.json()).toMatchObject({ code: 3, message: expect.stringContaining("resourceSpans is not an array") });
    expect((await post("/v1/traces", Buffer.from("not gzip"), { ...PROTOBUF, "content-encoding": "gzip" })).status).toBe(400);
    expect(bus.kept).toEqual([]);
  });

  it("of large bodies are 413, announced, streamed or compressed", async () => {
    const large = { bodyBytesMax: 10_000 };
    expect((await post("/v1/traces", Buffer.alloc(10_001), PROTOBUF, large)).status).toBe(413);
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(4096)),
    });
    const streamed = await request("/v1/traces", { method: "POST", body: stream, headers: PROTOBUF, duplex: "half" }, large);
    expect(streamed.status).toBe(413);
    const bomb = await post("/v1/traces", gzipSync(Buffer.alloc(1_000_000)), { ...PROTOBUF, "content-encoding": "gzip" }, large);
    expect(bomb.status).toBe(413);
    expect((await bytes(bomb)).toString()).toContain("decompressed body is larger than 10000 bytes");
    expect((await post("/v1/traces", protobuf(2), PROTOBUF, large)).status).toBe(200);
  });

  it("of JSON that is costly to read are 413 and name the limit", async () => {
    const long = await post("/v1/traces", gzipSync(" ".repeat(9_000_000)), { ...JSON_TYPE, "content-encoding": "gzip" });
    expect(long.status).toBe(413);
    expect(await long.text()).toMatch(/larger than 8388608 bytes.*limit for JSON/);
    const many = await post("/v1/traces", gzipSync(`{"resourceSpans":[{"scopeSpans":[{"spans":[${"{},".repeat(2_000_000)}{}]}]}]}`), { ...JSON_TYPE, "content-encoding": "gzip" });
    expect(many.status).toBe(413);
    expect(await many.text()).toContain("the limits are");
    expect((await post("/v1/traces", Buffer.alloc(9_000_000), PROTOBUF)).status).toBe(400);
  });

  it("of other content types and encodings are 415", async () => {
    expect((await post("/v1/traces", "a=b", { "content-type": "application/x-www-form-urlencoded" })).status).toBe(415);
    expect((await post("/v1/traces", "x", {})).status).toBe(415);
    const brotli = await post("/v1/traces", "x", { ...PROTOBUF, "content-encoding": "br" });
    expect(brotli.status).toBe(415);
    expect(brotli.headers.get("accept-encoding")).toContain("zstd");
    for (const name of ["constructor", "__proto__", "toString"]) expect((await post("/v1/traces", protobuf(1), { ...PROTOBUF, "content-encoding": name })).status).toBe(415);
  });

  it("of other methods, paths and metrics say what to do", async () => {
    const get = await request("/v1/traces");
    expect(get.status).toBe(405);
    expect(get.headers.get("allow")).toBe("POST");
    expect((await request("/v1/nothing")).status).toBe(404);
    const metrics = await post("/v1/metrics", new Uint8Array(), PROTOBUF);
    expect(metrics.status).toBe(404);
    expect((await bytes(metrics)).equals(encodeStatus("protobuf", 5, "metrics are not accepted here: send traces to /v1/traces and logs to /v1/logs"))).toBe(true);
  });

  it.each([
    [429, new FirstfixError("ingest.full", "full", { retryable: true })],
    [503, new FirstfixError("store.unavailable", "gone", { retryable: true })],
    [503, new Error("who knows")],
  ])("by the bus are retryable: %i", async (status, error) => {
    bus.onAppend = () => Promise.reject(error);
    const response = await post("/v1/traces", tracesJson(1), JSON_TYPE);
    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBe("1");
  });

  it("by the store for good are 400, so that the client does not send them for ever", async () => {
    bus.onAppend = () => Promise.reject(new FirstfixError("store.rejected", "poison"));
    expect((await post("/v1/traces", protobuf(1), PROTOBUF)).status).toBe(400);
  });
});

describe("bytes in flight", () => {
  it("beyond the bound are refused with 429 until others are stored", async () => {
    const body = protobuf(20);
    const url = await start({ inFlightBytesMax: Math.ceil(body.length * 1.5) });
    const send = () => fetch(`${url}/v1/traces`, { method: "POST", body: body as Uint8Array<ArrayBuffer>, headers: PROTOBUF });
    let stored = (): void => undefined;
    bus.onAppend = () => new Promise<void>((resolve) => (stored = resolve));
    const first = send();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await send()).status).toBe(429);
    stored();
    expect((await first).status).toBe(200);
    bus.onAppend = () => Promise.resolve();
    expect((await send()).status).toBe(200);
    expect(kept()).toHaveLength(40);
  });
});

it("answers the health check", async () => {
  expect(await (await request("/healthz")).json()).toEqual({ status: "ok" });
});
