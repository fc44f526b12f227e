import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Signal } from "@firstfix/otlp";
import { readFrames } from "./frames.ts";
import { generate } from "./generate.ts";
import { templates, type Sender } from "./template.ts";


/**
 * Requests that real SDKs sent, and any number like them. `recorded/` holds what record/main.ts took down: the demo's
 * shop under @firstfix/sdk (two revisions) and a Flask service under OpenTelemetry's Python instrumentations.
 */
export interface Recorded {
  /** File name without endings, such as shop-faulty. */
  readonly sender: string;
  readonly signal: Signal;
  /** Export requests as protobuf, not compressed. */
  readonly requests: readonly Uint8Array[];
}

export interface RequestOptions {
  readonly signal: Signal;
  /** Spans (or log records) in all; a little more, because traces stay whole. */
  readonly spans: number;
  /** The same seed, with the same times, gives the same bytes. */
  readonly seed: number;
  /** 512 by default: the most that SDKs put into one request. */
  readonly spansPerRequest?: number;
  /** Times of the first and last request, in milliseconds since the epoch; the last minute by default. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

const FOLDER = fileURLToPath(new URL("recorded/", import.meta.url));
const SPANS_PER_REQUEST = 512;
let recorded: readonly Recorded[] | null = null;
const senders = new Map<Signal, readonly Sender[]>();

export function loadCorpus(): readonly Recorded[] {
  recorded ??= readdirSync(FOLDER).filter((name) => name.endsWith(".gz")).sort().map((name) => {
    const [sender = "", signal = ""] = name.split(".");
    return { sender, signal: signal as Signal, requests: readFrames(FOLDER + name) };
  });
  return recorded;
}

/**
 * Distinct requests made from the recorded ones: whole traces of one sender each, with new ids (consistent within a
 * trace), shifted times, stretched durations, and other orders, customers, articles and amounts (vary.ts says how many of each).
 */
export function makeRequests({ signal, spans, seed, spansPerRequest = SPANS_PER_REQUEST, toMs = Date.now(), fromMs = toMs - 60_000 }: RequestOptions): Iterable<Uint8Array> {
  const known = senders.get(signal) ?? templates(signal, loadCorpus().filter((one) => one.signal === signal).flatMap(({ requests }) => requests));
  senders.set(signal, known);
  return generate(known, { seed, records: spans, perRequest: spansPerRequest, fromMs, toMs });
}
