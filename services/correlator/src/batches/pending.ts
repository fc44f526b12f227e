import { insertRows, literal, select } from "@firstfix/store";
import type { Room } from "../room.ts";

export interface Batch {
  /** A 64-bit number as text. */
  readonly id: string;
  /** Milliseconds since the epoch: when it landed, and the earliest time in it. */
  readonly insertedAt: number;
  readonly timeMin: number;
}

/**
 * How far a batch has come: `correlator` its errors and invariants are recorded, `temporal` its eventually-checks too,
 * `incidents` what it showed has been decided upon. A mark is written after the work, so a crash only repeats work.
 */
export type Stage = "correlator" | "temporal" | "incidents";

/** Look this far before the oldest that still had work: the store's servers may differ in their clocks. */
const OVERLAP_MS = 10 * 60_000;
const LOOK_MAX = 2_000;
const UNFINISHED_MAX = 100_000;
/** Finds batches that lack a mark, without reading the marks of all time again at every look. */
export class Pending {
  readonly #room: Room;
  #from = 0;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Batches that nothing was done with yet, oldest first; at most LOOK_MAX. */
  async fresh(): Promise<Batch[]> {
    // By the time of landing, not by id: a batch that was made before an outage of the store lands long after.
    const since = (column: string): string => `${column} >= fromUnixTimestamp64Milli(toInt64(${literal(Math.max(0, this.#from - OVERLAP_MS))}), 'UTC')`;
    const batches = await this.#batches(since("inserted_at"), `batch_id NOT IN (${marked("correlator", since("done_at"))})`, LOOK_MAX);
    this.#from = batches.reduce((from, batch) => Math.min(from, batch.insertedAt), Date.now());
    return batches;
  }

  /** Batches that an earlier run left half done; asked once, at start. */
  async unfinished(): Promise<Batch[]> {
    return this.#batches("1", `batch_id IN (${marked("correlator")}) AND (batch_id NOT IN (${marked("temporal")}) OR batch_id NOT IN (${marked("incidents")}))`, UNFINISHED_MAX);
  }

  async mark(stage: Stage, ids: readonly string[]): Promise<void> {
    await insertRows(this.#room.store.background, "batch_progress", ids.map((id) => ({ stage, batch_id: BigInt(id) })));
  }

  async #batches(where: string, having: string, limit: number): Promise<Batch[]> {
    const rows = await select<{ id: string; inserted: number; earliest: number }>(
      this.#room.store.background,
      `SELECT toString(batch_id) AS id, toUnixTimestamp64Milli(max(inserted_at)) AS inserted, intDiv(toUnixTimestamp64Nano(min(time_min)), 1000000) AS earliest
       FROM batches WHERE ${where} GROUP BY batch_id HAVING ${having} ORDER BY batch_id LIMIT ${limit}`,
    );
    return rows.map((row) => ({ id: row.id, insertedAt: row.inserted, timeMin: row.earliest }));
  }
}

function marked(stage: Stage, since = "1"): string {
  return `SELECT batch_id FROM batch_progress WHERE stage = ${literal(stage)} AND ${since}`;
}
