import { FirstfixError } from "@firstfix/kit";
import type { Bus, Lag } from "../api.ts";
import { createMemoryBus } from "../memory/index.ts";
import { createClient } from "./client.ts";
import { GroupConsumer } from "./consumer.ts";
import { settingsOf, type KafkaBusOptions } from "./options.ts";
import { Appender } from "./producer.ts";
import { Topics } from "./topics.ts";

export type { Compression, KafkaBusOptions, KafkaSasl } from "./options.ts";

/**
 * The bus on Kafka. `append` resolves when all in-sync replicas have the records (acks=all). Batches keep their identity
 * by a plan in the metadata of the committed offset: it is written before a batch is handed over, and read by whoever
 * owns the partition next. Nothing is connected before it is needed, so it may be created while Kafka is away.
 */
export function createKafkaBus(options: KafkaBusOptions): Bus {
  const settings = settingsOf(options);
  const kafka = createClient(settings);
  const topics = new Topics(settings, kafka);
  const appender = new Appender(settings, kafka, topics);
  const consumers = new Set<GroupConsumer>();
  // Hints reach this process only, as they do in memory.
  const local = createMemoryBus();
  let closed = false;

  return {
    keeps: true,
    append: (topic, records) => appender.append(topic, records),
    hint: (topic) => local.hint(topic),
    onHint: (topic, callback) => local.onHint(topic, callback),
    consume(topic, consume, handler) {
      if (closed) throw new FirstfixError("bus.unavailable", "The bus is closed.");
      if ([...consumers].some((one) => one.topic === topic && one.group === consume.group)) throw new FirstfixError("conflict", `Group ${consume.group} already consumes ${topic} in this process.`);
      const consumer = new GroupConsumer(settings, kafka, topics, { topic, consume, handler });
      consumers.add(consumer);
      return {
        async close() {
          await consumer.close();
          consumers.delete(consumer);
        },
      };
    },
    async lag() {
      const all = await Promise.all([...consumers].map(async ({ topic, group, groupId }): Promise<Lag[]> => {
        const name = settings.physical(topic);
        const committed = await topics.committed(groupId, name);
        const offsets = await topics.offsets(name);
        return offsets.map(({ partition, low, high }) => {
          const from = committed.find((one) => one.partition === partition)?.offset ?? low;
          return { topic, group, partition, records: Number(high - (from < low ? low : from)), handled: Number(from) };
        });
      }));
      return all.flat();
    },
    async check() {
      if (closed) throw new FirstfixError("bus.unavailable", "The bus is closed.");
      await topics.check();
    },
    async close() {
      closed = true;
      await Promise.all([local.close(), ...[...consumers].map((consumer) => consumer.close())]);
      await appender.close();
      await topics.close();
    },
  };
}
