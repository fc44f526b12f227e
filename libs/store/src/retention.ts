import type { ClickHouseClient } from "@clickhouse/client";
import { literal, select } from "./sql.ts";

/** How long rows are kept, in days. What is not named keeps what the table was made with. */
export interface Retention {
  readonly spansDays?: number | undefined;
  readonly logsDays?: number | undefined;
  readonly findingsDays?: number | undefined;
}

/** By which time a table's rows grow old, and which of the three periods is theirs. The journal has none: it is kept for good. */
const TABLES: readonly { readonly table: string; readonly time: string; readonly period: keyof Retention }[] = [
  { table: "spans", time: "toDateTime(start_time)", period: "spansDays" },
  { table: "traces", time: "day", period: "spansDays" },
  { table: "exceptions", time: "toDateTime(time)", period: "spansDays" },
  { table: "logs", time: "toDateTime(time)", period: "logsDays" },
  { table: "exposure", time: "minute", period: "findingsDays" },
  { table: "errors", time: "toDateTime(time)", period: "findingsDays" },
  { table: "check_exposure", time: "minute", period: "findingsDays" },
  { table: "violations", time: "toDateTime(time)", period: "findingsDays" },
  { table: "finding_counts", time: "day", period: "findingsDays" },
];

/**
 * Gives each table the period that the configuration says, where it has another one. Nothing is rewritten: the engine
 * reads the times of each part once to note when it expires (materialize_ttl_recalculate_only; without that note the
 * parts there are would keep the old period), and drops a part whole when its newest row is too old. The tables are
 * partitioned by time, so such parts come about.
 * `local` maps a table's name to that of the table that holds its rows, `onCluster` stands behind it (cluster.ts).
 */
export async function applyRetention(client: ClickHouseClient, retention: Retention, local: (table: string) => string = (table) => table, onCluster = ""): Promise<string[]> {
  const wanted = TABLES.flatMap(({ table, time, period }) => {
    const days = retention[period];
    return days === undefined ? [] : [{ table: local(table), time, days }];
  });
  if (wanted.length === 0) return [];
  const rows = await select<{ name: string; engine_full: string }>(client, `SELECT name, engine_full FROM system.tables WHERE database = currentDatabase() AND name IN ${literal(wanted.map(({ table }) => table))}`);
  const engines = new Map(rows.map(({ name, engine_full }) => [name, engine_full]));
  const changed: string[] = [];
  for (const { table, time, days } of wanted) {
    if (daysOf(engines.get(table) ?? "") === days) continue;
    await client.command({ query: `ALTER TABLE ${table}${onCluster} MODIFY TTL ${time} + toIntervalDay(${days})` });
    changed.push(table);
  }
  return changed;
}

/** The days of `TTL expression + toIntervalDay(days)`, as the engine writes a table's definition. */
function daysOf(engine: string): number | null {
  const match = / TTL [^]*? \+ toIntervalDay\((\d+)\)/.exec(engine);
  return match === null ? null : Number(match[1]);
}
