import type { ClickHouseClient } from "@clickhouse/client";
import type { TelemetryBatch } from "../api.ts";

/** What a lane's statements are for, which says how long they may take. */
export type Lane = "ingest" | "background" | "interactive";

/** The one place where chDB and a server differ: how they are opened, and how the bytes of a batch get in. */
export interface Engine {
  /** A client whose statements delay no other lane's. */
  lane(kind: Lane): ClickHouseClient;
  /** Runs the INSERT … SELECT of a batch. Errors are the engine's own. */
  insertBatch(client: ClickHouseClient, batch: TelemetryBatch): Promise<void>;
  close(): Promise<void>;
}

/** Settings of every statement. */
export const LANE_SETTINGS = {
  // Grouping inserts is ours to do; the engine's own grouping would only delay an acknowledgement.
  async_insert: 0,
  // On a cluster: an insert has landed on its shard when it resolves, and a subquery over a distributed table is asked
  // of all shards once. Without effect elsewhere.
  distributed_foreground_insert: 1,
  distributed_product_mode: "global",
} as const;

/** The engine stops a statement after this long, in seconds; embedded, an insert has no bound but the machine's. */
export const LANE_SECONDS_MAX: Readonly<Record<Lane, number>> = { ingest: 55, background: 600, interactive: 30 };
