import { BatchError, type Batch, type Bus, type Handler } from "@firstfix/bus";
import { FirstfixError, messageOf, sha256, type Logger } from "@firstfix/kit";
import { walkLimits, type WalkLimits } from "@firstfix/otlp";
import type { Signal, Store } from "@firstfix/store";
import { writeDeadLetters, type DeadLetter } from "./dead-letters.ts";
import type { WriterMetrics } from "./metrics.ts";
import { planOf, type Entry, type Plan } from "./plan.ts";
import type { Seen } from "./seen.ts";
import { Suspects } from "./suspects.ts";

export interface BatchHandlerOptions {
  readonly signal: Signal;
  readonly bus: Pick<Bus, "keeps" | "append">;
  readonly store: Store;
  readonly seen: Seen;
  readonly window: Pick<WalkLimits, "pastMs" | "futureMs">;
  readonly metrics: WriterMetrics;
  readonly log: Logger;
  /** Called after a batch has landed. */
  readonly onInserted: () => void;
}

/** Inserts that one batch may take, so that one sender's bad records cannot hold up everybody else. */
const INSERTS_MAX = 48;

/**
 * Inserts a batch as one. When the engine refuses it, the batch is halved until the records at fault stand alone; they
 * are set aside as dead letters, all others land. The largest parts come first, so that most records land soon.
 * What is undecided after INSERTS_MAX goes back to its sender as retryable and is set apart when it comes again, so that
 * it cannot spoil another batch; where no sender waits (Kafka) it is a dead letter too, to be replayed.
 *
 * Exactly once in effect: the deduplication token of an insert is the batch's id with the part, and a batch keeps its id
 * and records until it is decided, so the store drops what had landed before a crash. A request that a client sends
 * again is left out by its hash. That the batch is complete is written last.
 */
export function createBatchHandler(options: BatchHandlerOptions): Handler {
  const { signal, bus, store, seen, window, metrics, log, onInserted } = options;
  const plans = new WeakMap<Batch, Plan>();
  const suspects = new Suspects();

  return async (batch) => {
    let plan = plans.get(batch);
    if (plan === undefined) {
      const known = await seen.load(batch.partition);
      plan = planOf(signal, batch, known, walkLimits(Date.now(), window), (entries) => suspects.apart(entries));
      plans.set(batch, plan);
    }
    await insertAll(batch, plan);
    const left = plan.todo.flat().map((at) => (plan.entries[at] as Entry).index);
    suspects.settle(plan.entries, new Set(left));
    const aside = bus.keeps ? left : [];
    // Before anything else can fail: once it is known what has landed, a crash cannot make it land again.
    await complete(batch, plan);
    await setAside(batch, [
      ...[...plan.refused].map(([index, error]) => ({ index, reason: error.message })),
      ...[...plan.partial].map(([index, reason]) => ({ index, reason: `partial: ${reason}` })),
      ...aside.map((index) => ({ index, reason: "undecided: the engine refuses some records of its batch; replay it" })),
    ]);
    metrics.repeated.inc({ signal }, plan.known + plan.twins.size);
    report(batch, plan, left);
  };

  async function insertAll(batch: Batch, plan: Plan): Promise<void> {
    // Ends: every turn takes one of INSERTS_MAX, or throws.
    for (let next = plan.todo[0]; next !== undefined && plan.inserts < INSERTS_MAX; next = plan.todo[0]) {
      const part = next.length === plan.entries.length ? undefined : sha256(next.join()).slice(0, 16);
      const entries = next.map((at) => plan.entries[at] as Entry);
      const error = await insert(batch, entries, part);
      plan.inserts += 1;
      plan.todo.shift();
      if (error === null) for (const at of next) plan.landed.add(at);
      else if (next.length > 1) plan.todo.push(...halves(next));
      else for (const { index } of entries) plan.refused.set(index, error);
    }
  }

  /** Null when the part landed, the error when the engine refused it; throws when the store is unavailable. */
  async function insert(batch: Batch, entries: readonly Entry[], part: string | undefined): Promise<FirstfixError | null> {
    const body = entries.map((entry) => entry.body);
    const done = metrics.insertSeconds.startTimer({ signal });
    try {
      await store.insertBatch({ id: batch.id, signal, body, ...(part === undefined ? {} : { part }) });
      metrics.bytes.inc({ signal }, body.reduce((sum, piece) => sum + piece.byteLength, 0));
      return null;
    } catch (error) {
      if (error instanceof FirstfixError && error.code === "store.rejected") return error;
      metrics.outages.inc({ signal });
      log.warn({ signal, batch: String(batch.id), records: entries.length, err: messageOf(error) }, "batch not stored");
      throw error;
    } finally {
      done();
    }
  }

  async function setAside(batch: Batch, letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    log.warn({ signal, records: letters.length, reason: letters[0]?.reason }, "records set aside as dead letters");
    try {
      await writeDeadLetters(store, bus, signal, batch, letters);
      metrics.deadLetters.inc({ signal }, letters.length);
    } catch (error) {
      // Where a sender waits it is told of the refusal all the same; where none does, this is all that is left of the record.
      if (bus.keeps) throw new FirstfixError("store.unavailable", `dead letters not written: ${messageOf(error)}`, { retryable: true, cause: error });
      log.error({ signal, err: messageOf(error) }, "dead letters not written");
    }
  }

  async function complete(batch: Batch, plan: Plan): Promise<void> {
    const entries = [...plan.landed].map((at) => plan.entries[at] as Entry);
    if (entries.length === 0 || plan.completed) return;
    const times = entries.filter(({ timeMinMs }) => timeMinMs > 0);
    const rows = entries.reduce((sum, entry) => sum + entry.rows, 0);
    const requests = entries.map(({ hash }) => hash);
    await store.completeBatch({
      id: batch.id,
      signal,
      rows,
      timeMinMs: times.reduce((min, entry) => Math.min(min, entry.timeMinMs), times[0]?.timeMinMs ?? 0),
      timeMaxMs: times.reduce((max, entry) => Math.max(max, entry.timeMaxMs), 0),
      topic: batch.topic,
      partition: batch.partition,
      offsetMin: batch.records[0]?.offset ?? 0n,
      offsetMax: batch.records.at(-1)?.offset ?? 0n,
      requests,
    });
    plan.completed = true;
    seen.add(batch.partition, requests);
    metrics.batches.inc({ signal });
    metrics.records.inc({ signal }, rows);
    onInserted();
  }

  /** Tells the senders that wait for an answer what was not stored. */
  function report(batch: Batch, plan: Plan, left: readonly number[]): void {
    const failures = new Map<number, Error>(plan.refused);
    if (!bus.keeps) for (const index of left) failures.set(index, sentBack());
    for (const [twin, first] of plan.twins) {
      const error = failures.get(first);
      if (error !== undefined) failures.set(twin, error);
    }
    if (left.length > 0) log.warn({ signal, batch: String(batch.id), records: left.length }, "records undecided, because the engine refuses some of their batch");
    if (failures.size > 0) throw new BatchError(failures);
  }
}

function halves(part: readonly number[]): (readonly number[])[] {
  const middle = Math.ceil(part.length / 2);
  return [part.slice(0, middle), part.slice(middle)];
}

function sentBack(): FirstfixError {
  return new FirstfixError("store.unavailable", "the request came in a batch that the store refused in part; send it again", { retryable: true });
}
