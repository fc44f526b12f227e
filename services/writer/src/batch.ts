import { BatchError, type BusRecord, type Handler } from "@firstfix/bus";
import { FirstfixError, messageOf, type Logger } from "@firstfix/kit";
import { nextBatchId, type Signal, type Store } from "@firstfix/store";
import { writeDeadLetters, type DeadLetter } from "./dead-letters.ts";

export interface BatchHandlerOptions {
  readonly signal: Signal;
  readonly topic: string;
  readonly store: Store;
  readonly log: Logger;
  /** Called after something of a batch has landed. */
  readonly onInserted: () => void;
}

/** Records from `from` to `to` (exclusive) under one batch id. */
interface Part {
  readonly id: bigint;
  readonly from: number;
  readonly to: number;
}

/** What is still to be done with a batch, kept over the bus's retries so that a part keeps its id. */
interface Plan {
  readonly todo: Part[];
  readonly refused: Map<number, FirstfixError>;
}

/**
 * Inserts a batch as one. When the engine refuses it, the batch is halved until the records at fault stand alone; they
 * are rejected and kept as dead letters, all others land. When the store is unavailable, the error goes to the bus,
 * which hands the same array over again: the parts already in are not inserted again, and the one in question comes
 * with its old id, so that the store drops it if it did land.
 */
export function createBatchHandler({ signal, topic, store, log, onInserted }: BatchHandlerOptions): Handler {
  const plans = new WeakMap<readonly BusRecord[], Plan>();

  return async (records) => {
    const plan = plans.get(records) ?? { todo: [{ id: nextBatchId(), from: 0, to: records.length }], refused: new Map<number, FirstfixError>() };
    plans.set(records, plan);
    // Ends: every turn inserts a part, refuses a record, halves a part of two records or more, or throws.
    for (let part = plan.todo.at(-1); part !== undefined; part = plan.todo.at(-1)) {
      const error = await insert(records, part);
      plan.todo.pop();
      if (error === null) onInserted();
      else if (part.to - part.from > 1) plan.todo.push(...halves(part));
      else plan.refused.set(part.from, error);
    }
    if (plan.refused.size === 0) return;
    await keep(records, plan.refused);
    throw new BatchError(plan.refused);
  };

  /** Null when the part landed, the error when the engine refused it; throws when the store is unavailable. */
  async function insert(records: readonly BusRecord[], { id, from, to }: Part): Promise<FirstfixError | null> {
    try {
      await store.insertBatch({ id, signal, body: Buffer.concat(records.slice(from, to).map(({ value }) => value)) });
      return null;
    } catch (error) {
      if (error instanceof FirstfixError && error.code === "store.rejected") return error;
      log.warn({ signal, batch: String(id), records: to - from, err: messageOf(error) }, "batch not stored");
      throw error;
    }
  }

  /** A dead letter that cannot be written is only logged: its sender is told of the refusal all the same. */
  async function keep(records: readonly BusRecord[], refused: ReadonlyMap<number, FirstfixError>): Promise<void> {
    const letters: DeadLetter[] = [...refused].map(([index, error]) => ({ topic, reason: error.message, body: records[index]?.value ?? new Uint8Array() }));
    log.warn({ signal, records: letters.length, reason: letters[0]?.reason }, "records refused by the engine, kept in dead_letters");
    await writeDeadLetters(store, letters).catch((error: unknown) => log.error({ signal, err: messageOf(error) }, "dead letters not written"));
  }
}

/** The first half last: the last part is worked on next, so records land in their order. */
function halves({ from, to }: Part): Part[] {
  const middle = from + Math.ceil((to - from) / 2);
  const first = { id: nextBatchId(), from, to: middle };
  return [{ id: nextBatchId(), from: middle, to }, first];
}
