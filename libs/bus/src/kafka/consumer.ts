import { messageOf } from "@firstfix/kit";
import type { Batch as Fetched, Consumer, EachBatchPayload, Kafka, KafkaMessage, Offsets, PartitionAssigner } from "kafkajs";
import type { ConsumeOptions, Delivered, Handler } from "../api.ts";
import { kafkajs } from "./kafkajs.ts";
import type { Settings } from "./options.ts";
import { Partition, type Membership } from "./partition.ts";
import { Signal } from "./signal.ts";
import type { Topics } from "./topics.ts";

/** Paused partitions are looked at again after this time at the latest. */
const FETCH_WAIT_MS = 100;
const FETCH_BYTES_MAX = 16 * 1024 * 1024;
const FETCH_PARTITION_BYTES_MAX = 4 * 1024 * 1024;
/** Members that do not come back within this time after a rebalance began are left out. */
const REBALANCE_MS_MAX = 20_000;
const RESTART_PAUSE_MS = 500;
const RESTART_PAUSE_MS_MAX = 10_000;
/** kafkajs can stop fetching without a word; then it is started anew. */
const SILENT_MS_MAX = 60_000;
const WATCH_MS = 5000;
const DISCONNECT_MS_MAX = 5000;

export interface GroupOptions {
  readonly topic: string;
  readonly consume: ConsumeOptions;
  readonly handler: Handler;
}

/** The group as Kafka knows it: one for each topic, so that a rebalance of one topic does not halt another. */
export function groupIdOf(settings: Settings, group: string, topic: string): string {
  return `${group}.${settings.physical(topic)}`;
}

/** This process's membership in a consumer group of one topic; lives through crashes of kafkajs and absences of Kafka. */
export class GroupConsumer {
  readonly groupId: string;
  readonly #settings: Settings;
  readonly #kafka: Kafka;
  readonly #topics: Topics;
  readonly #options: GroupOptions;
  readonly #physical: string;
  readonly #signal = new Signal();
  readonly #running: Promise<void>;
  #partitions = new Map<number, Partition>();
  #heldBytes = 0;
  #closed = false;
  /** Why kafkajs has to be started anew; null while it runs. */
  #ended: string | null = null;
  #signAt = 0;

  constructor(settings: Settings, kafka: Kafka, topics: Topics, options: GroupOptions) {
    this.#settings = settings;
    this.#kafka = kafka;
    this.#topics = topics;
    this.#options = options;
    this.#physical = settings.physical(options.topic);
    this.groupId = groupIdOf(settings, options.consume.group, options.topic);
    this.#running = this.#run();
  }

  get topic(): string {
    return this.#options.topic;
  }

  get group(): string {
    return this.#options.consume.group;
  }

  /** The batches in hand are finished and committed, then the group is left. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#partitions.values()].map((partition) => partition.close()));
    this.#signal.notify();
    await this.#running;
  }

  async #run(): Promise<void> {
    let pauseMs = RESTART_PAUSE_MS;
    while (!this.#closed) {
      const startedAt = performance.now();
      let consumer: Consumer | null = null;
      try {
        await this.#topics.ready(this.#physical);
        consumer = await this.#start();
        while (!this.#closed && this.#ended === null) {
          await this.#signal.wait(WATCH_MS);
          if (performance.now() - this.#signAt > SILENT_MS_MAX) this.#ended = `nothing was fetched for ${SILENT_MS_MAX} ms`;
        }
      } catch (error) {
        this.#ended = messageOf(error);
      }
      if (consumer !== null) await bounded(consumer.disconnect());
      this.#revoke();
      if (this.#closed) return;
      if (performance.now() - startedAt > 60_000) pauseMs = RESTART_PAUSE_MS;
      this.#settings.log.warn({ topic: this.#physical, group: this.groupId, reason: this.#ended }, "consuming is interrupted; trying again");
      await this.#signal.pause(pauseMs, () => this.#closed);
      pauseMs = Math.min(pauseMs * 2, RESTART_PAUSE_MS_MAX);
    }
  }

  async #start(): Promise<Consumer> {
    this.#ended = null;
    this.#signAt = performance.now();
    const { sessionMs } = this.#settings;
    const consumer = this.#kafka.consumer({
      groupId: this.groupId,
      sessionTimeout: sessionMs,
      heartbeatInterval: Math.floor(sessionMs / 5),
      rebalanceTimeout: REBALANCE_MS_MAX,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytes: FETCH_BYTES_MAX,
      maxBytesPerPartition: FETCH_PARTITION_BYTES_MAX,
      // A rejoin begins: from here on, until the new assignment is known, nobody knows whose the partitions are.
      partitionAssigners: [announcing(() => this.#revoke())],
      // This class starts it anew itself, for every reason.
      retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 4, restartOnFailure: () => Promise.resolve(false) },
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [this.#physical], fromBeginning: true });
      const membership = this.#membership(consumer);
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.#assign(payload.memberAssignment[this.#physical] ?? [], membership));
      consumer.on(consumer.events.FETCH_START, () => {
        this.#signAt = performance.now();
      });
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        this.#ended = messageOf(payload.error);
        this.#revoke();
        this.#signal.notify();
      });
      await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: (payload) => this.#take(payload, membership) });
      return consumer;
    } catch (error) {
      await bounded(consumer.disconnect());
      throw error;
    }
  }

  /** Synchronous, as it has to be: kafkajs starts to fetch right after. */
  #assign(numbers: readonly number[], membership: KafkaMembership): void {
    const { topic, consume, handler } = this.#options;
    const before = this.#partitions;
    this.#partitions = new Map(before);
    if (this.#closed) return;
    this.#settings.log.info({ topic: this.#physical, group: this.groupId, partitions: numbers }, "partitions were assigned");
    for (const partition of numbers) {
      membership.pause(partition);
      this.#partitions.set(partition, new Partition({ topic, partition, consume, handler, membership, log: this.#settings.log, previous: before.get(partition) ?? null }));
    }
  }

