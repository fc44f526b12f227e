import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { FirstfixError, nextBatchId } from "@firstfix/kit";
import { openStore, select, type Store } from "@firstfix/store";
import { makeRequests } from "../corpus/index.ts";
import { round, say } from "./measure.ts";

const SPANS = 80_000;
const BATCHES = 3;
const TABLES = ["spans", "traces"] as const;
/** Wide parts keep columns in files of their own, so that the size of each can be told. */
const WIDE = "MODIFY SETTING min_rows_for_wide_part = 0, min_bytes_for_wide_part = 0";

/**
 * What each column costs on disk, and a batch in CPU, for the schema as it is or changed by statements:
 *   npm run bench -- columns --alter "ALTER TABLE spans MODIFY COLUMN attr_str Map(LowCardinality(String), String) CODEC(ZSTD(3))"
 * This is how the choices in libs/store/BENCHMARKING.md can be tried against others.
 */
export async function bench(args: readonly string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args: [...args], options: { spans: { type: "string", default: String(SPANS) }, alter: { type: "string", multiple: true, default: [] } } });
  const spans = Number(values.spans);
  if (!Number.isSafeInteger(spans) || spans < 1000 || spans > 1_000_000) throw new FirstfixError("bad_request", `--spans ${values.spans}: a number from 1000 to 1000000, for each of ${BATCHES} batches`);
  const folder = mkdtempSync(join(tmpdir(), "firstfix-bench-columns-"));
  const store = await openStore({ path: join(folder, "data") });
  try {
    for (const query of [...TABLES.map((table) => `ALTER TABLE ${table} ${WIDE}`), ...values.alter]) await store.background.command({ query });
    const micros: number[] = [];
    for (let index = 0; index < BATCHES; index++) {
      const body = [...makeRequests({ signal: "traces", spans, seed: 5 + index, toMs: Date.now(), fromMs: Date.now() - 60_000 })];
      const before = process.cpuUsage();
      await store.insertBatch({ id: nextBatchId(), signal: "traces", body });
      const { user, system } = process.cpuUsage(before);
      micros.push(round((user + system) / spans));
      say(`  batch ${index + 1}: ${micros.at(-1)} µs CPU per span`);
    }
    for (const table of TABLES) await store.background.command({ query: `OPTIMIZE TABLE ${table} FINAL` });
    return { spans: spans * BATCHES, insertMicrosPerSpan: micros, bytesPerSpan: await sizes(store) };
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function sizes(store: Store): Promise<Record<string, Record<string, number>>> {
  const [rows] = await select<{ n: number }>(store.background, "SELECT count() AS n FROM spans");
  const result: Record<string, Record<string, number>> = {};
  for (const table of TABLES) {
    const columns = await select<{ name: string; bytes: number }>(store.background, `SELECT name, data_compressed_bytes AS bytes FROM system.columns WHERE table = '${table}' AND data_compressed_bytes > 0 ORDER BY bytes DESC`);
    const [whole] = await select<{ all: number; indexes: number }>(store.background, `SELECT sum(bytes_on_disk) AS all, sum(secondary_indices_compressed_bytes) AS indexes FROM system.parts WHERE table = '${table}' AND active`);
    const per = (bytes: number | undefined): number => round((bytes ?? 0) / (rows?.n ?? 1));
    result[table] = { all: per(whole?.all), indexes: per(whole?.indexes), ...Object.fromEntries(columns.map(({ name, bytes }) => [name, per(bytes)])) };
  }
  return result;
}
