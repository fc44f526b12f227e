import { BatchError, type BusRecord, type Handler } from "@firstfix/bus";
import { FirstfixError, messageOf, type Logger } from "@firstfix/kit";
import { nextBatchId, type Signal, type Store } from "@firstfix/store";
import { writeDeadLetters, type DeadLetter } from "./dead-letters.ts";
import { Suspects } from "./suspects.ts";

export interface BatchHandlerOptions {
  readonly signal: Signal;
  readonly topic: string;
  readonly store: Store;
  readonly log: Logger;
  /** Called after something of a batch has landed. */
  readonly onInserted: () => void;
}

/** Inserts that one batch may take, so that one sender's bad records cannot hold up everybody's acknowledgements. */
const INSERTS_MAX = 48;

/** Records of a batch, by index, under one batch id. */
interface Part {
  readonly id: bigint;
  readonly records: readonly number[];
}

/** What is still to be done with a batch, kept over the bus's retries so that a part keeps its id. */
interface Plan {
  readonly todo: Part[];
  readonly refused: Map<number, FirstfixError>;
  inserts: number;
}

/**
 * Inserts a batch as one. When the engine refuses it, the batch is halved until the records at fault stand alone; they
 * are rejected and kept as dead letters, all others land. The largest parts come first, so that most records land soon.
 * After INSERTS_MAX what is left goes back to its senders as retryable, and is set apart when it comes again, so that it
 * cannot spoil another batch. When the store is unavailable, the error goes to the bus, which hands the same array over
 * again: the parts already in are not inserted again, and the one in question comes with its old id, so that the store
 * drops it if it did land.
 */
export function createBatchHandler({ signal, topic, store, log, onInserted }: BatchHandlerOptions): Handler {
  const plans = new WeakMap<readonly BusRecord[], Plan>();
  const suspects = new Suspects();

  return async (records) => {
    const plan = plans.get(records) ?? { todo: suspects.apart(records).map(part), refused: new Map<number, FirstfixError>(), inserts: 0 };
    plans.set(records, plan);
    // Ends: every turn takes one of INSERTS_MAX, or throws.
    for (let next = plan.todo[0]; next !== undefined && plan.inserts < INSERTS_MAX; next = plan.todo[0]) {
      const error = await insert(records, next);
      plan.inserts++;
      plan.todo.shift();
      const [first] = next.records;
      if (error === null) onInserted();
      else if (next.records.length > 1) plan.todo.push(...halves(next));
      else if (first !== undefined) plan.refused.set(first, error);
    }
    const left = plan.todo.flatMap((one) => one.records);
    suspects.settle(records, left);
    if (plan.refused.size === 0 && left.length === 0) return;
    await keep(records, plan.refused);
    if (left.length > 0) log.warn({ signal, records: left.length }, "records sent back, because the engine refuses some of their batch");
    throw new BatchError(new Map([...plan.refused, ...left.map((index) => [index, sentBack()] as const)]));
  };

  /** Null when the part landed, the error when the engine refused it; throws when the store is unavailable. */
  async function insert(records: readonly BusRecord[], { id, records: indexes }: Part): Promise<FirstfixError | null> {
    try {
      await store.insertBatch({ id, signal, body: Buffer.concat(indexes.map((index) => (records[index] as BusRecord).value)) });
      return null;
    } catch (error) {
      if (error instanceof FirstfixError && error.code === "store.rejected") return error;
      log.warn({ signal, batch: String(id), records: indexes.length, err: messageOf(error) }, "batch not stored");
      throw error;
    }
  }

  /** A dead letter that cannot be written is only logged: its sender is told of the refusal all the same. */
  async function keep(records: readonly BusRecord[], refused: ReadonlyMap<number, FirstfixError>): Promise<void> {
    if (refused.size === 0) return;
    const letters: DeadLetter[] = [...refused].map(([index, error]) => ({ topic, reason: error.message, body: records[index]?.value ?? new Uint8Array() }));
    log.warn({ signal, records: letters.length, reason: letters[0]?.reason }, "records refused by the engine, kept in dead_letters");
    await writeDeadLetters(store, letters).catch((error: unknown) => log.error({ signal, err: messageOf(error) }, "dead letters not written"));
  }
}

function halves({ records }: Part): Part[] {
  const middle = Math.ceil(records.length / 2);
  return [part(records.slice(0, middle)), part(records.slice(middle))];
}

function part(records: readonly number[]): Part {
  return { id: nextBatchId(), records };
}

function sentBack(): FirstfixError {
  return new FirstfixError("store.unavailable", "the request came in a batch that the store refused in part; send it again", { retryable: true });
}
