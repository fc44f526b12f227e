/**
 * The bus carries bytes between roles: telemetry on its way to the store, and hints that something has landed.
 * The bus carries hints; the store carries the truth: a lost hint only delays work, which a poll then finds.
 *
 * Durability: `append` resolves when the records are durable. On Kafka that is acks=all. In memory nothing is durable
 * by itself, so there it resolves once every `durable` group of the topic has handled the records, and rejects with
 * that group's error when its handler failed.
 * Ordering: within a topic and key. Delivery: at least once per group, in batches that keep their identity (see Batch).
 * Back-pressure: `append` rejects with ingest.full (retryable) when more than the bus's bound is waiting.
 */
export interface Bus {
  /** Whether `append` alone makes records durable, so that nobody waits for their handling (Kafka). */
  readonly keeps: boolean;
  append(topic: string, records: readonly BusRecord[]): Promise<void>;
  /** Fire and forget: never rejects, never blocks; may be lost, and reaches this process only. */
  hint(topic: string): void;
  consume(topic: string, options: ConsumeOptions, handler: Handler): Consumer;
  /** Calls back soon after hints on the topic, many hints in one call. */
  onHint(topic: string, callback: () => void): Consumer;
  /** How far each group is behind, for people and alarms. */
  lag(): Promise<readonly Lag[]>;
  /** Resolves when the bus can be used; throws bus.unavailable with a hint. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface BusRecord {
  /** Records with the same key go the same way, one after another. Ingest gives the hash of the request. */
  readonly key?: string;
  readonly value: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A record as it is handed over. In memory the partition is 0 and the offset counts from the start of the process. */
export interface Delivered extends BusRecord {
  readonly offset: bigint;
}

/**
 * What is handled at once. A batch keeps its identity: once it was handed over, the same id always means the same
 * records in the same order, over retries, a crash and a rebalance, until it is committed; and nothing behind it in its
 * partition is handed over before. A handler that writes with the id as deduplication token is thus exactly once in effect.
 */
export interface Batch {
  /** From nextBatchId(). */
  readonly id: bigint;
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly Delivered[];
  /** Whether it may have been handed over before: by a process that has ended, or by another one. */
  readonly redelivered: boolean;
}

export interface ConsumeOptions {
  readonly group: string;
  /** Whether `append` waits for this group (in memory only). */
  readonly durable: boolean;
  /** A batch is handed over when it reaches this size … */
  readonly batchBytesMax: number;
  /** … or this long after its first record, in milliseconds. */
  readonly lingerMs: number;
  /** Awaited before the first batch of a partition that this process was given, and again whenever it was given anew. */
  readonly onAssigned?: (partition: number) => Promise<void>;
}

/**
 * Handles one batch. When it resolves, the batch is committed. A retryable error is tried again with the same batch
 * until it is decided; in memory the appends are rejected after a bounded number of attempts, while the batch goes on
 * being tried. A BatchError commits the batch but for the records that it names. Any other error is terminal for every
 * record of the batch, and commits it: a handler that must lose nothing sets records aside before it throws.
 */
export type Handler = (batch: Batch) => Promise<void>;

/** Some records of a batch failed for good, each with its reason; the others were handled. */
export class BatchError extends Error {
  /** By index in the batch. */
  readonly failures: ReadonlyMap<number, Error>;

  constructor(failures: ReadonlyMap<number, Error>) {
    super(`${failures.size} records of the batch failed: ${[...failures.values()][0]?.message ?? ""}`);
    this.name = "BatchError";
    this.failures = failures;
  }
}

export interface Consumer {
  /** Stops after the batch in hand. */
  close(): Promise<void>;
}

export interface Lag {
  readonly topic: string;
  readonly group: string;
  readonly partition: number;
  /** Records appended and not yet committed. */
  readonly records: number;
  /** Where the group is: it grows with what it has handled. */
  readonly handled: number;
}

export const TOPICS = {
  traces: "otlp.traces",
  logs: "otlp.logs",
  deadLetters: "otlp.dead-letters",
  batchInserted: "hint.batch-inserted",
  journalWritten: "hint.journal-written",
} as const;

/**
 * Header of a record that Firstfix's own ingest has walked: `records,timeMinMs,timeMaxMs` (decimal). Its key is then
 * the hash of the request. A record without it (a Collector filled the topic) is walked by the writer.
 */
export const WALKED_HEADER = "firstfix-walked";
