import { connect as connectHttp2, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from "node:http2";
import { connect } from "node:net";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { FirstfixError } from "@firstfix/kit";
import { decodeLogs, decodeTraces, jsonToProtobuf } from "@firstfix/otlp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BOUNDS } from "../bounds.ts";
import { createFront } from "../front.ts";
import { startIngest, type Ingest } from "../index.ts";
import { grpcClient, grpcExport, KeepingBus, PROTOBUF, testConfig, testLog, tracesJson } from "../testing.ts";
import { startGrpc } from "./server.ts";
import type { SessionBounds } from "./sessions.ts";

const TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
const closers: (() => Promise<void> | void)[] = [];
let bus: KeepingBus;
beforeEach(() => void (bus = new KeepingBus()));
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(overrides = {}): Promise<Ingest> {
  const ingest = await startIngest({ config: testConfig(overrides), bus, log: testLog });
  closers.push(() => ingest.close());
  return ingest;
}

/** gRPC alone, with bounds that a test can wait for. */
async function startHasty(bounds: Partial<SessionBounds>): Promise<{ readonly url: string; connections(): number }> {
  const server = await startGrpc(createFront({ config: testConfig(), bus, log: testLog }, () => ({ http: 0, grpc: 0 })), { ...BOUNDS, slowCheckMs: 20, ...bounds });
  closers.push(() => server.close());
  return server;
}

function session(url: string, options = {}): ClientHttp2Session {
  const client = connectHttp2(url, options);
  client.on("error", () => undefined);
  closers.push(() => client.destroy());
  return client;
}

function call(client: ClientHttp2Session, headers: Record<string, string> = {}): ClientHttp2Stream {
  const stream = client.request({ ":method": "POST", ":path": TRACES, "content-type": "application/grpc", te: "trailers", ...headers }, { endStream: false });
  stream.on("error", () => undefined);
  return stream;
}

/** The status of a call, from its trailers or, where it has nothing else, its headers; "none" where it was broken off. */
function statusOf(stream: ClientHttp2Stream): Promise<string> {
  return new Promise((resolve) => {
    let status = "none";
    const note = (headers: IncomingHttpHeaders): void => {
      const [grpc, http] = [headers["grpc-status"], String(headers[":status"] ?? 200)];
      if (grpc !== undefined) status = String(grpc);
      else if (http !== "200") status = http;
    };
    stream.on("response", note).on("trailers", note).on("close", () => resolve(status)).resume();
  });
}

const framed = (data: Uint8Array, flag = 0): Buffer => {
  const prefix = Buffer.from([flag, 0, 0, 0, 0]);
  prefix.writeUInt32BE(data.length, 1);
  return Buffer.concat([prefix, data]);
};
const protobuf = (spans: number, fields = {}) => jsonToProtobuf("traces", Buffer.from(tracesJson(spans, fields)));
const kept = () => bus.kept.flatMap(({ record }) => decodeTraces(record.value));

describe("calls", () => {
  it("go to the bus as the bytes that came, and are answered with an empty message", async () => {
    const { grpcUrl } = await start();
    const body = protobuf(2);
    expect(await grpcExport(grpcUrl, body)).toMatchObject({ code: 0, response: "" });
    expect(Buffer.from(bus.kept[0]?.record.value ?? []).equals(body)).toBe(true);
    expect(await grpcExport(grpcUrl, new Uint8Array())).toMatchObject({ code: 0, response: "" });
    expect(bus.kept).toHaveLength(1);
  });

  it.each(["gzip", "deflate"] as const)("may be compressed: %s", async (compression) => {
    const { grpcUrl } = await start();
    expect(await grpcExport(grpcUrl, protobuf(500), {}, { compression })).toMatchObject({ code: 0 });
    expect(kept()).toHaveLength(500);
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["zstd", zstdCompressSync],
  ] as const)("may be compressed by others: %s, which each message says for itself", async (encoding, compress) => {
    const client = session((await start()).grpcUrl);
    const packed = call(client, { "grpc-encoding": encoding });
    packed.end(framed(compress(protobuf(1)), 1));
    expect(await statusOf(packed)).toBe("0");
    const plain = call(client, { "grpc-encoding": encoding });
    plain.end(framed(protobuf(1)));
    expect(await statusOf(plain)).toBe("0");
    expect(kept()).toHaveLength(2);
  });

  it("may be log records, large, and many on one connection", async () => {
    const { grpcUrl } = await start();
    const log = jsonToProtobuf("logs", Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: "x" } }] }] }] })));
    expect(await grpcExport(grpcUrl, log, {}, { path: LOGS })).toMatchObject({ code: 0 });
    expect(bus.kept[0]?.topic).toBe("otlp.logs");
    expect(decodeLogs(bus.kept[0]?.record.value ?? new Uint8Array())).toMatchObject([{ body: "x" }]);
    bus.kept.length = 0;
    const client = grpcClient(grpcUrl);
    const large = protobuf(30_000);
    const answers = await Promise.all([grpcExport(grpcUrl, large, {}, { client }), ...Array.from({ length: 200 }, () => grpcExport(grpcUrl, protobuf(1), {}, { client }))]);
    client.close();
    expect(answers.map((answer) => answer.code)).toEqual(answers.map(() => 0));
    expect(bus.kept.reduce((sum, { record }) => sum + Number(record.headers?.["firstfix-walked"]?.split(",")[0]), 0)).toBe(30_200);
  });

  it("tell rejected records in partial_success", async () => {
    const { grpcUrl } = await start();
    const answer = await grpcExport(grpcUrl, protobuf(2, { traceId: "00" }));
    expect(answer.code).toBe(0);
    expect(answer.response).toContain("trace_id");
    expect(bus.kept).toEqual([]);
  });

  it("come in pieces", async () => {
    const client = session((await start()).grpcUrl);
    const stream = call(client);
    for (const byte of framed(protobuf(1)).subarray(0, 8)) {
      stream.write(Buffer.from([byte]));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    stream.end(framed(protobuf(1)).subarray(8));
    expect(await statusOf(stream)).toBe("0");
    expect(kept()).toHaveLength(1);
  });
});

