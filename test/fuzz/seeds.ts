import { toJson, fromBinary } from "@bufbuild/protobuf";
import type { Signal } from "@firstfix/otlp";
import fc from "fast-check";
import { REQUEST } from "../../libs/otlp/src/messages.ts";
import { encodeRequest, logs, NOW_MS, traces } from "../../libs/otlp/src/walk/arbitrary.ts";
import { makeRequests } from "../corpus/index.ts";
import { parseTree, type Node } from "./tree.ts";

/** What mutations start from: small requests, half of them as real SDKs send them, half with everything that OTLP can say. */
export interface Seed {
  readonly signal: Signal;
  readonly tree: Node;
  /** The same as OTLP JSON. */
  readonly json: unknown;
}

const SEEDS = 100;
const RECORDS_PER_SEED = 3;

export function makeSeeds(seed: number, nowMs: number): Seed[] {
  return (["traces", "logs"] as const).flatMap((signal) => {
    const real = [...makeRequests({ signal, spans: SEEDS * RECORDS_PER_SEED, seed, spansPerRequest: RECORDS_PER_SEED, toMs: nowMs })];
    const message: fc.Arbitrary<object> = signal === "traces" ? traces({ nested: true }) : logs({ nested: true });
    const rich = fc.sample(message, { seed, numRuns: SEEDS }).map((one) => encodeRequest(signal, shifted(one, BigInt(nowMs - NOW_MS) * 1_000_000n) as object));
    return [...real, ...rich].map((bytes) => ({ signal, tree: parseTree(signal, bytes), json: jsonOf(signal, bytes) }));
  }).filter(({ tree }) => (tree.fields?.length ?? 0) > 0);
}

/** The same message with all its times moved. */
function shifted(node: unknown, by: bigint): unknown {
  if (node instanceof Uint8Array || typeof node !== "object" || node === null) return node;
  if (Array.isArray(node)) return node.map((one: unknown) => shifted(one, by));
  return Object.fromEntries(Object.entries(node).map(([key, value]: [string, unknown]) => [key, typeof value === "bigint" && /unixNano$/i.test(key) && value > 0n ? value + by : shifted(value, by)]));
}

/** OTLP's JSON: that of protobuf, but ids are hex. */
function jsonOf(signal: Signal, bytes: Uint8Array): unknown {
  const hex = (node: unknown): unknown => {
    if (typeof node !== "object" || node === null) return node;
    if (Array.isArray(node)) return node.map(hex);
    return Object.fromEntries(Object.entries(node).map(([key, value]: [string, unknown]) => [key, typeof value === "string" && /^(?:trace|span|parentSpan)Id$/.test(key) ? Buffer.from(value, "base64").toString("hex") : hex(value)]));
  };
  return hex(toJson(REQUEST[signal], fromBinary(REQUEST[signal], bytes)));
}
