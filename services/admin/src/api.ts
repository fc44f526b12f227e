export const DEAD_LETTER_LIMITS = {
  /** Letters of one list. */
  listed: 1000,
  /** Letters that one call replays or drops: each may be as large as a request. */
  idsAtOnce: 50,
  /** First bytes shown in a list, to see what came. */
  headBytes: 16,
} as const;

/** A record that could not be stored, without its bytes. */
export interface LetterSummary {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly signal: string;
  readonly reason: string;
  readonly bytes: number;
  /** First bytes in hex. */
  readonly head: string;
  readonly replayedAtMs: number | null;
  readonly dropped: boolean;
}

export interface Letter extends LetterSummary {
  readonly key: string;
  /** The whole record, base64. */
  readonly body: string;
}

export interface LetterQuery {
  readonly limit: number;
  readonly topic?: string;
  readonly sinceMs?: number;
  /** Id of the last letter of the page before. */
  readonly after?: string;
  /** Also those that were replayed or dropped. */
  readonly settled?: boolean;
}

export interface LetterOutcome {
  readonly id: string;
  /**
   * `again`: it went the same way and was refused anew, which is a new letter. `kept`: part of it has landed, so that
   * replaying it would store that part twice.
   */
  readonly outcome: "replayed" | "dropped" | "again" | "kept" | "failed" | "missing";
  readonly reason?: string;
}

/** The dead letters, whoever holds the store: this process, a server, or a running Firstfix behind its admin address. */
export interface DeadLetters {
  /** By id, so that pages do not shift while new letters come. */
  list(query: LetterQuery): Promise<LetterSummary[]>;
  /** Throws not_found. */
  get(id: string): Promise<Letter>;
  /**
   * Appends each record to its topic again, without the mark of having been walked, so that it is judged anew; then
   * marks it. A crash between the two replays it twice, and the writer drops the second as a repeated request.
   */
  replay(ids: readonly string[]): Promise<LetterOutcome[]>;
  drop(ids: readonly string[]): Promise<LetterOutcome[]>;
}
