import { batchTimeMs } from "@firstfix/kit";
import { ENGINE_COLUMNS, ENGINE_MESSAGE } from "@firstfix/otlp";
import type { TelemetryBatch } from "./api.ts";
import { literal } from "./sql.ts";
import { fill, sqlFile } from "./template.ts";

const SETTINGS: readonly string[] = [
  "input_format_protobuf_oneof_presence = 1",
  // A resource is kept as JSON text, its integers as numbers.
  "output_format_json_quote_64bit_integers = 0",
  // There is nothing to optimise in it, and looking for it costs 10 ms each time.
  "query_plan_enable_optimizations = 0",
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
export function batchStatement({ signal, id, part }: Omit<TelemetryBatch, "body">, input: BatchInput): string {
  return fill(sqlFile(`insert/${signal}.sql`), {
    batch: `toUInt64(${literal(id)})`,
    batch_time_ns: `toUInt64(${literal(BigInt(batchTimeMs(id)) * 1_000_000n)})`,
    source: input.source(ENGINE_COLUMNS[signal]),
    settings: [...input.schema(ENGINE_MESSAGE[signal]), ...SETTINGS, `insert_deduplication_token = ${literal(part === undefined ? String(id) : `${id}:${part}`)}`].join(", "),
  });
}

export function piecesOf(body: TelemetryBatch["body"]): readonly Uint8Array[] {
  return body instanceof Uint8Array ? [body] : body;
}