  /** They stay known, for their batches in hand may still be under way when a partition comes back. */
  #revoke(): void {
    for (const partition of this.#partitions.values()) partition.revoke();
  }

  /** Returns at once, so that no partition waits for another, and heartbeats go on. */
  #take(payload: EachBatchPayload, membership: KafkaMembership): Promise<void> {
    membership.commits = (offsets) => payload.commitOffsetsIfNecessary(offsets);
    const { batch } = payload;
    const last = batch.messages.at(-1);
    if (payload.isStale() || last === undefined) return Promise.resolve();
    this.#partitions.get(batch.partition)?.push(fetchedFrom(batch), batch.messages.map(delivered));
    payload.resolveOffset(last.offset);
    return Promise.resolve();
  }

  #membership(consumer: Consumer): KafkaMembership {
    const topic = this.#physical;
    const { fetchedBytesMax } = this.#settings;
    const crowded = (): boolean => this.#heldBytes >= fetchedBytesMax;
    const membership: KafkaMembership = {
      commits: null,
      get committable() {
        return membership.commits !== null;
      },
      position: async (partition) => {
        // In this order: what is committed then cannot lie behind the end.
        const committed = (await this.#topics.committed(this.groupId, topic)).find((one) => one.partition === partition);
        const offsets = (await this.#topics.offsets(topic)).find((one) => one.partition === partition);
        if (offsets === undefined) throw new Error(`Partition ${partition} of ${topic} is not known.`);
        return { low: offsets.low, high: offsets.high, committed: committed?.offset ?? null, metadata: committed?.metadata ?? null };
      },
      // Not consumer.commitOffsets, which tries again by itself, and after a rebalance in between under the new
      // membership: it could move the offset of a partition that has another owner by then.
      commit: async (partition, offset, metadata) => {
        if (membership.commits === null) throw new Error("Nothing was fetched yet.");
        const commit = { partition, offset: String(offset), metadata };
        await membership.commits({ topics: [{ topic, partitions: [commit] }] });
      },
      seek: (partition, offset) => quietly(() => consumer.seek({ topic, partition, offset: String(offset) })),
      pause: (partition) => quietly(() => consumer.pause([{ topic, partitions: [partition] }])),
      resume: (partition) => quietly(() => consumer.resume([{ topic, partitions: [partition] }])),
      held: (bytes) => {
        const before = crowded();
        this.#heldBytes += bytes;
        if (before && !crowded()) for (const partition of this.#partitions.values()) partition.flow();
      },
      crowded,
    };
    return membership;
  }
}

interface KafkaMembership extends Membership {
  /** kafkajs's way to commit once under the present membership; given with the first fetch. */
  commits: ((offsets: Offsets) => Promise<void>) | null;
}

/** kafkajs's own assigner, and a call whenever the group is about to be joined. */
function announcing(joining: () => void): PartitionAssigner {
  return (config) => {
    const inner = kafkajs.PartitionAssigners.roundRobin(config);
    return {
      name: inner.name,
      version: inner.version,
      assign: (group) => inner.assign(group),
      protocol: (subscription) => {
        joining();
        return inner.protocol(subscription);
      },
    };
  };
}

/** The offset that was asked for, which the types of kafkajs leave out: the first record may lie behind a gap. */
function fetchedFrom(batch: Fetched): bigint {
  return BigInt((batch as Fetched & { readonly fetchedOffset: string }).fetchedOffset);
}

function delivered({ key, value, headers, offset }: KafkaMessage): Delivered {
  const entries = Object.entries(headers ?? {}).flatMap(([name, held]) => {
    const first = Array.isArray(held) ? held[0] : held;
    return first === undefined ? [] : [[name, first.toString()] as const];
  });
  return {
    offset: BigInt(offset),
    value: value ?? new Uint8Array(0),
    ...(key === null ? {} : { key: key.toString() }),
    ...(entries.length === 0 ? {} : { headers: Object.fromEntries(entries) }),
  };
}

/** kafkajs throws when it has just crashed; the partitions then come anew with the next membership. */
function quietly(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof kafkajs.KafkaJSError)) throw error;
  }
}

/** Neither an error nor a broker that is away may hold up the end. */
async function bounded(task: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | null = null;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DISCONNECT_MS_MAX);
  });
  await Promise.race([task.catch(() => {}), late]);
  if (timer !== null) clearTimeout(timer);
}
