import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nextBatchId } from "@firstfix/kit";
import { walkLimits, walkRequest } from "@firstfix/otlp";
import { openStore, type Store } from "@firstfix/store";
import { makeRequests } from "../corpus/index.ts";
import { jsonRows } from "./json-rows.ts";
import { costOf, median, round, say, spread } from "./measure.ts";

export interface RowsResult {
  readonly ratio: number;
  readonly spread: number;
  readonly oursMicrosPerSpan: number;
  readonly jsonMicrosPerSpan: number;
}

/** As many as the writer puts into one INSERT under load. */
const SPANS_PER_BATCH = 25_000;

/**
 * From OTLP bytes to the tables, views, indexes and merges included and HTTP left out of both: ours (walk, concatenate,
 * one INSERT that the engine decodes) against decoding with protobufjs and inserting JSONEachRow into the same tables.
 * They take turns in one process, so that a noisy machine disturbs both alike.
 */
export async function compareRows({ rounds, spans }: { readonly rounds: number; readonly spans: number }): Promise<RowsResult> {
  const folder = mkdtempSync(join(tmpdir(), "firstfix-bench-rows-"));
  const store = await openStore({ path: join(folder, "data") });
  try {
    const ours: number[] = [];
    const json: number[] = [];
    for (let round = -1; round < rounds; round++) {
      const mine = await microsPerSpan(batches(spans, 2 * round + 1000), (batch) => insertOurs(store, batch));
      const theirs = await microsPerSpan(batches(spans, 2 * round + 1001), (batch) => insertJson(store, batch));
      // The first round warms up: the engine's caches, the decoder that protobufjs compiles.
      if (round < 0) continue;
      ours.push(mine);
      json.push(theirs);
      say(`  rows, round ${round + 1}: ours ${mine.toFixed(1)} µs, JSONEachRow ${theirs.toFixed(1)} µs CPU per span`);
    }
    const ratios = ours.map((one, index) => (json[index] ?? 0) / one);
    return { ratio: round(median(ratios)), spread: spread(ratios), oursMicrosPerSpan: round(median(ours)), jsonMicrosPerSpan: round(median(json)) };
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Work {
  readonly batches: readonly (readonly Uint8Array[])[];
  readonly spans: number;
}

function batches(spans: number, seed: number): Work {
  const limits = walkLimits(Date.now());
  const all: Uint8Array[][] = [[]];
  let sum = 0;
  let inBatch = 0;
  for (const request of makeRequests({ signal: "traces", spans, seed })) {
    if (inBatch >= SPANS_PER_BATCH) {
      all.push([]);
      inBatch = 0;
    }
    const { records } = walkRequest("traces", request, limits);
    all.at(-1)?.push(request);
    inBatch += records;
    sum += records;
  }
  return { batches: all, spans: sum };
}

async function microsPerSpan(work: Work, insert: (batch: readonly Uint8Array[]) => Promise<void>): Promise<number> {
  const { cpu } = await costOf([process.pid], async () => {
    for (const batch of work.batches) await insert(batch);
  });
  return (cpu * 1e6) / work.spans;
}

async function insertOurs(store: Store, requests: readonly Uint8Array[]): Promise<void> {
  const limits = walkLimits(Date.now());
  await store.insertBatch({ id: nextBatchId(), signal: "traces", body: Buffer.concat(requests.map((request) => walkRequest("traces", request, limits).body)) });
}

async function insertJson(store: Store, requests: readonly Uint8Array[]): Promise<void> {
  const id = nextBatchId();
  const rows = requests.flatMap((request) => jsonRows(request, id));
  const columns = Object.keys(rows[0] ?? {});
  await store.ingest.command({ query: `INSERT INTO spans (${columns.join(", ")}) FORMAT JSONEachRow\n${rows.map((row) => JSON.stringify(row)).join("\n")}` });
}
