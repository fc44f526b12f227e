import type { ClickHouseClient } from "@clickhouse/client";

/**
 * The store: one ClickHouse, embedded (chDB) or a server. All reading is SQL through a client; there is no abstraction
 * above it. A chDB connection runs one statement at a time, so work is kept in lanes: a slow statement of one lane
 * delays no other. On chDB, parameterised statements share one process-wide queue: statements that may run long must
 * not use parameters (write literals with `literal()`).
 */
export interface Store {
  /** Inserts of telemetry only. */
  readonly ingest: ClickHouseClient;
  /** The correlator's and fixer's statements. */
  readonly background: ClickHouseClient;
  /** A person is waiting. */
  readonly interactive: ClickHouseClient;
  readonly journal: Journal;

  /**
   * Inserts one batch of concatenated OTLP requests. Durable when it resolves: a kill -9 after that loses nothing.
   * Idempotent by `id` while the batch is within the deduplication window, provided the body is the same bytes.
   * Throws store.rejected when the engine cannot parse the body (terminal), store.unavailable otherwise (retryable).
   */
  insertBatch(batch: TelemetryBatch): Promise<void>;
  /**
   * Says that everything of a batch has landed; written last, because readers that find the batch must find all of it.
   * Durable and idempotent like insertBatch.
   */
  completeBatch(batch: CompletedBatch): Promise<void>;
  /** Hashes of the requests of batches completed since then, newest last; at most `limit`. */
  completedRequests(source: { readonly topic: string; readonly partition: number }, sinceMs: number, limit: number): Promise<string[]>;
  close(): Promise<void>;
}

export type Signal = "traces" | "logs";

export interface TelemetryBatch {
  /** Sorts by time; unique. `nextBatchId()` makes one. */
  readonly id: bigint;
  /** Where a batch goes in as several parts, which one this is: part of the deduplication token. */
  readonly part?: string;
  readonly signal: Signal;
  /** Export{Trace,Logs}ServiceRequest messages, walked and found well-formed: concatenated, or one after another as pieces. */
  readonly body: Uint8Array | readonly Uint8Array[];
}

export interface CompletedBatch {
  readonly id: bigint;
  readonly signal: Signal;
  readonly rows: number;
  /** Of its records, in milliseconds since the epoch. */
  readonly timeMinMs: number;
  readonly timeMaxMs: number;
  /** Where it came from. */
  readonly topic: string;
  readonly partition: number;
  readonly offsetMin: bigint;
  readonly offsetMax: bigint;
  /** Hashes of the requests in it, 32 hex digits each. */
  readonly requests: readonly string[];
}

/** One decision as it stands in the journal. `data` is the event of libs/incident without these fields. */
export interface JournalEntry {
  readonly entryId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: string;
  /** What the decision is about: an incident id, or `deployment:…` where no incident is concerned. */
  readonly subject: string;
  /** Who decided: a role (`correlator`), or a person (`person:NAME`). */
  readonly actor: string;
  readonly data: unknown;
}

/**
 * The journal. Appending is durable when it resolves and idempotent by entryId. Entries read come in order of entryId.
 * `after` returns entries whose id is greater (exclusive); ids of one process grow strictly, ids of several processes
 * may interleave within a few milliseconds, so a tail must re-read a small overlap and drop what it has seen.
 */
export interface Journal {
  append(entries: readonly JournalEntry[]): Promise<void>;
  read(filter?: { readonly after?: string; readonly subject?: string; readonly kinds?: readonly string[] }): Promise<JournalEntry[]>;
}
