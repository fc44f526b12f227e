import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { createMemoryBus, TOPICS, type Delivered } from "@firstfix/bus";
import { FirstfixError } from "@firstfix/kit";
import { jsonToProtobuf } from "@firstfix/otlp";
import { Registry } from "prom-client";
import { afterEach, describe, expect, it } from "vitest";
import { startIngest, type Ingest } from "./index.ts";
import { grpcExport, JSON_TYPE, KeepingBus, PROTOBUF, testConfig, testLog, tracesJson } from "./testing.ts";

const started: Ingest[] = [];
afterEach(async () => void (await Promise.all(started.splice(0).map((one) => one.close()))));

async function start(bus: KeepingBus, overrides = {}, metrics?: Registry): Promise<Ingest> {
  const ingest = await startIngest({ config: testConfig(overrides), bus, log: testLog, ...(metrics !== undefined && { metrics }) });
  started.push(ingest);
  return ingest;
}

const json = tracesJson(3);
const protobuf = jsonToProtobuf("traces", Buffer.from(json));
const hashOf = (body: Uint8Array) => createHash("sha256").update(body).digest("hex").slice(0, 32);
const post = (ingest: Ingest, body: Uint8Array | string, headers: Record<string, string>, path = "/v1/traces") => fetch(`${ingest.url}${path}`, { method: "POST", body: body as Uint8Array<ArrayBuffer>, headers });

describe("every protocol", () => {
  it("gives the same request the same key, and says that it was walked", async () => {
    const bus = new KeepingBus();
    const ingest = await start(bus);
    await post(ingest, protobuf, PROTOBUF);
    await post(ingest, gzipSync(protobuf), { ...PROTOBUF, "content-encoding": "gzip" });
    await post(ingest, json, JSON_TYPE);
    await grpcExport(ingest.grpcUrl, protobuf);
    const time = Number((JSON.parse(json) as { resourceSpans: [{ scopeSpans: [{ spans: [{ startTimeUnixNano: string }] }] }] }).resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano) / 1e6;
    expect(bus.kept).toHaveLength(4);
    for (const { record } of bus.kept) {
      expect(record.key).toBe(hashOf(protobuf));
      expect(record.headers).toEqual({ "firstfix-walked": `3,${Math.floor(time)},${Math.ceil(time)}` });
    }
  });

  it("hashes what came, before the time of arrival is written into it", async () => {
    const bus = new KeepingBus();
    const ingest = await start(bus);
    const undated = jsonToProtobuf("logs", Buffer.from('{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}'));
    for (let times = 0; times < 2; times++) {
      await post(ingest, undated, PROTOBUF, "/v1/logs");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const [first, second] = bus.kept.map(({ record }) => record);
    expect(first?.key).toBe(hashOf(undated));
    expect(second?.key).toBe(first?.key);
    expect(Buffer.from(second?.value ?? []).equals(Buffer.from(first?.value ?? []))).toBe(false);
  });

  it("says that texts were not UTF-8, with 0 rejected", async () => {
    const bus = new KeepingBus();
    const ingest = await start(bus);
    const broken = Buffer.from(protobuf);
    broken[broken.indexOf("GET /")] = 0xff;
    const response = await post(ingest, broken, PROTOBUF);
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer()).toString()).toContain("1 texts were not UTF-8");
    expect(await grpcExport(ingest.grpcUrl, broken)).toMatchObject({ code: 0, response: expect.stringContaining("1 texts were not UTF-8") });
    expect(bus.kept[0]?.record.headers?.["firstfix-walked"]).toMatch(/^3,/);
  });

  it("reaches the handler of the memory bus", async () => {
    const bus = createMemoryBus();
    const got: Delivered[] = [];
    const consumer = bus.consume(TOPICS.traces, { group: "w", durable: true, batchBytesMax: 1e6, lingerMs: 5 }, (batch) => Promise.resolve(void got.push(...batch.records)));
    const ingest = await start(bus as unknown as KeepingBus);
    expect((await post(ingest, protobuf, PROTOBUF)).status).toBe(200);
    expect(got.map((record) => record.key)).toEqual([hashOf(protobuf)]);
    await consumer.close();
    await bus.close();
  });
});

