import { EVENTUALLY_GRACE_MS } from "@firstfix/spec";
import { LIMITS } from "@firstfix/kit";
import type { Batch } from "../batches/pending.ts";
import type { Room } from "../room.ts";
import { judge, type Job } from "./evaluate.ts";

/** Batches whose triggers wait for their deadline; beyond this the oldest are given up, loudly. */
const WAITING_MAX = 100_000;
/** A trigger whose clock runs ahead is still pending at its due time: look again after this. */
const AGAIN_MS = 1_000;

interface Waiting {
  readonly batch: Batch;
  readonly jobs: Map<Job, number>;
}

/**
 * Eventually-checks are judged when their triggers' deadlines have passed. What waits is kept in memory and found again
 * after a restart, because a batch gets its `temporal` mark only when all its checks were judged and acted upon.
 */
export class Temporal {
  readonly #room: Room;
  readonly #waiting = new Map<string, Waiting>();

  constructor(room: Room) {
    this.#room = room;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(batch: Batch, jobs: readonly Job[]): void {
    this.#waiting.set(batch.id, { batch, jobs: new Map(jobs.map((job) => [job, dueOf(batch, job)])) });
    for (const [oldest] of this.#waiting) {
      if (this.#waiting.size <= WAITING_MAX) break;
      this.#room.log.warn({ batch: oldest, bound: WAITING_MAX }, "too many triggers wait for their deadline; the oldest are not judged");
      this.#waiting.delete(oldest);
    }
  }

  /** Judges what is due. Gives the batches that are through, and those of them that showed violations. */
  async round(now: number): Promise<{ readonly done: Batch[]; readonly violated: Batch[] }> {
    const done: Batch[] = [];
    const violated: Batch[] = [];
    for (const waiting of this.#waiting.values()) {
      const due = [...waiting.jobs].filter(([, at]) => at <= now).map(([job]) => job);
      if (due.length === 0) continue;
      const { violations, pending } = await judge(this.#room, due, BigInt(now) * 1_000_000n);
      for (const job of due) waiting.jobs.delete(job);
      // A trigger can lie no further in the future than ingest lets it.
      for (const job of pending) if (now < dueOf(waiting.batch, job) + LIMITS.otlpFutureMs) waiting.jobs.set(job, now + AGAIN_MS);
      if (violations > 0) violated.push(waiting.batch);
      if (waiting.jobs.size === 0) done.push(waiting.batch);
    }
    for (const batch of done) this.#waiting.delete(batch.id);
    return { done, violated };
  }

  /** When the next check falls due, in milliseconds since the epoch. */
  nextDue(): number {
    let next = Infinity;
    for (const { jobs } of this.#waiting.values()) for (const at of jobs.values()) if (at < next) next = at;
    return next;
  }
}

/** A span is exported after its end, so the batch landed later than the end of every trigger in it. */
function dueOf(batch: Batch, { check }: Job): number {
  const { form } = check.check;
  return batch.insertedAt + (form.kind === "eventually" ? form.withinMs : 0) + EVENTUALLY_GRACE_MS;
}
