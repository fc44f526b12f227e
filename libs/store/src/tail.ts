import { EMPTY_STATE, fold, type JournalState, type Recorded } from "@firstfix/incident";
import type { Store } from "./api.ts";
import { journalEvents } from "./journal.ts";

/** Ids of several processes interleave by their clocks: a tail reads again this much before the newest entry it knows. */
const OVERLAP_MS = 5_000;

export interface TailOptions {
  readonly pollMs: number;
  /** Called when a read failed; the next poll tries again. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Keeps the folded journal current. Entries are folded in order of entryId; one that turns up late, between entries
 * already folded, makes the state be folded anew, so it is always what a reader of the whole journal would see.
 */
export class JournalTail {
  /** Called after new entries, with them. */
  readonly #onChange: (state: JournalState, entries: readonly Recorded[]) => void;
  readonly #store: Pick<Store, "journal">;
  readonly #seen = new Set<string>();
  #entries: Recorded[] = [];
  #state: JournalState = EMPTY_STATE;
  #reading: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(store: Pick<Store, "journal">, onChange: (state: JournalState, entries: readonly Recorded[]) => void = () => {}) {
    this.#store = store;
    this.#onChange = onChange;
  }

  get state(): JournalState {
    return this.#state;
  }

  /** Reads now. What was durable before the call is in the state when it resolves. */
  refresh(): Promise<void> {
    if (this.#next !== null) return this.#next;
    if (this.#reading === null) return this.#begin();
    // The read under way may have begun before the entry was written; all who ask meanwhile share the one after it.
    this.#next = this.#reading
      .catch(() => {})
      .then(() => {
        this.#next = null;
        return this.#begin();
      });
    return this.#next;
  }

  start({ pollMs, onError }: TailOptions): void {
    const tick = async (): Promise<void> => {
      try {
        await this.refresh();
      } catch (error) {
        onError?.(error);
      }
      if (!this.#closed) this.#timer = setTimeout(() => void tick(), pollMs);
    };
    this.#timer = setTimeout(() => void tick(), pollMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await (this.#next ?? this.#reading)?.catch(() => {});
  }

  #begin(): Promise<void> {
    const reading = this.#read().finally(() => {
      this.#reading = null;
    });
    this.#reading = reading;
    return reading;
  }

  async #read(): Promise<void> {
    const newest = this.#state.lastEntryId;
    const after = newest === "" ? undefined : before(newest, OVERLAP_MS);
    const read = await this.#store.journal.read(after === undefined ? {} : { after });
    const fresh = journalEvents(read.filter((entry) => !this.#seen.has(entry.entryId)));
    if (fresh.length === 0) return;
    for (const entry of fresh) this.#seen.add(entry.entryId);
    const late = (fresh[0]?.entryId ?? "") < newest;
    this.#entries = late ? [...this.#entries, ...fresh].sort((a, b) => (a.entryId < b.entryId ? -1 : 1)) : [...this.#entries, ...fresh];
    this.#state = late ? fold(EMPTY_STATE, this.#entries) : fold(this.#state, fresh);
    this.#onChange(this.#state, fresh);
  }
}

/** Reads the journal, and then again every pollMs; `onChange` is called after each change, the first read included. */
export async function tailJournal(store: Pick<Store, "journal">, onChange: (state: JournalState, entries: readonly Recorded[]) => void, options: TailOptions): Promise<JournalTail> {
  const tail = new JournalTail(store, onChange);
  await tail.refresh();
  tail.start(options);
  return tail;
}

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_CHARS = 10;

/**
 * The smallest id of the moment `ms` before an id was made.
 *   id = prefix "_" ulid;  ulid = 10 characters of time (base 32, milliseconds) + 16 random ones
 * An id of another shape gives "", which is before all.
 */
export function before(id: string, ms: number): string {
  const [, prefix, time] = /^([a-z]+_)([0-9A-HJKMNP-TV-Z]{10})/.exec(id) ?? [];
  if (prefix === undefined || time === undefined) return "";
  let rest = Math.max(0, time.split("").reduce((sum, char) => sum * 32 + ALPHABET.indexOf(char), 0) - ms);
  let text = "";
  for (let index = 0; index < TIME_CHARS; index += 1) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return prefix + text;
}
