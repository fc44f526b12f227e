import { setTimeout as sleep } from "node:timers/promises";
import { FirstfixError, messageOf, nextBatchId } from "@firstfix/kit";
import { BatchError, type Batch, type ConsumeOptions, type Delivered, type Handler } from "../api.ts";
import type { Spool } from "./spool.ts";

export interface RetryOptions {
  /** After so many the appends are rejected; the batch goes on being tried. */
  readonly attemptsMax: number;
  /** Pause before the second attempt; it doubles up to pauseMsMax. */
  readonly pauseMs: number;
  readonly pauseMsMax: number;
}

/** About one and a half seconds until senders hear of it: a client still waits then (exporters give up after ten). */
export const RETRY: RetryOptions = { attemptsMax: 6, pauseMs: 50, pauseMsMax: 1000 };

/** However small the records are, a batch has no more of them. */
const BATCH_RECORDS_MAX = 10_000;

/**
 * A batch has a cost of its own, however small it is. So after a batch a group rests for a multiple of the time that it
 * took, unless the next one is full: thin traffic then costs a third of a core at most, and gathers into fewer batches.
 */
const REST_FACTOR = 2;
const REST_MS_MAX = 250;
/** So much waiting is worth a batch: senders that wait for their answers would only wait longer. */
const RESTLESS_BYTES = 8 * 1024 * 1024;

/** One record on its way to one group. */
export interface Delivery {
  readonly record: Delivered;
  /** Called once: null when it was handled, else why not. */
  readonly settle: (error: Error | null) => void;
}

export interface GroupOptions {
  readonly topic: string;
  readonly consume: ConsumeOptions;
  readonly handler: Handler;
  readonly retry: RetryOptions;
  /** Keeps the batch in hand over a crash. Only for durable groups. */
  readonly spool: Spool | null;
}

/** One batch at a time, in order of arrival: that is what keeps the order within a key. */
export class Group {
  readonly durable: boolean;
  readonly #options: GroupOptions;
  readonly #stop = new AbortController();
  #queue: Delivery[] = [];
  #queueBytes = 0;
  #inHand = 0;
  #handled = 0;
  #firstAt = 0;
  #restUntil = 0;
  #timer: NodeJS.Timeout | null = null;
  /** When it rings. */
  #timerAt = 0;
  #working: Promise<void> | null;
  /** Why the batch in hand cannot be decided at present; senders are told so at once, for nothing can go before it. */
  #stuck: Error | null = null;

  constructor(options: GroupOptions) {
    this.#options = options;
    this.durable = options.consume.durable;
    this.#working = this.#begin().finally(() => this.#rest(performance.now()));
  }

  /** Records that wait or are in hand. */
  get records(): number {
    return this.#queue.length + this.#inHand;
  }

  /** Records that were decided, since the start. */
  get handled(): number {
    return this.#handled;
  }

