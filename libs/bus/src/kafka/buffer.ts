import type { Delivered } from "../api.ts";

/** However small the records are, a batch has no more of them. */
const BATCH_RECORDS_MAX = 10_000;
/** What a record costs beside its value: without it, empty ones would count for nothing against the bound of memory. */
const RECORD_BYTES = 500;

/** Records of one partition that were fetched and not yet handed over, in order, without gaps that are not Kafka's. */
export class Buffer {
  #records: Delivered[] = [];
  /** Of the values that wait. */
  bytes = 0;
  /** When what is now first came. */
  firstAt = 0;

  get first(): Delivered | undefined {
    return this.#records[0];
  }

  get last(): Delivered | undefined {
    return this.#records.at(-1);
  }

  push(records: readonly Delivered[]): number {
    if (records.length === 0) return 0;
    if (this.#records.length === 0) this.firstAt = performance.now();
    // Not spread into one push: a fetch of tiny records has more than a call may have arguments.
    for (const record of records) this.#records.push(record);
    this.bytes += valueBytes(records);
    return heldBytes(records);
  }

  /** Whether more would not go into the next batch. */
  full(bytesMax: number): boolean {
    return this.bytes >= bytesMax || this.#records.length >= BATCH_RECORDS_MAX;
  }

  /** As many as go into a batch, and one at least. */
  take(bytesMax: number): Delivered[] {
    let bytes = 0;
    let count = 0;
    for (const record of this.#records) {
      bytes += record.value.byteLength;
      if (count > 0 && (bytes > bytesMax || count >= BATCH_RECORDS_MAX)) break;
      count += 1;
    }
    return this.#remove(count);
  }

  /** All up to an offset. */
  takeTo(offset: bigint): Delivered[] {
    const end = this.#records.findIndex((record) => record.offset > offset);
    return this.#remove(end === -1 ? this.#records.length : end);
  }

  /** Forgets all, and says how much memory that held. */
  clear(): number {
    const held = heldBytes(this.#records);
    this.#records = [];
    this.bytes = 0;
    return held;
  }

  #remove(count: number): Delivered[] {
    const taken = this.#records.splice(0, count);
    this.bytes -= valueBytes(taken);
    // What stays has waited already.
    this.firstAt = 0;
    return taken;
  }
}

function valueBytes(records: readonly Delivered[]): number {
  return records.reduce((sum, { value }) => sum + value.byteLength, 0);
}

/** Memory that records hold while they wait, by estimate. */
export function heldBytes(records: readonly Delivered[]): number {
  return records.reduce((sum, { value }) => sum + value.byteLength + RECORD_BYTES, 0);
}
