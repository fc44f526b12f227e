import { LIMITS } from "@firstfix/kit";
import type { Store } from "@firstfix/store";

interface Partition {
  /** Hash of a request → when it was stored, oldest first. */
  readonly hashes: Map<string, number>;
  loaded: boolean;
}

/**
 * Requests that were stored lately, by hash: a client that got no answer sends the same bytes again, and they must not
 * be stored twice. What an earlier writer of the partition stored is read back from the store (table batches).
 * A retry comes to the same writer, because the hash is the record's key.
 */
export class Seen {
  readonly #store: Pick<Store, "completedRequests">;
  readonly #topic: string;
  readonly #windowMs: number;
  readonly #partitions = new Map<number, Partition>();

  constructor(store: Pick<Store, "completedRequests">, topic: string, windowMs: number) {
    this.#store = store;
    this.#topic = topic;
    this.#windowMs = windowMs;
  }

  /** The partition was given to this writer: another one may have written meanwhile. */
  forget(partition: number): void {
    this.#partitions.delete(partition);
  }

  /** Throws store.unavailable (retryable) when the window cannot be read. */
  async load(partition: number): Promise<ReadonlyMap<string, number>> {
    const known = this.#of(partition);
    if (!known.loaded && this.#windowMs > 0) {
      const now = Date.now();
      for (const hash of await this.#store.completedRequests({ topic: this.#topic, partition }, now - this.#windowMs, LIMITS.requestsRemembered)) known.hashes.set(hash, now);
    }
    known.loaded = true;
    return known.hashes;
  }

  add(partition: number, hashes: readonly string[]): void {
    if (this.#windowMs === 0) return;
    const now = Date.now();
    const known = this.#of(partition).hashes;
    for (const hash of hashes) {
      known.delete(hash);
      known.set(hash, now);
    }
    for (const [hash, at] of known) {
      if (known.size <= LIMITS.requestsRemembered && at >= now - this.#windowMs) break;
      known.delete(hash);
    }
  }

  #of(partition: number): Partition {
    const known = this.#partitions.get(partition) ?? { hashes: new Map<string, number>(), loaded: false };
    this.#partitions.set(partition, known);
    return known;
  }
}
