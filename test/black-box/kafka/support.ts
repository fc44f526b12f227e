import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createKafkaBus, type Batch, type Bus, type ConsumeOptions, type KafkaBusOptions } from "@firstfix/bus";
import type { Kafka } from "../../harness/kafka.ts";

export const CONSUME: ConsumeOptions = { group: "g", durable: true, batchBytesMax: 2000, lingerMs: 5 };

/** Buses on one topic of their own, closed by `closeAll`. */
export function busesOn(kafka: Kafka, options: Partial<KafkaBusOptions> = {}): { topic: string; open(): Bus; closeAll(): Promise<void> } {
  const topic = `t-${randomUUID()}`;
  const opened: Bus[] = [];
  return {
    topic,
    open() {
      const bus = createKafkaBus({ brokers: kafka.brokers, partitions: 1, sessionMs: 6000, ...options });
      opened.push(bus);
      return bus;
    },
    async closeAll() {
      await Promise.all(opened.splice(0).map((bus) => bus.close()));
    },
  };
}

/** What is compared of a batch. */
export interface Seen {
  readonly id: string;
  readonly partition: number;
  readonly redelivered: boolean;
  readonly offsets: readonly string[];
  readonly values: readonly string[];
}

export function seen({ id, partition, redelivered, records }: Batch): Seen {
  return { id: String(id), partition, redelivered, offsets: records.map(({ offset }) => String(offset)), values: records.map(({ value }) => Buffer.from(value).toString("utf8", 0, 40)) };
}

export async function until(what: string, condition: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await sleep(20);
  }
}

/** Records behind, over all partitions of the topic; -1 while that cannot be said. */
export async function behind(bus: Bus): Promise<number> {
  try {
    return (await bus.lag()).reduce((sum, { records }) => sum + records, 0);
  } catch {
    return -1;
  }
}
