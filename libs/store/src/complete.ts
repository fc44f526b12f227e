import { batchTimeMs } from "@firstfix/kit";
import type { ClickHouseClient } from "@clickhouse/client";
import type { CompletedBatch } from "./api.ts";
import { insertRows, literal, select } from "./sql.ts";

/** A batch that was completed twice (a retry) is one row to whoever groups by its id. */
export async function completeBatch(client: ClickHouseClient, batch: CompletedBatch): Promise<void> {
  // A log record without a time has that of its batch.
  const at = batchTimeMs(batch.id);
  await insertRows(client, "batches", [
    {
      batch_id: batch.id,
      signal: batch.signal,
      rows: batch.rows,
      time_min: seconds(batch.timeMinMs === 0 ? at : batch.timeMinMs),
      time_max: seconds(batch.timeMaxMs === 0 ? at : batch.timeMaxMs),
      topic: batch.topic,
      partition: batch.partition,
      offset_min: batch.offsetMin,
      offset_max: batch.offsetMax,
      requests: batch.requests,
    },
  ]);
}

export async function completedRequests(client: ClickHouseClient, source: { readonly topic: string; readonly partition: number }, sinceMs: number, limit: number): Promise<string[]> {
  const rows = await select<{ request: string }>(
    client,
    `SELECT arrayJoin(requests) AS request FROM batches
     WHERE topic = ${literal(source.topic)} AND partition = ${source.partition} AND batch_id >= ${literal(BigInt(Math.max(0, Math.floor(sinceMs))) << 22n)}
     ORDER BY batch_id DESC LIMIT ${limit}`,
  );
  return rows.map(({ request }) => request).reverse();
}

/** DateTime64 as seconds with three digits, which the engine reads exactly. */
function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
