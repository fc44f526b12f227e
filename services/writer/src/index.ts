import { TOPICS, type Bus } from "@firstfix/bus";
import type { Config, Logger } from "@firstfix/kit";
import type { Signal, Store } from "@firstfix/store";
import type { Registry } from "prom-client";
import { createBatchHandler } from "./batch.ts";
import { writerMetrics } from "./metrics.ts";
import { Seen } from "./seen.ts";

export interface WriterOptions {
  readonly config: Config["writer"];
  /** Times outside this window are refused in what no ingest of ours has walked. */
  readonly window: Pick<Config["ingest"], "pastMs" | "futureMs">;
  readonly bus: Bus;
  readonly store: Store;
  readonly log: Logger;
  readonly metrics?: Registry;
}

const SIGNALS: Readonly<Record<Signal, string>> = { traces: TOPICS.traces, logs: TOPICS.logs };

/** Moves telemetry from the bus into the store, one batch per INSERT, and says so by a hint. */
export function startWriter({ config, window, bus, store, log, metrics: registry }: WriterOptions): { close(): Promise<void> } {
  const metrics = writerMetrics(registry);
  const onInserted = (): void => bus.hint(TOPICS.batchInserted);
  const consumers = (Object.keys(SIGNALS) as Signal[]).map((signal) => {
    const topic = SIGNALS[signal];
    const seen = new Seen(store, topic, config.retryWindowMs);
    const onAssigned = (partition: number): Promise<void> => Promise.resolve(seen.forget(partition));
    const options = { group: "writer", durable: true, batchBytesMax: config.batchBytesMax, lingerMs: config.lingerMs, onAssigned };
    return bus.consume(topic, options, createBatchHandler({ signal, bus, store, seen, window, metrics, log, onInserted }));
  });
  return {
    async close() {
      await Promise.all(consumers.map((consumer) => consumer.close()));
    },
  };
}
