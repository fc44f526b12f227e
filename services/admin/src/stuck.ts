import type { Bus, Lag } from "@firstfix/bus";
import { FirstfixError } from "@firstfix/kit";

export interface StuckOptions {
  /** A partition on which records wait and none is handled for this long does not move. */
  readonly stuckMs?: number;
  /** A broker is asked no more often than this, however many probes come. */
  readonly lookMs?: number;
  readonly now?: () => number;
}

/** Longer than any rebalance, election of a leader or retry of a batch. */
const STUCK_MS = 5 * 60_000;
const LOOK_MS = 15_000;
/** Partitions that are named; the rest is counted. */
const NAMED_MAX = 3;

/**
 * Whether every partition on which records wait moves. A broker that answers and a store that answers say nothing of a
 * batch that can be neither stored nor set aside, and behind it everything waits.
 */
export class StuckLag {
  readonly #bus: Pick<Bus, "lag">;
  readonly #options: Required<StuckOptions>;
  readonly #seen = new Map<string, { readonly handled: number; readonly records: number; readonly since: number }>();
  #lookedAt = -Infinity;
  #stuck: readonly Lag[] = [];

  constructor(bus: Pick<Bus, "lag">, { stuckMs = STUCK_MS, lookMs = LOOK_MS, now = Date.now }: StuckOptions = {}) {
    this.#bus = bus;
    this.#options = { stuckMs, lookMs, now };
  }

  /** Throws with what does not move. While the bus cannot say, nothing is known to be stuck: that it is away is said elsewhere. */
  async check(): Promise<void> {
    const now = this.#options.now();
    if (now - this.#lookedAt >= this.#options.lookMs) {
      this.#lookedAt = now;
      const lags = await this.#bus.lag().catch(() => null);
      this.#stuck = lags === null ? [] : this.#judge(lags, now);
      if (lags === null) this.#seen.clear();
    }
    if (this.#stuck.length === 0) return;
    const named = this.#stuck.slice(0, NAMED_MAX).map(({ topic, partition, group, records }) => `partition ${partition} of ${topic} (${group}, ${records} records wait)`);
    const more = this.#stuck.length > NAMED_MAX ? `, and ${this.#stuck.length - NAMED_MAX} more` : "";
    throw new FirstfixError("bus.unavailable", `not moved for ${Math.round(this.#options.stuckMs / 60_000)} minutes: ${named.join(", ")}${more}`, { hint: "Look at the writers' log: it says what they try again. `firstfix doctor` shows the lag of each topic.", retryable: true });
  }

  #judge(lags: readonly Lag[], now: number): Lag[] {
    const keys = new Set<string>();
    const stuck = lags.filter((lag) => {
      const key = JSON.stringify([lag.topic, lag.group, lag.partition]);
      keys.add(key);
      const before = this.#seen.get(key);
      // Where nothing waited when it was last looked at, it is not known since when something does.
      const stands = before !== undefined && before.handled === lag.handled && before.records > 0 && lag.records > 0;
      const since = stands ? before.since : now;
      this.#seen.set(key, { handled: lag.handled, records: lag.records, since });
      return now - since >= this.#options.stuckMs;
    });
    for (const key of this.#seen.keys()) if (!keys.has(key)) this.#seen.delete(key);
    return stuck;
  }
}
