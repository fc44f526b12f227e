import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import type { Signal } from "@firstfix/otlp";
import { Random } from "../random.ts";
import { mutateJson } from "./mutate-json.ts";
import { bytes, mutateBytes, mutateTree } from "./mutate.ts";
import type { Seed } from "./seeds.ts";
import { clone, encodeTree, nodesOf, type Node } from "./tree.ts";

/** How its bytes come: as HTTP wants it, or with a length that lies, or in broken chunks. */
export type Framing = "plain" | "short" | "long" | "chunked" | "brokenChunks";
export type Transport = "http" | "grpc";

/** One request as it goes over the wire. */
export interface Case {
  readonly index: number;
  readonly transport: Transport;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly framing: Framing;
  /** What was done to it. */
  readonly what: readonly string[];
}

/** Three thousand bytes that become three million. */
const BOMB = gzipSync(Buffer.alloc(3_000_000));

export const GRPC_PATHS: Readonly<Record<Signal, string>> = {
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
};

/** The request of that number: the same for the same seed, seeds and time. */
export function makeCase({ index, seed, seeds, nowMs, grpc }: { readonly index: number; readonly seed: number; readonly seeds: readonly Seed[]; readonly nowMs: number; readonly grpc: boolean }): Case {
  const random = new Random(Math.imul(seed, 2_654_435_761) ^ Math.imul(index + 1, 40_503));
  const from = random.pick(seeds);
  const what: string[] = [];
  const json = random.below(5) === 0;
  let body: Uint8Array;
  if (json) {
    const changed = mutateJson(withFreshJsonIds(from.json, random), random);
    body = changed.text;
    what.push("json", ...changed.names);
  } else {
    const tree = withFreshIds(clone(from.tree), random);
    what.push(...mutateTree(tree, { signal: from.signal, nowMs, random, other: () => random.pick(seeds).tree }));
    body = encodeTree(tree);
    if (random.below(4) === 0) {
      const changed = mutateBytes(body, random);
      body = changed.body;
      what.push(changed.name);
    }
  }
  if (grpc && !json && random.below(8) === 0) return grpcCase(index, from.signal, body, what, random);
  const wrapped = compress(body, random, what);
  const headers: Record<string, string> = { "content-type": contentType(json, random, what), ...wrapped.headers };
  const framing = random.below(100) === 0 ? random.pick(["short", "long", "chunked", "brokenChunks"] as const) : "plain";
  if (framing !== "plain") what.push(framing);
  return { index, transport: "http", path: path(from.signal, random, what), headers, body: wrapped.body, framing, what };
}

/** Every record is new to the store, so that none is taken for one that came before. */
function withFreshIds(root: Node, random: Random): Node {
  for (const { node, parent } of nodesOf(root)) {
    const id = (parent.kind === "span" && (node.number === 1 || node.number === 2)) || (parent.kind === "log" && (node.number === 9 || node.number === 10));
    if (id && (node.bytes.length === 16 || node.bytes.length === 8)) node.bytes = bytes(random, node.bytes.length);
  }
  return root;
}

function withFreshJsonIds(json: unknown, random: Random): unknown {
  return JSON.parse(JSON.stringify(json), (key, value: unknown) => ((key === "traceId" || key === "spanId") && typeof value === "string" && value !== "" ? Buffer.from(bytes(random, value.length / 2)).toString("hex") : value));
}

function compress(body: Uint8Array, random: Random, what: string[]): { readonly body: Uint8Array; readonly headers: Record<string, string> } {
  const how = random.below(20);
  if (how > 6) return { body, headers: {} };
  const [encoding, packed] = ([["gzip", gzipSync(body, { level: 1 })], ["deflate", deflateSync(body, { level: 1 })], ["zstd", zstdCompressSync(body)]] as const)[how % 3] as readonly [string, Uint8Array];
  what.push(encoding);
  switch (random.below(8)) {
    case 0: {
      const broken = mutateBytes(packed, random);
      what.push(`packed ${broken.name}`);
      return { body: broken.body, headers: { "content-encoding": encoding } };
    }
    case 1:
      what.push("other encoding");
      return { body: packed, headers: { "content-encoding": random.pick(["gzip", "deflate", "zstd", "br", "identity", "GZIP", "x-gzip", "gzip, gzip", "", "constructor"]) } };
    case 2:
      what.push("not packed");
      return { body, headers: { "content-encoding": encoding } };
    case 3:
      what.push("raw or several");
      return { body: random.pick([() => deflateRawSync(body), () => Buffer.concat([packed, packed]), () => Buffer.concat([gzipSync(body.subarray(0, body.length >> 1)), gzipSync(body.subarray(body.length >> 1))]), () => BOMB])(), headers: { "content-encoding": encoding } };
    default:
      return { body: packed, headers: { "content-encoding": encoding } };
  }
}

function contentType(json: boolean, random: Random, what: string[]): string {
  const right = json ? "application/json" : "application/x-protobuf";
  if (random.below(25) > 0) return right;
  what.push("content type");
  return random.pick([json ? "application/x-protobuf" : "application/json", `${right}; charset=utf-8`, right.toUpperCase(), "text/plain", "application/grpc", "application/octet-stream", ";", `${right};`]);
}

function path(signal: Signal, random: Random, what: string[]): string {
  if (random.below(40) > 0) return `/v1/${signal}`;
  what.push("path");
  return random.pick([signal === "traces" ? "/v1/logs" : "/v1/traces", `/v1/${signal}/`, `/v1/${signal}?a=1`, "/v1/metrics", "/", `//v1/${signal}`, `/v1/%74races`, `/v1/${signal}#x`, "/v1/traces\u00e9"]);
}

/** A message of gRPC is a flag, four bytes of length and so many bytes. */
function grpcCase(index: number, signal: Signal, body: Uint8Array, what: string[], random: Random): Case {
  const packed = random.below(4) === 0;
  const content = packed ? gzipSync(body, { level: 1 }) : body;
  const frame = Buffer.alloc(5);
  frame[0] = packed ? 1 : 0;
  frame.writeUInt32BE(content.length, 1);
  let message: Uint8Array = Buffer.concat([frame, content]);
  what.push("grpc");
  if (random.below(10) === 0) {
    const lie = random.below(5);
    what.push(`frame ${lie}`);
    if (lie === 0) frame[0] = random.pick([1, 2, 255]);
    else if (lie === 1) frame.writeUInt32BE(random.pick([0, content.length + 1, Math.max(0, content.length - 1), 0xffffffff]), 1);
    message = lie === 2 ? new Uint8Array() : lie === 3 ? Buffer.concat([message, message]) : lie === 4 ? message.subarray(0, random.below(message.length)) : Buffer.concat([frame, content]);
  }
  const encoding = packed || random.below(10) === 0 ? { "grpc-encoding": random.pick(packed ? ["gzip", "gzip", "gzip", "deflate", "snappy"] : ["identity", "gzip", "snappy"]) } : {};
  return { index, transport: "grpc", path: GRPC_PATHS[signal], headers: { "content-type": random.below(30) === 0 ? random.pick(["application/grpc+proto", "application/grpc+json", "application/json"]) : "application/grpc", te: "trailers", ...encoding }, body: message, framing: "plain", what };
}
