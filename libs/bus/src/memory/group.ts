import { setTimeout as sleep } from "node:timers/promises";
import { FirstfixError } from "@firstfix/kit";
import { BatchError, type BusRecord, type ConsumeOptions, type Handler } from "../api.ts";

export interface RetryOptions {
  readonly attemptsMax: number;
  /** Pause before the second attempt; it doubles up to pauseMsMax. */
  readonly pauseMs: number;
  readonly pauseMsMax: number;
}

/** About one and a half seconds in all: a client still waits then (exporters give up after ten). */
export const RETRY: RetryOptions = { attemptsMax: 6, pauseMs: 50, pauseMsMax: 1000 };

/** However small the records are, a batch has no more of them. */
const BATCH_RECORDS_MAX = 10_000;

/**
 * A batch has a cost of its own, however small it is. So after a batch a group rests for a multiple of the time that it
 * took, unless the next one is full: thin traffic then costs a third of a core at most, and gathers into fewer batches.
 */
const REST_FACTOR = 2;
const REST_MS_MAX = 250;

/** One record on its way to one group. */
export interface Delivery {
  readonly record: BusRecord;
  /** Called once: null when it was handled, else why not. */
  readonly settle: (error: Error | null) => void;
}

export interface Group {
  readonly durable: boolean;
  push(delivery: Delivery): void;
  /** Stops after the batch in hand; what is still queued is settled with a retryable error. */
  close(): Promise<void>;
}

/** One batch at a time, in order of arrival: that is what keeps the order within a key. */
export function createGroup(options: ConsumeOptions, handler: Handler, retry: RetryOptions): Group {
  const stop = new AbortController();
  let queue: Delivery[] = [];
  let queueBytes = 0;
  let firstAt = 0;
  let restUntil = 0;
  let timer: NodeJS.Timeout | null = null;
  let working: Promise<void> | null = null;

  function push(delivery: Delivery): void {
    if (stop.signal.aborted) {
      delivery.settle(stopped());
      return;
    }
    if (queue.length === 0) firstAt = performance.now();
    queue.push(delivery);
    queueBytes += delivery.record.value.byteLength;
    schedule();
  }

  /** Starts work when a batch is due, or sees to it that somebody looks again when it will be. */
  function schedule(): void {
    if (working !== null || queue.length === 0 || stop.signal.aborted) return;
    const full = queueBytes >= options.batchBytesMax || queue.length >= BATCH_RECORDS_MAX;
    const wait = full ? 0 : Math.max(firstAt + options.lingerMs, restUntil) - performance.now();
    if (wait > 0) {
      timer ??= setTimeout(() => {
        timer = null;
        schedule();
      }, Math.ceil(wait));
      return;
    }
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const began = performance.now();
    working = handle(take()).finally(() => {
      working = null;
      const ended = performance.now();
      restUntil = ended + Math.min((ended - began) * REST_FACTOR, REST_MS_MAX);
      schedule();
    });
  }

  /** The oldest records up to the batch's size, at least one. What is left has lingered already. */
  function take(): Delivery[] {
    let bytes = 0;
    let count = 0;
    while (count < queue.length && count < BATCH_RECORDS_MAX) {
      const next = queue[count]?.record.value.byteLength ?? 0;
      if (count > 0 && bytes + next > options.batchBytesMax) break;
      bytes += next;
      count += 1;
    }
    const batch = queue.slice(0, count);
    queue = queue.slice(count);
    queueBytes -= bytes;
    return batch;
  }

  async function handle(batch: readonly Delivery[]): Promise<void> {
    const error = await attempt(batch.map(({ record }) => record));
    batch.forEach(({ settle }, index) => {
      settle(error instanceof BatchError ? (error.failures.get(index) ?? null) : error);
    });
  }

  async function attempt(records: readonly BusRecord[]): Promise<Error | null> {
    for (let attempts = 1; ; attempts += 1) {
      try {
        await handler(records);
        return null;
      } catch (thrown) {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        const retryable = error instanceof FirstfixError && error.retryable;
        if (!retryable || attempts >= retry.attemptsMax || stop.signal.aborted) return error;
        await sleep(Math.min(retry.pauseMs * 2 ** (attempts - 1), retry.pauseMsMax), undefined, { signal: stop.signal }).catch(() => {});
      }
    }
  }

  return {
    durable: options.durable,
    push,
    async close() {
      stop.abort();
      if (timer !== null) clearTimeout(timer);
      timer = null;
      for (const { settle } of queue) settle(stopped());
      queue = [];
      queueBytes = 0;
      await working;
    },
  };
}

function stopped(): FirstfixError {
  return new FirstfixError("store.unavailable", "The consumer has stopped.", { retryable: true });
}
