/**
 * The bus carries bytes between roles: telemetry on its way to the store, and hints that something has landed.
 * The bus carries hints; the store carries the truth: a lost hint only delays work, which a poll then finds.
 *
 * Durability: `append` resolves when the records are durable. On Kafka that is acks=all. In memory nothing is durable
 * by itself, so there it resolves once every `durable` group of the topic has handled the records, and rejects with
 * that group's error when its handler failed terminally.
 * Ordering: within a topic and key. Delivery: at least once per group; a handler must be idempotent.
 * Back-pressure: `append` rejects with ingest.full (retryable) when more than the bus's bound is waiting.
 */
export interface Bus {
  append(topic: string, records: readonly BusRecord[]): Promise<void>;
  /** Fire and forget: never rejects, never blocks; may be lost. */
  hint(topic: string): void;
  consume(topic: string, options: ConsumeOptions, handler: Handler): Consumer;
  /** Calls back soon after hints on the topic, many hints in one call. */
  onHint(topic: string, callback: () => void): Consumer;
  close(): Promise<void>;
}

export interface BusRecord {
  readonly key?: string;
  readonly value: Uint8Array;
}

export interface ConsumeOptions {
  readonly group: string;
  /** Whether `append` waits for this group (in memory only). */
  readonly durable: boolean;
  /** A batch is handed over when it reaches this size … */
  readonly batchBytesMax: number;
  /** … or this long after its first record, in milliseconds. */
  readonly lingerMs: number;
}

/**
 * Handles one batch of records in order. When it resolves, the batch is committed. A retryable error is tried again a
 * bounded number of times, with the same array, so a handler can recognise the batch. A BatchError commits the batch
 * but for the records that it names. Any other error is terminal for every record of the batch.
 */
export type Handler = (records: readonly BusRecord[]) => Promise<void>;

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

export const TOPICS = {
  traces: "otlp.traces",
  logs: "otlp.logs",
  batchInserted: "hint.batch-inserted",
  journalWritten: "hint.journal-written",
} as const;