describe("refusals", () => {
  it.each([
    ["/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "metrics are not accepted here"],
    ["/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export", "profiles are not accepted here"],
    ["/opentelemetry.proto.collector.trace.v1.TraceService/Other", "no /opentelemetry"],
  ])("of other services say so: %s", async (path, details) => {
    const answer = await grpcExport((await start()).grpcUrl, protobuf(1), {}, { path });
    expect(answer).toMatchObject({ code: 12, retryAfterMs: null });
    expect(answer.details).toContain(details);
  });

  it("of bad data are INVALID_ARGUMENT", async () => {
    const { grpcUrl } = await start();
    expect(await grpcExport(grpcUrl, protobuf(1).subarray(0, 20))).toMatchObject({ code: 3, details: expect.stringContaining("ends within a field"), retryAfterMs: null });
    expect(await grpcExport(grpcUrl, Buffer.from([0xff, 0xff]))).toMatchObject({ code: 3 });
  });

  it("of large messages are RESOURCE_EXHAUSTED without RetryInfo, whether plain or compressed", async () => {
    const { grpcUrl } = await start({ bodyBytesMax: 100_000 });
    const client = grpcClient(grpcUrl);
    for (let times = 0; times < 30; times++) expect(await grpcExport(grpcUrl, Buffer.alloc(400_000), {}, { client })).toMatchObject({ code: 8, details: expect.stringContaining("larger than 100000 bytes"), retryAfterMs: null });
    expect(await grpcExport(grpcUrl, protobuf(1), {}, { client })).toMatchObject({ code: 0 });
    client.close();
    expect(await grpcExport(grpcUrl, Buffer.alloc(10_000_000), {}, { compression: "gzip" })).toMatchObject({ code: 8, details: expect.stringContaining("decompressed body"), retryAfterMs: null });
  });

  it.each([
    [14, new FirstfixError("ingest.full", "full: 100 % “voll”", { retryable: true })],
    [14, new FirstfixError("store.unavailable", "gone", { retryable: true })],
    [14, new FirstfixError("bus.unavailable", "gone", { retryable: true })],
    [14, new Error("who knows")],
  ])("by the bus are retryable, and say when: %i", async (code, error) => {
    const { grpcUrl } = await start();
    bus.onAppend = () => Promise.reject(error);
    const answer = await grpcExport(grpcUrl, protobuf(1));
    expect(answer).toMatchObject({ code, retryAfterMs: 1000 });
    // What is wrong inside is not for whoever sends.
    expect(answer.details).toBe(error instanceof FirstfixError && error.code === "ingest.full" ? error.message : "the data cannot be stored at present; try again");
  });

  it("by the store for good are INVALID_ARGUMENT", async () => {
    const { grpcUrl } = await start();
    bus.onAppend = () => Promise.reject(new FirstfixError("store.rejected", "poison"));
    expect(await grpcExport(grpcUrl, protobuf(1))).toMatchObject({ code: 3, retryAfterMs: null });
  });

  it.each([
    ["no message", Buffer.alloc(0), {}, "3"],
    ["a cut message", framed(protobuf(1)).subarray(0, 30), {}, "3"],
    ["a cut prefix", Buffer.from([0, 0]), {}, "3"],
    ["two messages", Buffer.concat([framed(protobuf(1)), framed(protobuf(1))]), {}, "3"],
    ["an unknown flag", framed(protobuf(1), 2), {}, "3"],
    ["compression that nobody named", framed(gzipSync(protobuf(1)), 1), {}, "3"],
    ["broken compression", framed(Buffer.from("x"), 1), { "grpc-encoding": "gzip" }, "3"],
    ["unknown compression", framed(Buffer.from("x"), 1), { "grpc-encoding": "snappy" }, "12"],
    ["another content type", framed(protobuf(1)), { "content-type": "application/json" }, "415"],
    ["another method", Buffer.alloc(0), { ":method": "GET" }, "405"],
  ] as const)("of what is no call: %s", async (_name, bytes, headers, status) => {
    const client = session((await start()).grpcUrl);
    const stream = call(client, headers);
    stream.end(bytes);
    expect(await statusOf(stream)).toBe(status);
    const good = call(client);
    good.end(framed(protobuf(1)));
    expect(await statusOf(good)).toBe("0");
    expect(bus.kept).toHaveLength(1);
  });
});

describe("bounds", () => {
  it("of bytes in flight are one for both protocols, and given back when a client goes", async () => {
    const { grpcUrl, url } = await start({ inFlightBytesMax: 1_000_000 });
    const post = () => fetch(`${url}/v1/traces`, { method: "POST", body: protobuf(2000) as Uint8Array<ArrayBuffer>, headers: PROTOBUF }).then((response) => response.status);
    const client = session(grpcUrl);
    const stream = call(client);
    stream.write(framed(Buffer.alloc(950_000)).subarray(0, 940_000));
    await expect.poll(post).toBe(429);
    stream.destroy();
    await expect.poll(post).toBe(200);
  });

  it("of messages that are only announced take no room", async () => {
    const { grpcUrl } = await start({ inFlightBytesMax: 1_000_000 });
    const client = session(grpcUrl);
    for (let times = 0; times < 100; times++) call(client).write(Buffer.from([0, 1, 0, 0, 0]));
    expect(await grpcExport(grpcUrl, protobuf(10))).toMatchObject({ code: 0 });
  });

  it("cut off who sends slowly, also byte by byte", async () => {
    const client = session((await startHasty({ requestMs: 200 })).url);
    const stream = call(client);
    stream.write(framed(Buffer.alloc(1000)).subarray(0, 5));
    const timer = setInterval(() => stream.write(Buffer.from([0])), 20);
    closers.push(() => clearInterval(timer));
    expect(await statusOf(stream)).toBe("none");
    expect(client.destroyed).toBe(false);
  });

  it("wait for the store, however long it takes", async () => {
    const { url } = await startHasty({ requestMs: 50, answerMs: 50, idleMs: 50 });
    bus.onAppend = () => new Promise((resolve) => setTimeout(resolve, 400));
    expect(await grpcExport(url, protobuf(1))).toMatchObject({ code: 0 });
  });

  it("cut off who never takes an answer", async () => {
    const server = await startHasty({ answerMs: 200 });
    const client = session(server.url, { settings: { initialWindowSize: 0 } });
    const stream = call(client);
    stream.end(framed(protobuf(1)));
    expect(await statusOf(stream)).toBe("none");
    expect(kept()).toHaveLength(1);
  });

  it("close connections that never say anything, speak something else, or stay idle", async () => {
    const server = await startHasty({ headersMs: 200, idleMs: 200 });
    const closed = ["", "GET / HTTP/1.1\r\nhost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"].map((text) => {
      const socket = connect(Number(new URL(server.url).port), "127.0.0.1", () => socket.write(text));
      return new Promise((resolve) => socket.on("error", () => undefined).on("close", resolve).resume());
    });
    const idle = session(server.url);
    const stream = call(idle);
    stream.end(framed(protobuf(1)));
    expect(await statusOf(stream)).toBe("0");
    await Promise.all([...closed, new Promise((resolve) => idle.once("close", resolve))]);
    await expect.poll(() => server.connections()).toBe(0);
  });

  it("send those away that ping without end, but not who pings between calls", async () => {
    const server = await startHasty({ pings: 10 });
    const busy = session(server.url);
    const abuser = session(server.url);
    for (const client of [busy, abuser]) await new Promise((resolve) => client.once("connect", resolve));
    for (let round = 0; round < 5; round++) {
      for (let times = 0; times < 5; times++) await new Promise((resolve) => busy.ping(resolve));
      const stream = call(busy);
      stream.end(framed(protobuf(1)));
      expect(await statusOf(stream)).toBe("0");
    }
    const told = new Promise<string>((resolve) => void abuser.once("goaway", (code, _last, data) => resolve(`${code} ${Buffer.from(data ?? []).toString()}`)));
    for (let times = 0; times < 11; times++) await new Promise((resolve) => abuser.ping(resolve));
    expect(await told).toBe("11 too_many_pings");
    await expect.poll(() => server.connections()).toBe(1);
  });
});

describe("the server", () => {
  it("says in one line that its port is in use, and closes what it had opened", async () => {
    const { grpcUrl } = await start();
    const grpcPort = Number(new URL(grpcUrl).port);
    await expect(startIngest({ config: testConfig({ grpcPort }), bus, log: testLog })).rejects.toMatchObject({ code: "port.in_use", message: `port ${grpcPort} on 127.0.0.1 is in use by another program`, hint: expect.stringContaining("ingest.grpcPort") });
  });

  it("answers what is under way before it closes, and takes nothing new", async () => {
    const ingest = await startIngest({ config: testConfig(), bus, log: testLog });
    bus.onAppend = () => new Promise((resolve) => setTimeout(resolve, 300));
    const answer = grpcExport(ingest.grpcUrl, protobuf(1));
    await new Promise((resolve) => setTimeout(resolve, 150));
    const closed = ingest.close();
    expect((await answer).code).toBe(0);
    await closed;
    const client = grpcClient(ingest.grpcUrl);
    await expect(new Promise((resolve, reject) => client.waitForReady(Date.now() + 300, (error) => (error ? reject(error) : resolve(null))))).rejects.toThrow();
    client.close();
  });
});
