import { createHash } from "node:crypto";
import type { BusRecord } from "@firstfix/bus";

/** Records remembered; beyond that the oldest are forgotten, which only costs their next batch a few inserts. */
const SUSPECTS_MAX = 10_000;

/**
 * Records that were sent back undecided from a batch that the engine refused. Their senders send the same bytes again;
 * by these they are known and kept apart from the records of others. Nothing is hashed while there are none.
 */
export class Suspects {
  readonly #known = new Set<string>();

  /** The indexes of a batch: first what nobody suspects, then the suspects. No group is empty. */
  apart(records: readonly BusRecord[]): number[][] {
    const clean: number[] = [];
    const suspect: number[] = [];
    records.forEach((record, index) => (this.#known.size > 0 && this.#known.has(nameOf(record)) ? suspect : clean).push(index));
    return [clean, suspect].filter((group) => group.length > 0);
  }

  /** Remembers what of a batch is `left` undecided, and forgets the others. */
  settle(records: readonly BusRecord[], left: readonly number[]): void {
    if (this.#known.size > 0) for (const record of records) this.#known.delete(nameOf(record));
    for (const index of left) this.#known.add(nameOf(records[index] as BusRecord));
    for (const name of this.#known) {
      if (this.#known.size <= SUSPECTS_MAX) break;
      this.#known.delete(name);
    }
  }
}

function nameOf({ value }: BusRecord): string {
  return createHash("sha256").update(value).digest("base64");
}
