/** Requests remembered; beyond that the oldest are forgotten, which only costs their next batch a few inserts. */
const SUSPECTS_MAX = 10_000;

interface Hashed {
  readonly index: number;
  readonly hash: string;
}

/**
 * Requests that were sent back undecided from a batch that the engine refused. Their senders send the same bytes again;
 * by these they are known and kept apart from the requests of others.
 */
export class Suspects {
  readonly #known = new Set<string>();

  /** Positions in the list: first what nobody suspects, then the suspects. No group is empty. */
  apart(entries: readonly Hashed[]): number[][] {
    const clean: number[] = [];
    const suspect: number[] = [];
    entries.forEach(({ hash }, at) => (this.#known.has(hash) ? suspect : clean).push(at));
    return [clean, suspect].filter((group) => group.length > 0);
  }

  /** Remembers what of a batch is `left` undecided (by index), and forgets the others. */
  settle(entries: readonly Hashed[], left: ReadonlySet<number>): void {
    if (this.#known.size === 0 && left.size === 0) return;
    for (const { index, hash } of entries) {
      if (left.has(index)) this.#known.add(hash);
      else this.#known.delete(hash);
    }
    for (const hash of this.#known) {
      if (this.#known.size <= SUSPECTS_MAX) break;
      this.#known.delete(hash);
    }
  }
}
