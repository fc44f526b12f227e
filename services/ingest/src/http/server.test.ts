import { connect } from "node:net";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { FirstfixError } from "@firstfix/kit";
import { decodeLogs, decodeTraces } from "@firstfix/otlp";
import { afterEach, describe, expect, it } from "vitest";
import { BOUNDS } from "../bounds.ts";
import { startIngest, type Ingest } from "../index.ts";
import { JSON_TYPE, KeepingBus, testConfig, testLog, tracesJson } from "../testing.ts";

let ingest: Ingest | undefined;
afterEach(async () => {
  await ingest?.close();
  ingest = undefined;
});

const REVISION = "0123456789abcdef0123456789abcdef01234567";
const resource = resourceFromAttributes({ "service.name": "shop", "vcs.ref.head.revision": REVISION, "process.command_args": ["node", "app.js"] });

async function start(bus: KeepingBus, overrides = {}): Promise<Ingest> {
  ingest = await startIngest({ config: testConfig(overrides), bus, log: testLog });
  return ingest;
}

describe("the official exporters", () => {
  it.each([
    ["protobuf", (url: string) => new ProtobufExporter({ url })],
    ["protobuf with gzip", (url: string) => new ProtobufExporter({ url, compression: CompressionAlgorithm.GZIP })],
    ["JSON", (url: string) => new JsonExporter({ url })],
    ["JSON with gzip", (url: string) => new JsonExporter({ url, compression: CompressionAlgorithm.GZIP })],
  ])("are understood: traces as %s", async (_name, exporter) => {
    const bus = new KeepingBus();
    const { url } = await start(bus);
    const provider = new BasicTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(exporter(`${url}/v1/traces`))] });
    const span = provider.getTracer("t").startSpan("GET /cart", { kind: SpanKind.SERVER, attributes: { "http.response.status_code": 500, total: 0.5, member: false, tags: ["a", "b"] } });
    span.recordException(new TypeError("broken"));
    span.setStatus({ code: SpanStatusCode.ERROR, message: "broken" });
    span.end();
    await provider.forceFlush();
    await provider.shutdown();
    const [got] = bus.kept.flatMap(({ record }) => decodeTraces(record.value));
    expect(got).toMatchObject({
      traceId: span.spanContext().traceId,
      spanId: span.spanContext().spanId,
      parentSpanId: "",
      service: "shop",
      revision: REVISION,
      kind: "server",
      statusCode: "error",
      attributes: { "http.response.status_code": 500, total: 0.5, member: false, tags: ["a", "b"] },
      resource: { "process.command_args": ["node", "app.js"] },
      events: [{ name: "exception", attributes: { "exception.type": "TypeError", "exception.message": "broken" } }],
    });
  });

  it("are understood: logs", async () => {
    const bus = new KeepingBus();
    const { url } = await start(bus);
    const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter({ url: `${url}/v1/logs` }) })] });
    provider.getLogger("t").emit({ severityNumber: SeverityNumber.ERROR, eventName: "exception", body: { order: [1, 2] }, attributes: { "exception.type": "TypeError" } });
    await provider.forceFlush();
    await provider.shutdown();
    expect(bus.kept.flatMap(({ record }) => decodeLogs(record.value))).toMatchObject([{ service: "shop", severity: 17, eventName: "exception", body: { order: [1, 2] }, attributes: { "exception.type": "TypeError" } }]);
  });

  it("come again after 429 and 503, so that nothing is lost", async () => {
    const bus = new KeepingBus();
    const refusals = [new FirstfixError("ingest.full", "full", { retryable: true }), new FirstfixError("store.unavailable", "gone", { retryable: true })];
    bus.onAppend = () => {
      const next = refusals.shift();
      return next === undefined ? Promise.resolve() : Promise.reject(next);
    };
    const { url } = await start(bus);
    const provider = new BasicTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(new ProtobufExporter({ url: `${url}/v1/traces` }))] });
    provider.getTracer("t").startSpan("once").end();
    await provider.forceFlush();
    await provider.shutdown();
    expect(refusals).toEqual([]);
    expect(bus.kept.flatMap(({ record }) => decodeTraces(record.value))).toHaveLength(1);
  });
});

