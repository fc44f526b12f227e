import { ENGINE_COLUMNS, ENGINE_MESSAGE } from "@firstfix/otlp";
import type { Signal } from "./api.ts";
import { literal } from "./sql.ts";
import { fill, sqlFile } from "./template.ts";

// A batch id is 64 bits: milliseconds (42) · this process (10, random) · counter (12). It sorts by time, grows strictly
// within a process, and two processes meet only in the same millisecond with the same random part and counter.
const PROCESS = BigInt(Math.floor(Math.random() * 1024));
const COUNTER_BITS = 12n;
const TIME_SHIFT = 22n;
let last = 0n;

export function nextBatchId(): bigint {
  const candidate = (BigInt(Date.now()) << TIME_SHIFT) | (PROCESS << COUNTER_BITS);
  // More than 4,096 ids in a millisecond, or a clock that went back, run on from the last id.
  last = candidate > last ? candidate : last + 1n;
  return last;
}

/** Milliseconds since the epoch at which the id was made. */
export function batchTimeMs(id: bigint): number {
  return Number(id >> TIME_SHIFT);
}

const SETTINGS: readonly string[] = [
  "input_format_protobuf_oneof_presence = 1",
  // The token names the whole batch, so that it must land as one block: one thread, and squashed up to any size.
  "max_insert_threads = 1",
  "max_threads = 1",
  "min_insert_block_size_rows = 100000000",
  "min_insert_block_size_bytes = 0",
  // The engine cannot know that a decoded file is read the same way twice; the token says so.
  "deduplicate_insert_select = 'enable_even_for_bad_queries'",
  "deduplicate_blocks_in_dependent_materialized_views = 1",
];

/** How the engine at hand is told of the body and of OTLP's schema. */
export interface BatchInput {
  /** A table function that reads the body, given its columns: `file(…)` or `input(…)`. */
  source(columns: string): string;
  /** Settings that name the schema, given the message. */
  schema(message: string): readonly string[];
}

/** The INSERT … SELECT of a batch. */
export function batchStatement(signal: Signal, id: bigint, input: BatchInput): string {
  return fill(sqlFile(`insert/${signal}.sql`), {
    batch: `toUInt64(${literal(id)})`,
    batch_time_ns: `toUInt64(${literal(BigInt(batchTimeMs(id)) * 1_000_000n)})`,
    source: input.source(ENGINE_COLUMNS[signal]),
    settings: [...input.schema(ENGINE_MESSAGE[signal]), ...SETTINGS, `insert_deduplication_token = ${literal(String(id))}`].join(", "),
  });
}
