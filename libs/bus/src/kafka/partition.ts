import { FirstfixError, messageOf, nextBatchId, type Logger } from "@firstfix/kit";
import { BatchError, type Batch, type ConsumeOptions, type Delivered, type Handler } from "../api.ts";
import { Buffer, heldBytes } from "./buffer.ts";
import { decodePlan, encodePlan, type Plan } from "./plan.ts";
import { Signal } from "./signal.ts";

const RETRY_PAUSE_MS = 100;
const RETRY_PAUSE_MS_MAX = 5000;

/**
 * A batch has a cost of its own, however small it is. So after a batch a partition rests for a multiple of the time that
 * it took, unless the next one is full: thin traffic then gathers into fewer batches.
 */
const REST_FACTOR = 2;
const REST_MS_MAX = 250;

/** Where a partition stands in Kafka. */
export interface Position {
  readonly low: bigint;
  readonly high: bigint;
  /** Null when the group has never committed here. */
  readonly committed: bigint | null;
  readonly metadata: string | null;
}

/** What the partition needs of its consumer; all of it acts on the membership under which it was assigned. */
export interface Membership {
  position(partition: number): Promise<Position>;
  /** False before the first fetch of a membership: until then nothing can be committed. */
  readonly committable: boolean;
  commit(partition: number, offset: bigint, metadata: string): Promise<void>;
  seek(partition: number, offset: bigint): void;
  pause(partition: number): void;
  resume(partition: number): void;
  /** Bytes held by all partitions of the consumer change by so much. */
  held(bytes: number): void;
  crowded(): boolean;
}

export interface PartitionOptions {
  readonly topic: string;
  readonly partition: number;
  readonly consume: ConsumeOptions;
  readonly handler: Handler;
  readonly membership: Membership;
  readonly log: Logger;
  /** The same partition as it was assigned before: its batch in hand is waited for. */
  readonly previous: Partition | null;
}

/**
 * One assignment of one partition: gathers records into batches and hands them over, one at a time. It ends with the
 * membership: what is then in hand goes on being handled, but commits nothing. The next owner gets the same batch again.
 */
export class Partition {
  readonly #options: PartitionOptions;
  readonly #signal = new Signal();
  readonly #buffer = new Buffer();
  readonly #done: Promise<void>;
  #previous: Partition | null;
  /** Offset of the next record to be fetched. */
  #next: bigint | null = null;
  #plan: Plan | null = null;
  #revoked = false;
  #closing = false;
  #paused = true;
  #restUntil = 0;
  /** The last batch that was decided here, whether or not that could be committed. */
  #decided: Plan | null = null;
  /** What is to be committed yet. */
  #end: bigint | null = null;

  constructor(options: PartitionOptions) {
    this.#options = options;
    this.#previous = options.previous;
    this.#done = this.#work().catch((error: unknown) => options.log.error({ ...this.#where, reason: messageOf(error) }, "a partition stopped"));
  }

  /** It belongs to this process no longer, or may not: from here on nothing is handed over and nothing committed. */
  revoke(): void {
    this.#revoked = true;
    this.#options.membership.held(-this.#buffer.clear());
    this.#signal.notify();
  }

  /** Ends after the batch in hand, and commits it. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#signal.notify();
    await this.#done;
  }

  /** Fetched records; `from` is the offset that the fetch asked for. What does not follow is fetched again. */
  push(from: bigint, records: readonly Delivered[]): void {
    if (this.#next === null || this.#revoked) return;
    if (from > this.#next) {
      const expected = this.#next;
      this.#next = null;
      this.#options.membership.pause(this.#options.partition);
      void this.#realign(expected);
      return;
    }
    const next = this.#next;
    const fresh = records.filter(({ offset }) => offset >= next);
    const last = fresh.at(-1);
    if (last === undefined) return;
    this.#next = last.offset + 1n;
    this.#options.membership.held(this.#buffer.push(fresh));
    this.flow();
    this.#signal.notify();
  }

  /** Stops fetching while enough waits, and goes on when there is room. */
  flow(): void {
    if (this.#revoked || this.#next === null) return;
    const { partition, membership, consume } = this.#options;
    const planned = this.#plan !== null && this.#next <= this.#plan.to;
    const enough = !planned && this.#buffer.first !== undefined && (this.#buffer.full(consume.batchBytesMax) || membership.crowded());
    if (enough === this.#paused) return;
    this.#paused = enough;
    if (enough) membership.pause(partition);
    else membership.resume(partition);
  }

  #removed(from: bigint, to: bigint): void {
    this.#options.log.error({ ...this.#where, from: String(from), to: String(to) }, "retention removed records before they were handled; going on at the first that is left");
  }

  get #where(): object {
    const { topic, partition, consume } = this.#options;
    return { topic, partition, group: consume.group };
  }

  get #over(): boolean {
    return this.#revoked || this.#closing;
  }