describe("keys and rates", () => {
  const keys = [{ name: "shop", key: "shop-0123456789abcdef", recordsPerSecond: 2 }, { name: "bank", key: "bank-0123456789abcdef" }];

  it("are needed on both protocols, in either header", async () => {
    const bus = new KeepingBus();
    const ingest = await start(bus, { keys });
    const none = await post(ingest, protobuf, PROTOBUF);
    expect(none.status).toBe(401);
    expect(none.headers.get("www-authenticate")).toBe('Bearer realm="firstfix"');
    expect(none.headers.get("content-type")).toBe("application/x-protobuf");
    expect((await post(ingest, json, { ...JSON_TYPE, authorization: "Bearer wrong-0123456789abcdef" })).status).toBe(401);
    expect(await grpcExport(ingest.grpcUrl, protobuf)).toMatchObject({ code: 16 });
    expect(bus.kept).toEqual([]);
    expect((await post(ingest, protobuf, { ...PROTOBUF, authorization: "Bearer bank-0123456789abcdef" })).status).toBe(200);
    expect((await post(ingest, protobuf, { ...PROTOBUF, "x-firstfix-key": "bank-0123456789abcdef" })).status).toBe(200);
    expect(await grpcExport(ingest.grpcUrl, protobuf, { authorization: "Bearer bank-0123456789abcdef" })).toMatchObject({ code: 0 });
    expect(await grpcExport(ingest.grpcUrl, protobuf, { "x-firstfix-key": "bank-0123456789abcdef" })).toMatchObject({ code: 0 });
    expect(bus.kept).toHaveLength(4);
  });

  it("bound one key over both protocols, say when to come again, and leave others alone", async () => {
    const ingest = await start(new KeepingBus(), { keys });
    const shop = { ...PROTOBUF, "x-firstfix-key": "shop-0123456789abcdef" };
    const twenty = jsonToProtobuf("traces", Buffer.from(tracesJson(20)));
    expect((await post(ingest, twenty, shop)).status).toBe(200);
    const refused = await post(ingest, protobuf, shop);
    expect(refused.status).toBe(429);
    // 10 records at once, 20 came: a debt of 10, and one more for anything to pass.
    expect(Number(refused.headers.get("retry-after"))).toBe(6);
    const grpc = await grpcExport(ingest.grpcUrl, protobuf, { "x-firstfix-key": "shop-0123456789abcdef" });
    expect(grpc.code).toBe(8);
    expect(grpc.retryAfterMs).toBeGreaterThan(4000);
    expect((await post(ingest, protobuf, { ...PROTOBUF, "x-firstfix-key": "bank-0123456789abcdef" })).status).toBe(200);
  });

  it("are not charged for what the bus did not take", async () => {
    const bus = new KeepingBus();
    const ingest = await start(bus, { keys });
    const shop = { ...PROTOBUF, "x-firstfix-key": "shop-0123456789abcdef" };
    bus.onAppend = () => Promise.reject(new FirstfixError("bus.unavailable", "gone", { retryable: true }));
    for (let times = 0; times < 5; times++) expect((await post(ingest, jsonToProtobuf("traces", Buffer.from(tracesJson(10))), shop)).status).toBe(503);
    bus.onAppend = () => Promise.resolve();
    expect((await post(ingest, protobuf, shop)).status).toBe(200);
  });

  it("are needed where others can reach", async () => {
    await expect(startIngest({ config: testConfig({ host: "0.0.0.0" }), bus: new KeepingBus(), log: testLog })).rejects.toMatchObject({ code: "config.invalid" });
  });
});

it("counts by transport, signal, key and reason", async () => {
  const registry = new Registry();
  const bus = new KeepingBus();
  const ingest = await start(bus, { keys: [{ name: "shop", key: "shop-0123456789abcdef" }] }, registry);
  const shop = { "x-firstfix-key": "shop-0123456789abcdef" };
  await post(ingest, gzipSync(protobuf), { ...PROTOBUF, ...shop, "content-encoding": "gzip" });
  await post(ingest, tracesJson(2, { traceId: "00" }), { ...JSON_TYPE, ...shop });
  await post(ingest, "{", { ...JSON_TYPE, ...shop });
  await post(ingest, "{", JSON_TYPE);
  await grpcExport(ingest.grpcUrl, protobuf, shop);
  const text = await registry.metrics();
  for (const line of [
    'firstfix_ingest_requests_total{transport="http",signal="traces",key="shop"} 2',
    'firstfix_ingest_requests_total{transport="grpc",signal="traces",key="shop"} 1',
    'firstfix_ingest_records_total{transport="http",signal="traces",key="shop"} 3',
    'firstfix_ingest_rejected_records_total{transport="http",signal="traces",key="shop"} 2',
    `firstfix_ingest_bytes_total{transport="grpc",signal="traces",key="shop"} ${protobuf.length}`,
    'firstfix_ingest_refusals_total{transport="http",signal="traces",key="shop",reason="otlp.malformed"} 1',
    'firstfix_ingest_refusals_total{transport="http",signal="traces",key="",reason="ingest.unauthorized"} 1',
    "firstfix_ingest_in_flight_bytes 0",
    'firstfix_ingest_request_seconds_count{transport="http"} 2',
  ])
    expect(text).toContain(line);
  expect(text).not.toContain("shop-0");
});
