import { WALKED_HEADER, type Batch, type Delivered } from "@firstfix/bus";
import { FirstfixError, sha256 } from "@firstfix/kit";
import { walkRequest, type Signal, type WalkLimits } from "@firstfix/otlp";

/** A record as it goes into the store. */
export interface Entry {
  /** Its index in the batch. */
  readonly index: number;
  readonly hash: string;
  readonly body: Uint8Array;
  readonly rows: number;
  readonly timeMinMs: number;
  readonly timeMaxMs: number;
}

/** What is to be done with a batch; kept over the bus's retries, so that what is done is not done again. */
export interface Plan {
  readonly entries: readonly Entry[];
  /** Index of a record → index of the one before it in this batch that has the same bytes: it shares that one's fate. */
  readonly twins: ReadonlyMap<number, number>;
  /** Records whose request was stored by an earlier batch. */
  readonly known: number;
  /** Records that a writer's walk refuses, and those of which it takes only a part, with the reason. */
  readonly refused: Map<number, FirstfixError>;
  readonly partial: ReadonlyMap<number, string>;
  /** Parts to insert, as indexes into `entries`; the first is next. */
  readonly todo: (readonly number[])[];
  readonly landed: Set<number>;
  inserts: number;
  completed: boolean;
}

/**
 * Sorts the records of a batch: those stored before (`seen`) and repetitions are left out, and those that no ingest of
 * ours has walked (a Collector filled the topic) are walked now. Deterministic, but for what has been stored meanwhile.
 */
export function planOf(signal: Signal, batch: Batch, seen: ReadonlyMap<string, number>, limits: WalkLimits, apart: (entries: readonly Entry[]) => (readonly number[])[]): Plan {
  const entries: Entry[] = [];
  const twins = new Map<number, number>();
  const refused = new Map<number, FirstfixError>();
  const partial = new Map<number, string>();
  const first = new Map<string, number>();
  let known = 0;
  batch.records.forEach((record, index) => {
    const header = headerOf(record);
    const hash = header === null || record.key === undefined ? requestHash(record.value) : record.key;
    const twin = first.get(hash);
    if (seen.has(hash)) known += 1;
    else if (twin !== undefined) twins.set(index, twin);
    else {
      first.set(hash, index);
      try {
        const entry = header ?? walked(signal, record, limits);
        if (entry.reason !== null) partial.set(index, entry.reason);
        if (entry.rows > 0) entries.push({ index, hash, ...entry });
      } catch (error) {
        if (!(error instanceof FirstfixError)) throw error;
        refused.set(index, record.value[0] === OPENING_BRACE ? seemsJson(error) : error);
      }
    }
  });
  return { entries, twins, known, refused, partial, todo: entries.length === 0 ? [] : apart(entries), landed: new Set(), inserts: 0, completed: false };
}

/** The first 16 bytes of a request's SHA-256 as hex: what ingest gives as the record's key. */
export function requestHash(body: Uint8Array): string {
  return sha256(body).slice(0, 32);
}

/** In protobuf no field of a request begins like this. */
const OPENING_BRACE = 0x7b;

/** The usual mistake of who fills the topics, told in words that lead to its end. */
function seemsJson(error: FirstfixError): FirstfixError {
  return new FirstfixError(error.code, `it looks like JSON, and these topics hold protobuf: set the sender's encoding to otlp_proto (${error.message})`, { cause: error });
}

type Walked = Omit<Entry, "index" | "hash"> & { readonly reason: string | null };

function headerOf({ key, value, headers }: Delivered): Walked | null {
  const match = /^(\d{1,9}),(\d{1,15}),(\d{1,15})$/.exec(headers?.[WALKED_HEADER] ?? "");
  if (match === null || !/^[0-9a-f]{32}$/.test(key ?? "")) return null;
  return { body: value, rows: Number(match[1]), timeMinMs: Number(match[2]), timeMaxMs: Number(match[3]), reason: null };
}

function walked(signal: Signal, { value }: Delivered, limits: WalkLimits): Walked {
  const { body, records, rejected, reason, timeMinMs, timeMaxMs } = walkRequest(signal, value, limits);
  return { body, rows: records - rejected, timeMinMs, timeMaxMs, reason: reason === null ? null : `${rejected} of ${records} records: ${reason}` };
}