  async #work(): Promise<void> {
    try {
      if (this.#previous !== null) await this.#previous.#done;
      if (!(await this.#begin())) return;
      for (let batch = await this.#gather(); batch !== null; batch = await this.#gather()) {
        const startedAt = performance.now();
        const bytes = heldBytes(batch.records);
        let decided = false;
        try {
          decided = await this.#decide(batch);
        } finally {
          this.#options.membership.held(-bytes);
        }
        const now = performance.now();
        this.#restUntil = now + Math.min((now - startedAt) * REST_FACTOR, REST_MS_MAX);
        if (!decided) return;
      }
      if (this.#end !== null) await this.#commit(this.#end, null, true);
    } finally {
      this.#options.membership.held(-this.#buffer.clear());
      this.#previous = null;
    }
  }

  /** Finds where to start, and what an earlier owner had in hand. */
  async #begin(): Promise<boolean> {
    const { partition, membership, consume, log } = this.#options;
    const position = await this.#persist("the position cannot be read", () => membership.position(partition));
    if (position === null) return false;
    const { low, high, metadata } = position.value;
    let from = position.value.committed ?? low;
    let plan = decodePlan(metadata);
    if (from < low) {
      this.#removed(from, low);
      from = low;
      plan = null;
    }
    if (from > high || (plan !== null && plan.to >= high)) {
      log.error({ ...this.#where, committed: String(from), end: String(high) }, "Kafka has lost records that were acknowledged; going on with what is left");
      from = from > high ? high : from;
      plan = null;
    }
    // Decided here before the partition was assigned anew: only its commit is missing.
    const before = this.#previous === null ? null : this.#previous.#decided;
    if (plan !== null && plan.id === before?.id && membership.committable) {
      from = before.to + 1n;
      plan = null;
      if (!(await this.#commit(from, null))) return false;
    }
    this.#plan = plan;
    if ((await this.#persist("a partition cannot be prepared", async () => consume.onAssigned?.(partition))) === null) return false;
    if (this.#over) return false;
    this.#next = from;
    membership.seek(partition, from);
    this.#paused = false;
    membership.resume(partition);
    return true;
  }

  /** Null when this ends. */
  async #gather(): Promise<Batch | null> {
    const { topic, partition, consume } = this.#options;
    while (!this.#over) {
      const { first, last } = this.#buffer;
      const plan = this.#plan;
      if (plan !== null && last !== undefined && last.offset >= plan.to) {
        this.#plan = null;
        const records = this.#buffer.takeTo(plan.to);
        this.flow();
        if (records.length > 0) return { id: plan.id, topic, partition, records, redelivered: true };
      } else if (plan !== null || first === undefined) {
        await this.#signal.wait(null);
      } else {
        const waitMs = this.#buffer.full(consume.batchBytesMax) ? 0 : Math.max(this.#buffer.firstAt + consume.lingerMs, this.#restUntil) - performance.now();
        if (waitMs > 0) {
          await this.#signal.wait(waitMs);
          continue;
        }
        const records = this.#buffer.take(consume.batchBytesMax);
        this.flow();
        return { id: nextBatchId(), topic, partition, records, redelivered: false };
      }
    }
    return null;
  }

  /** Commits the plan, hands over until it is decided, and commits the end, unless the next plan says it at once. */
  async #decide(batch: Batch): Promise<boolean> {
    const { handler, log } = this.#options;
    const from = batch.records[0]?.offset ?? 0n;
    const plan = { id: batch.id, to: batch.records.at(-1)?.offset ?? 0n };
    if (!batch.redelivered && !(await this.#commit(from, plan))) return false;
    const outcome = await this.#persist("a batch cannot be handled yet", async () => {
      try {
        await handler(batch);
      } catch (error) {
        if (error instanceof FirstfixError && error.retryable) throw error;
        const failed = error instanceof BatchError ? error.failures.size : batch.records.length;
        log.error({ ...this.#where, batch: String(batch.id), records: failed, reason: messageOf(error) }, "records failed for good");
      }
    }, true);
    if (outcome === null) return false;
    this.#decided = plan;
    this.#end = plan.to + 1n;
    return this.#buffer.full(this.#options.consume.batchBytesMax) || this.#commit(this.#end, null, true);
  }

  /** False when the partition is no longer this process's. `atEnd`: also while closing. */
  async #commit(offset: bigint, plan: Plan | null, atEnd = false): Promise<boolean> {
    const { partition, membership } = this.#options;
    const done = await this.#persist("an offset cannot be committed", () => membership.commit(partition, offset, plan === null ? "" : encodePlan(plan)), atEnd);
    if (done !== null) this.#end = null;
    return done !== null;
  }

  /**
   * Tries for as long as the partition is this process's. Null when it is not, or when this is closing.
   * `atEnd`: while closing it is tried once all the same.
   */
  async #persist<T>(what: string, task: () => Promise<T>, atEnd = false): Promise<{ readonly value: T } | null> {
    for (let attempts = 1; !this.#revoked && (atEnd ? attempts === 1 || !this.#closing : !this.#closing); attempts += 1) {
      try {
        return { value: await task() };
      } catch (error) {
        if (!this.#revoked && (attempts & (attempts - 1)) === 0) this.#options.log.warn({ ...this.#where, attempts, reason: messageOf(error) }, `${what}; trying again`);
        await this.#signal.pause(Math.min(RETRY_PAUSE_MS * 2 ** Math.min(attempts - 1, 20), RETRY_PAUSE_MS_MAX), () => this.#over);
      }
    }
    return null;
  }

  /**
   * The fetch went on elsewhere than it should: either an answer to an old question came in between, or retention has
   * removed what was to be fetched, and kafkajs went on at the beginning.
   */
  async #realign(expected: bigint): Promise<void> {
    const { partition, membership } = this.#options;
    const position = await this.#persist("the position cannot be read", () => membership.position(partition));
    if (position === null || this.#over) return;
    const { low } = position.value;
    if (low > expected) {
      this.#removed(expected, low);
      this.#plan = null;
      this.#signal.notify();
    }
    this.#next = low > expected ? low : expected;
    membership.seek(partition, this.#next);
    this.#paused = false;
    membership.resume(partition);
  }
}
