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

/** Handles one batch of records in order. When it resolves, the batch is committed; a retryable error is tried again. */
export type Handler = (records: readonly BusRecord[]) => Promise<void>;

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
