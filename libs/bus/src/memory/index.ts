import { FirstfixError, LIMITS } from "@firstfix/kit";
import type { Bus } from "../api.ts";
import { Group, RETRY, type Delivery, type RetryOptions } from "./group.ts";
import { Spool } from "./spool.ts";

export interface MemoryBusOptions {
  /** Bytes appended and not yet handled before `append` is refused. */
  readonly bytesMax?: number;
  readonly retry?: RetryOptions;
  /**
   * Folder in which the batches in hand are kept for the case of a crash. Without it a batch amid which the process was
   * killed is forgotten; its senders were promised nothing, but what had landed of it lands again when they retry.
   */
  readonly spool?: string;
}

/** Hints that come within this time are one call. */
const HINT_MS = 5;

/**
 * The bus within one process. `append` is refused (store.unavailable, retryable) while no durable group consumes the
 * topic: nobody would make the records durable, and an acknowledgement would be a lie.
 */
export function createMemoryBus({ bytesMax = LIMITS.ingestInFlightBytes, retry = RETRY, spool }: MemoryBusOptions = {}): Bus {
  const topics = new Map<string, Map<string, Group>>();
  const hints = new Map<string, Set<Hinted>>();
  const kept = spool === undefined ? null : new Spool(spool);
  let offset = 0n;
  let bytesWaiting = 0;
  let closed = false;

  return {
    keeps: false,
    async append(topic, records) {
      if (records.length === 0) return;
      const groups = [...(topics.get(topic)?.values() ?? [])];
      if (closed || !groups.some((group) => group.durable)) throw new FirstfixError("store.unavailable", `Nobody takes ${topic} at present.`, { retryable: true });
      const bytes = records.reduce((sum, record) => sum + record.value.byteLength, 0);
      // With nothing waiting, even an append over the bound goes through: otherwise it never could.
      if (bytesWaiting > 0 && bytesWaiting + bytes > bytesMax) throw new FirstfixError("ingest.full", `${bytesWaiting} bytes are waiting to be stored; the bound is ${bytesMax}.`, { retryable: true });
      bytesWaiting += bytes;
      const delivered = records.map((record) => ({ ...record, offset: offset++ }));
      const work = groups.map((group) => ({ durable: group.durable, done: Promise.all(delivered.map((record) => deliver(group, record))) }));
      void Promise.allSettled(work.map(({ done }) => done)).then(() => {
        bytesWaiting -= bytes;
      });
      const outcomes = await Promise.all(work.filter(({ durable }) => durable).map(({ done }) => done));
      const error = outcomes.flat().find((outcome) => outcome !== null);
      if (error !== undefined) throw error;
    },
    hint(topic) {
      for (const hinted of hints.get(topic) ?? []) hinted.hint();
    },
    consume(topic, options, handler) {
      const groups = topics.get(topic) ?? new Map<string, Group>();
      if (groups.has(options.group)) throw new FirstfixError("conflict", `Group ${options.group} already consumes ${topic} in this process.`);
      const group = new Group({ topic, consume: options, handler, retry, spool: options.durable ? kept : null });
      topics.set(topic, groups.set(options.group, group));
      return {
        async close() {
          if (groups.get(options.group) === group) groups.delete(options.group);
          await group.close();
        },
      };
    },
    onHint(topic, callback) {
      const all = hints.get(topic) ?? new Set();
      const hinted = coalesce(callback);
      hints.set(topic, all.add(hinted));
      return {
        close() {
          all.delete(hinted);
          hinted.cancel();
          return Promise.resolve();
        },
      };
    },
    lag() {
      return Promise.resolve([...topics].flatMap(([topic, groups]) => [...groups].map(([group, { records, handled }]) => ({ topic, group, partition: 0, records, handled }))));
    },
    check: () => (closed ? Promise.reject(new FirstfixError("bus.unavailable", "The bus is closed.")) : Promise.resolve()),
    async close() {
      closed = true;
      for (const hinted of [...hints.values()].flatMap((all) => [...all])) hinted.cancel();
      hints.clear();
      await Promise.all([...topics.values()].flatMap((groups) => [...groups.values()]).map((group) => group.close()));
      topics.clear();
    },
  };
}

/** Resolves with null when the group has handled the record, with the error when it could not; never rejects. */
function deliver(group: Group, record: Delivery["record"]): Promise<Error | null> {
  return new Promise((resolve) => group.push({ record, settle: resolve }));
}

interface Hinted {
  hint(): void;
  cancel(): void;
}

function coalesce(callback: () => void): Hinted {
  let timer: NodeJS.Timeout | null = null;
  return {
    hint() {
      timer ??= setTimeout(() => {
        timer = null;
        callback();
      }, HINT_MS);
    },
    cancel() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