  push(delivery: Delivery): void {
    if (this.#stop.signal.aborted || this.#stuck !== null) {
      delivery.settle(this.#stuck ?? stopped());
      return;
    }
    if (this.#queue.length === 0) this.#firstAt = performance.now();
    this.#queue.push(delivery);
    this.#queueBytes += delivery.record.value.byteLength;
    this.#schedule();
  }

  /** Stops after the batch in hand; what is still queued is settled with a retryable error. */
  async close(): Promise<void> {
    this.#stop.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#settleQueue(stopped());
    await this.#working;
  }

  /** What an earlier process left undecided comes before anything new. */
  async #begin(): Promise<void> {
    const { topic, consume, spool } = this.#options;
    await this.#persist(async () => consume.onAssigned?.(0));
    for (const id of spool === null ? [] : await spool.left(topic, consume.group)) {
      if (this.#stop.signal.aborted) return;
      const records = await spool?.read(topic, consume.group, id);
      if (records === null || records === undefined) await spool?.remove(topic, consume.group, id);
      else await this.#decide({ id, topic, partition: 0, records, redelivered: true }, []);
    }
  }

  /** Starts work when a batch is due, or sees to it that somebody looks again when it will be. */
  #schedule(): void {
    if (this.#working !== null || this.#queue.length === 0 || this.#stop.signal.aborted) return;
    const { batchBytesMax, lingerMs } = this.#options.consume;
    const full = this.#queueBytes >= batchBytesMax || this.#queue.length >= BATCH_RECORDS_MAX;
    const restUntil = this.#queueBytes >= RESTLESS_BYTES ? 0 : this.#restUntil;
    const wait = full ? 0 : Math.max(this.#firstAt + lingerMs, restUntil) - performance.now();
    if (wait > 0) {
      const at = performance.now() + wait;
      if (this.#timer !== null && this.#timerAt <= at + 1) return;
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#timerAt = at;
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#schedule();
      }, Math.ceil(wait));
      return;
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const began = performance.now();
    this.#working = this.#handle(this.#take()).finally(() => this.#rest(began));
  }

  #rest(began: number): void {
    this.#working = null;
    const ended = performance.now();
    this.#restUntil = ended + Math.min((ended - began) * REST_FACTOR, REST_MS_MAX);
    this.#schedule();
  }

  /** The oldest records up to the batch's size, at least one. What is left has lingered already. */
  #take(): Delivery[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && count < BATCH_RECORDS_MAX) {
      const next = this.#queue[count]?.record.value.byteLength ?? 0;
      if (count > 0 && bytes + next > this.#options.consume.batchBytesMax) break;
      bytes += next;
      count += 1;
    }
    const batch = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    this.#queueBytes -= bytes;
    return batch;
  }

  async #handle(deliveries: readonly Delivery[]): Promise<void> {
    const { topic, consume, spool } = this.#options;
    const batch: Batch = { id: nextBatchId(), topic, partition: 0, records: deliveries.map(({ record }) => record), redelivered: false };
    try {
      await spool?.write(topic, consume.group, batch.id, batch.records);
    } catch (cause) {
      const error = new FirstfixError("store.unavailable", `The batch cannot be written to the spool: ${messageOf(cause)}`, { retryable: true, cause });
      for (const { settle } of deliveries) settle(error);
      return;
    }
    await this.#decide(batch, deliveries);
  }

  /** Tries until the batch is decided, or this is closed: then the spool keeps it for the next start. */
  async #decide(batch: Batch, deliveries: readonly Delivery[]): Promise<void> {
    const { topic, consume, spool, handler } = this.#options;
    this.#inHand = batch.records.length;
    let waiting = deliveries;
    const settle = (error: Error | null): void => {
      waiting.forEach((one, index) => one.settle(error instanceof BatchError ? (error.failures.get(index) ?? null) : error));
      waiting = [];
    };
    const { decided, error } = await this.#persist(() => handler(batch), settle);
    this.#inHand = 0;
    if (decided) this.#handled += batch.records.length;
    if (decided) await spool?.remove(topic, consume.group, batch.id).catch(() => {});
    settle(error);
  }

  /** Runs the task until it succeeds or fails for good; says it when that takes too long. Undecided only when closed. */
  async #persist(task: () => Promise<void>, tell?: (error: Error) => void): Promise<{ decided: boolean; error: Error | null }> {
    const { attemptsMax, pauseMs, pauseMsMax } = this.#options.retry;
    for (let attempts = 1; ; attempts += 1) {
      let error: Error | null = null;
      try {
        await task();
      } catch (thrown) {
        error = thrown instanceof Error ? thrown : new Error(String(thrown));
      }
      const retryable = error instanceof FirstfixError && error.retryable;
      if (!retryable || this.#stop.signal.aborted) {
        this.#stuck = null;
        return { decided: !retryable, error };
      }
      if (attempts >= attemptsMax) {
        this.#stuck = error;
        tell?.(error as Error);
        this.#settleQueue(error as Error);
      }
      await sleep(Math.min(pauseMs * 2 ** Math.min(attempts - 1, 20), pauseMsMax), undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  #settleQueue(error: Error): void {
    for (const { settle } of this.#queue) settle(error);
    this.#queue = [];
    this.#queueBytes = 0;
  }
}

function stopped(): FirstfixError {
  return new FirstfixError("store.unavailable", "The consumer has stopped.", { retryable: true });
}
