import { TOPICS, type Bus } from "@firstfix/bus";
import type { Config, Logger } from "@firstfix/kit";
import type { Signal, Store } from "@firstfix/store";
import { createBatchHandler } from "./batch.ts";

export interface WriterOptions {
  readonly config: Config["writer"];
  readonly bus: Bus;
  readonly store: Store;
  readonly log: Logger;
}

const SIGNALS: Readonly<Record<Signal, string>> = { traces: TOPICS.traces, logs: TOPICS.logs };

/** Moves telemetry from the bus into the store, one batch per INSERT, and says so by a hint. */
export function startWriter({ config, bus, store, log }: WriterOptions): { close(): Promise<void> } {
  const options = { group: "writer", durable: true, batchBytesMax: config.batchBytesMax, lingerMs: config.lingerMs };
  const consumers = (Object.keys(SIGNALS) as Signal[]).map((signal) => {
    const topic = SIGNALS[signal];
    const onInserted = (): void => bus.hint(TOPICS.batchInserted);
    return bus.consume(topic, options, createBatchHandler({ signal, topic, store, log, onInserted }));
  });
  return {
    async close() {
      await Promise.all(consumers.map((consumer) => consumer.close()));
    },
  };
}
