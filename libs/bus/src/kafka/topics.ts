import { setTimeout as sleep } from "node:timers/promises";
import { FirstfixError, messageOf } from "@firstfix/kit";
import type { Admin, Kafka } from "kafkajs";
import { kafkajs } from "./kafkajs.ts";
import { unavailable, type Settings } from "./options.ts";

/** Largest message of a topic whose configuration may not be read: Kafka's default. */
const MESSAGE_BYTES_MAX_KAFKA = 1024 * 1024;
const UNKNOWN_TOPIC = 3;
const LEADER_NOT_AVAILABLE = 5;
/** Until a topic that was made is known to every broker that is asked; a broker that has just started takes a while. */
const KNOWN_MS_MAX = 15_000;

export interface TopicOffsets {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

export interface Committed {
  readonly partition: number;
  /** Null when nothing was committed. */
  readonly offset: bigint | null;
  readonly metadata: string | null;
}

/** What is asked of the cluster as a whole: topics, their limits, and offsets. One connection, made when it is needed. */
export class Topics {
  readonly #settings: Settings;
  readonly #admin: Admin;
  #connected: Promise<void> | null = null;
  readonly #limits = new Map<string, Promise<number>>();

  constructor(settings: Settings, kafka: Kafka) {
    this.#settings = settings;
    this.#admin = kafka.admin({ retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 2 } });
  }

  /** Creates the topic when it is missing, and says how large a message it takes. */
  async ready(topic: string): Promise<number> {
    const known = this.#limits.get(topic) ?? this.#prepare(topic);
    this.#limits.set(topic, known);
    try {
      return await known;
    } catch (error) {
      if (this.#limits.get(topic) === known) this.#limits.delete(topic);
      throw error;
    }
  }

  async check(): Promise<void> {
    await this.#ask("Kafka does not answer", (admin) => admin.describeCluster());
  }

  async offsets(topic: string): Promise<TopicOffsets[]> {
    const found = await this.#ask(`The offsets of ${topic} cannot be read`, (admin) => admin.fetchTopicOffsets(topic));
    return found.map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }));
  }

  async committed(groupId: string, topic: string): Promise<Committed[]> {
    const found = await this.#ask(`The offsets of group ${groupId} cannot be read`, (admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    return found.flatMap(({ partitions }) => partitions).map(({ partition, offset, metadata }) => ({ partition, offset: BigInt(offset) < 0n ? null : BigInt(offset), metadata }));
  }

  async close(): Promise<void> {
    await this.#admin.disconnect().catch(() => {});
  }

  async #prepare(topic: string): Promise<number> {
    const { partitions, replication, messageBytesMax } = this.#settings;
    return this.#ask(`The topic ${topic} cannot be used`, async (admin) => {
      if (await exists(admin, topic)) return this.#limit(admin, topic);
      try {
        await admin.createTopics({
          // Waited for below: kafkajs takes a broker that does not know the new topic yet for one that refuses it.
          waitForLeaders: false,
          topics: [{
            topic,
            numPartitions: partitions,
            replicationFactor: replication,
            configEntries: [
              { name: "max.message.bytes", value: String(messageBytesMax) },
              { name: "min.insync.replicas", value: replication >= 3 ? "2" : "1" },
            ],
          }],
        });
      } catch (cause) {
        const reasons = cause instanceof kafkajs.KafkaJSAggregateError ? cause.errors.map(messageOf).join("; ") : messageOf(cause);
        throw new FirstfixError("bus.unavailable", `The topic ${topic} is missing and cannot be created: ${reasons}`, {
          hint: `Create it yourself, or let Firstfix create it (bus.replication is ${replication}; there must be as many brokers, and the right to create topics).`,
          retryable: true,
          cause,
        });
      }
      const deadline = Date.now() + KNOWN_MS_MAX;
      while (!(await isLed(admin, topic))) {
        if (Date.now() > deadline) throw new FirstfixError("bus.unavailable", `The topic ${topic} was made and no broker knows it after ${KNOWN_MS_MAX / 1000} s.`, { retryable: true, hint: "Look at the brokers' logs." });
        await sleep(50);
      }
      return this.#limit(admin, topic);
    });
  }

  async #limit(admin: Admin, topic: string): Promise<number> {
    try {
      const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ["max.message.bytes"] }] });
      return Number(resources[0]?.configEntries[0]?.configValue ?? MESSAGE_BYTES_MAX_KAFKA);
    } catch (error) {
      this.#settings.log.warn({ topic, reason: messageOf(error) }, "the topic's largest message is not known; taking Kafka's default");
      return MESSAGE_BYTES_MAX_KAFKA;
    }
  }

  async #ask<T>(what: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      this.#connected ??= this.#admin.connect();
      await this.#connected;
      return await question(this.#admin);
    } catch (error) {
      this.#connected = null;
      throw unavailable(this.#settings, what, error);
    }
  }
}

async function exists(admin: Admin, topic: string): Promise<boolean> {
  return (await leaders(admin, topic, [UNKNOWN_TOPIC])).length > 0;
}

/** Whether a topic that was made a moment ago can be used: each partition has its leader. */
async function isLed(admin: Admin, topic: string): Promise<boolean> {
  const found = await leaders(admin, topic, [UNKNOWN_TOPIC, LEADER_NOT_AVAILABLE]);
  return found.length > 0 && found.every((leader) => leader >= 0);
}

/** The leader of each partition, -1 where there is none at present; [] where the broker says one of these errors. */
async function leaders(admin: Admin, topic: string, none: readonly number[]): Promise<number[]> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return (topics[0]?.partitions ?? []).map(({ leader }) => leader);
  } catch (error) {
    if (error instanceof kafkajs.KafkaJSProtocolError && none.includes(error.code)) return [];
    throw error;
  }
}
