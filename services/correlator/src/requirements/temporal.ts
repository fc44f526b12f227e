import { LIMITS } from "@firstfix/kit";
import { EVENTUALLY_GRACE_MS } from "@firstfix/spec";
import type { Batch } from "../batches/pending.ts";
import type { Room } from "../room.ts";
import { judge } from "./evaluate.ts";
import type { Job } from "./running.ts";

/** Batches whose triggers wait for their deadline; beyond this the oldest are given up, loudly. */
const WAITING_MAX = 100_000;
/** A trigger whose clock runs ahead is still pending at its due time: look again after this. */
const AGAIN_MS = 1_000;
/** Batches fall due one by one; they are judged together, at most this often, for the engine's time goes by statements. */
const PAUSE_MS = 1_000;
/** Batches in one statement; more wait for the next look. */
const BATCHES_MAX = 500;

/** A check on one batch. */
interface Due {
  readonly job: Job;
  at: number;
}

interface Waiting {
  readonly batch: Batch;
  readonly dues: Set<Due>;
}

/**
 * Eventually-checks are judged when their triggers' deadlines have passed. What waits is kept in memory and found again
 * after a restart, because a batch gets its `temporal` mark only when all its checks were judged and acted upon.
 */
export class Temporal {
  readonly #room: Room;
  readonly #waiting = new Map<string, Waiting>();
  #lastAt = 0;

  constructor(room: Room) {
    this.#room = room;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Jobs of one batch or of many; the batch waits for those that name it. */
  add(batch: Batch, jobs: readonly Job[]): void {
    this.#waiting.set(batch.id, { batch, dues: new Set(jobs.map((job) => ({ job, at: dueOf(batch, job) }))) });
    for (const [oldest] of this.#waiting) {
      if (this.#waiting.size <= WAITING_MAX) break;
      this.#room.log.warn({ batch: oldest, bound: WAITING_MAX }, "too many triggers wait for their deadline; the oldest are not judged");
      this.#waiting.delete(oldest);
    }
  }

  /** Judges what is due. Gives the batches that are through, and those that may have shown violations. */
  async round(now: number): Promise<{ readonly done: Batch[]; readonly violated: Batch[] }> {
    if (now - this.#lastAt < PAUSE_MS) return { done: [], violated: [] };
    const due = [...this.#waiting.values()].flatMap((waiting) => [...waiting.dues].filter((one) => one.at <= now).map((one) => ({ waiting, one }))).slice(0, BATCHES_MAX);
    if (due.length === 0) return { done: [], violated: [] };
    this.#lastAt = now;
    const violated: Batch[] = [];
    for (const group of Map.groupBy(due, ({ one }) => keyOf(one.job)).values()) {
      const { job } = (group[0] as (typeof group)[number]).one;
      const { violations, pending } = await judge(this.#room, [{ ...job, batches: group.map(({ waiting }) => waiting.batch.id) }], BigInt(now) * 1_000_000n);
      const still = new Set(pending.flatMap((one) => one.batches));
      for (const { waiting, one } of group) {
        // A trigger can lie no further in the future than ingest lets it.
        if (still.has(waiting.batch.id) && now < dueOf(waiting.batch, job) + LIMITS.otlpFutureMs) one.at = now + AGAIN_MS;
        else waiting.dues.delete(one);
      }
      if (violations > 0) violated.push(...group.map(({ waiting }) => waiting.batch));
    }
    const done = [...new Set(due.map(({ waiting }) => waiting))].filter((waiting) => waiting.dues.size === 0).map((waiting) => waiting.batch);
    for (const batch of done) this.#waiting.delete(batch.id);
    return { done, violated };
  }
}

function keyOf({ specs, check }: Job): string {
  return JSON.stringify([specs.running, check.check.key]);
}

/** A span is exported after its end, so the batch landed later than the end of every trigger in it. */
function dueOf(batch: Batch, { check }: Job): number {
  const { form } = check.check;
  return batch.insertedAt + (form.kind === "eventually" ? form.withinMs : 0) + EVENTUALLY_GRACE_MS;
}