describe("the server", () => {
  it("says in one line that its port is in use", async () => {
    const { url } = await start(new KeepingBus());
    const port = Number(new URL(url).port);
    await expect(startIngest({ config: testConfig({ port }), bus: new KeepingBus(), log: testLog })).rejects.toMatchObject({ code: "port.in_use", message: `port ${port} on 127.0.0.1 is in use by another program` });
  });

  it("refuses a large streamed body without reading it all, and goes on serving", async () => {
    const bus = new KeepingBus();
    const { url } = await start(bus, { bodyBytesMax: 100_000 });
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 65_536;
        if (sent > 50_000_000) controller.close();
        else controller.enqueue(new Uint8Array(65_536));
      },
    });
    const large = await fetch(`${url}/v1/traces`, { method: "POST", body, headers: { "content-type": "application/x-protobuf" }, duplex: "half" }).then((response) => response.status, () => "cut off");
    expect([413, "cut off"]).toContain(large);
    expect((await fetch(`${url}/v1/traces`, { method: "POST", body: tracesJson(1), headers: JSON_TYPE })).status).toBe(200);
  });

  it("gives the memory of a client back that goes away amid its body", async () => {
    const bus = new KeepingBus();
    const { url } = await start(bus, { inFlightBytesMax: 1_048_576 });
    const { port } = new URL(url);
    for (let round = 0; round < 3; round++) {
      const socket = connect(Number(port), "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write("POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n{");
      await new Promise((resolve) => setTimeout(resolve, 100));
      socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect((await fetch(`${url}/v1/traces`, { method: "POST", body: tracesJson(500), headers: JSON_TYPE })).status).toBe(200);
  });

  it("lets nobody take room by an announcement", async () => {
    const { url } = await start(new KeepingBus(), { inFlightBytesMax: 30_000_000 });
    const { port } = new URL(url);
    const idle = Array.from({ length: 13 }, () => {
      const socket = connect(Number(port), "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write("POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 20000000\r\n\r\nx");
      return socket;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await fetch(`${url}/v1/traces`, { method: "POST", body: tracesJson(100), headers: JSON_TYPE })).status).toBe(200);
    for (const socket of idle) socket.destroy();
  });

  it("calls an upload that was broken off no fault of its own", async () => {
    const lines: { level: string; status: unknown }[] = [];
    const note = (level: string) => (fields: { status?: unknown }) => void lines.push({ level, status: fields.status });
    const log = { ...testLog, debug: note("debug"), info: () => undefined, warn: note("warn"), error: note("error") } as unknown as typeof testLog;
    ingest = await startIngest({ config: testConfig(), bus: new KeepingBus(), log });
    for (const length of [1000, 1_000_000]) {
      const socket = connect(Number(new URL(ingest.url).port), "127.0.0.1");
      socket.write(`POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n{`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      socket.destroy();
    }
    await expect.poll(() => lines).toEqual([{ level: "debug", status: 400 }, { level: "debug", status: 400 }]);
  });

  it("refuses before it reads, and the answer still arrives", async () => {
    const { url } = await start(new KeepingBus(), { keys: [{ name: "shop", key: "shop-0123456789abcdef" }] });
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write("POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 20000000\r\n\r\n");
    const feed = setInterval(() => socket.writable && socket.write(Buffer.alloc(1_000_000, " ")), 20);
    let got = "";
    socket.on("data", (data) => (got += data.toString()));
    await new Promise((resolve) => socket.on("error", () => undefined).on("close", resolve));
    clearInterval(feed);
    expect(got).toMatch(/^HTTP\/1.1 401 .*connection: close/is);
    expect(got).toContain("an ingest key is needed");
  });

  it("keeps the connection of a small refused request", async () => {
    const { url } = await start(new KeepingBus(), { keys: [{ name: "shop", key: "shop-0123456789abcdef" }] });
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    const body = tracesJson(1);
    const send = (key: string) => socket.write(`POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-firstfix-key: ${key}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    let got = "";
    socket.on("data", (data) => (got += data.toString()));
    send("wrong");
    await expect.poll(() => got).toContain("401 Unauthorized");
    send("shop-0123456789abcdef");
    await expect.poll(() => got).toContain("200 OK");
    socket.destroy();
  });

  it("asks for a body that waits to be asked for, unless it refuses", async () => {
    const { url } = await start(new KeepingBus(), { bodyBytesMax: 2000 });
    const ask = async (length: number): Promise<string> => {
      const socket = connect(Number(new URL(url).port), "127.0.0.1");
      let got = "";
      socket.on("data", (data) => (got += data.toString()));
      socket.write(`POST /v1/traces HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`);
      await expect.poll(() => got).toContain("HTTP/1.1");
      if (got.includes("100 Continue")) socket.write(tracesJson(1));
      await expect.poll(() => got).toMatch(/HTTP\/1.1 (?!100)\d+/);
      socket.destroy();
      return got;
    };
    expect(await ask(tracesJson(1).length)).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/);
    expect(await ask(5000)).toMatch(/^HTTP\/1.1 413 /);
  });

  it("bounds what a client sends ahead without reading an answer", async () => {
    const bus = new KeepingBus();
    let waiting = 0;
    let stored = (): void => undefined;
    const gate = new Promise<void>((resolve) => (stored = resolve));
    bus.onAppend = () => (waiting++, gate);
    const { url } = await start(bus);
    const body = tracesJson(1);
    const one = `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.on("error", () => undefined);
    for (let sent = 0; sent < 20_000; sent += 500) {
      socket.write(one.repeat(500));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => waiting, { timeout: 20_000 }).toBe(BOUNDS.requests);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(waiting).toBe(BOUNDS.requests);
    expect((await fetch(`${url}/v1/traces`, { method: "POST", body, headers: JSON_TYPE })).status).toBe(429);
    socket.destroy();
    stored();
    await expect.poll(async () => (await fetch(`${url}/v1/traces`, { method: "POST", body, headers: JSON_TYPE })).status, { timeout: 20_000 }).toBe(200);
  });

  it("answers HEAD without a body, and paths with a query", async () => {
    const { url } = await start(new KeepingBus());
    const head = await fetch(`${url}/v1/traces`, { method: "HEAD" });
    expect([head.status, head.headers.get("allow"), await head.text()]).toEqual([405, "POST", ""]);
    expect((await fetch(`${url}/v1/traces?token=x`, { method: "POST", body: tracesJson(1), headers: JSON_TYPE })).status).toBe(200);
  });

  it("answers what is under way before it closes", async () => {
    const bus = new KeepingBus();
    bus.onAppend = () => new Promise((resolve) => setTimeout(resolve, 300));
    const server = await start(bus);
    const answer = fetch(`${server.url}/v1/traces`, { method: "POST", body: tracesJson(1), headers: JSON_TYPE });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = server.close();
    ingest = undefined;
    expect((await answer).status).toBe(200);
    await closed;
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  });
});
