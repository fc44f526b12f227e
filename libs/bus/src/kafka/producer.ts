import { setTimeout as sleep } from "node:timers/promises";
import { FirstfixError, messageOf } from "@firstfix/kit";
import type { Kafka, Message, Producer } from "kafkajs";
import type { BusRecord } from "../api.ts";
import { kafkajs } from "./kafkajs.ts";
import { unavailable, type Compression, type Settings } from "./options.ts";
import type { Topics } from "./topics.ts";

/** One request to the broker carries about so much, however much waits; a larger record goes alone. */
const SEND_BYTES_MAX = 4 * 1024 * 1024;
const SEND_RECORDS_MAX = 2000;
/** What Kafka puts around each record and each batch. */
const RECORD_OVERHEAD_BYTES = 100;
const RETRY_PAUSE_MS = 200;
/** How long brokers may wait for each other (acks=all). */
const ACKS_MS_MAX = 4000;

/** Records of one `append` on their way; what is over its time is told so, and goes no further. */
interface Append {
  open: number;
  settled: boolean;
  settle(error: Error | null): void;
}

interface Waiting {
  readonly append: Append;
  readonly message: Message;
  readonly bytes: number;
}

/**
 * Appends to Kafka with acks=all. One request per topic is under way at a time: what comes meanwhile goes with the next
 * one, so many small appends cost few requests, and the order within a key is kept over retries. A retry can leave
 * a record twice in the topic (kafkajs's idempotent producer is experimental); consumers know the request by its key.
 */
export class Appender {
  readonly #settings: Settings;
  readonly #topics: Topics;
  readonly #producer: Producer;
  readonly #lanes = new Map<string, Lane>();
  #connected: Promise<void> | null = null;
  #bytes = 0;
  #closed = false;

  constructor(settings: Settings, kafka: Kafka, topics: Topics) {
    this.#settings = settings;
    this.#topics = topics;
    this.#producer = kafka.producer({ allowAutoTopicCreation: false, createPartitioner: kafkajs.Partitioners.DefaultPartitioner, retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 1 } });
  }

  append(topic: string, records: readonly BusRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    if (this.#closed) return Promise.reject(new FirstfixError("bus.unavailable", "The bus is closed.", { retryable: true }));
    const waiting = records.map((record) => ({ message: messageOfRecord(record), bytes: record.value.byteLength + RECORD_OVERHEAD_BYTES }));
    const bytes = waiting.reduce((sum, one) => sum + one.bytes, 0);
    const { appendBytesMax, appendMsMax } = this.#settings;
    // With nothing waiting, even an append over the bound goes through: otherwise it never could.
    if (this.#bytes > 0 && this.#bytes + bytes > appendBytesMax) {
      return Promise.reject(new FirstfixError("ingest.full", `${this.#bytes} bytes wait for Kafka; the bound is ${appendBytesMax}.`, { retryable: true, hint: "Kafka takes less than comes in: send less, or look after the brokers." }));
    }
    this.#bytes += bytes;
    const lane = this.#lane(this.#settings.physical(topic));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => append.settle(unavailable(this.#settings, `Kafka has not taken it within ${appendMsMax} ms`, lane.trouble ?? new Error("no answer"))), appendMsMax);
      const append: Append = {
        open: records.length,
        settled: false,
        settle(error) {
          if (append.settled || (error === null && --append.open > 0)) return;
          append.settled = true;
          clearTimeout(timer);
          if (error === null) resolve();
          else reject(error);
        },
      };
      lane.push(waiting.map((one) => ({ ...one, append })));
    });
  }

  /** What is under way is still decided, within the time of an append. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#lanes.values()].map((lane) => lane.idle()));
    await this.#producer.disconnect().catch(() => {});
  }

  #lane(topic: string): Lane {
    const lane = this.#lanes.get(topic) ?? new Lane({
      send: (messages) => this.#send(topic, messages),
      limit: () => this.#topics.ready(topic),
      left: (bytes) => (this.#bytes -= bytes),
    });
    this.#lanes.set(topic, lane);
    return lane;
  }

  async #send(topic: string, messages: Message[]): Promise<void> {
    try {
      this.#connected ??= this.#producer.connect();
      await this.#connected;
    } catch (error) {
      this.#connected = null;
      throw error;
    }
    await this.#producer.send({ topic, messages, acks: -1, timeout: ACKS_MS_MAX, compression: COMPRESSION[this.#settings.compression] });
  }
}

const COMPRESSION: Readonly<Record<Compression, number>> = { none: kafkajs.CompressionTypes.None, gzip: kafkajs.CompressionTypes.GZIP, zstd: kafkajs.CompressionTypes.ZSTD };

interface LaneOptions {
  send(messages: Message[]): Promise<void>;
  /** Largest message that the topic takes; a request's records for one partition are one message to Kafka. */
  limit(): Promise<number>;
  left(bytes: number): void;
}

/** The way to one topic. */
class Lane {
  readonly #options: LaneOptions;
  /** Why the last request failed; null when it went through. */
  trouble: Error | null = null;
  #queue: Waiting[] = [];
  #working: Promise<void> | null = null;
  #bytesMax = SEND_BYTES_MAX;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  push(waiting: readonly Waiting[]): void {
    for (const one of waiting) this.#queue.push(one);
    this.#working ??= this.#work();
  }

  async idle(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    // So that what was appended in the same turn goes together.
    await Promise.resolve();
    for (let taken = this.#take(); taken.length > 0; taken = this.#take()) {
      try {
        this.#bytesMax = Math.min(this.#bytesMax, await this.#options.limit());
        await this.#options.send(taken.map(({ message }) => message));
        this.trouble = null;
        this.#leave(taken, null);
      } catch (thrown) {
        const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
        this.trouble = error;
        if (!tooLarge(error)) {
          this.#queue.unshift(...taken);
          await sleep(RETRY_PAUSE_MS);
        } else if (taken.length === 1) {
          this.#leave(taken, new FirstfixError("otlp.too_large", "The topic does not take a message of this size.", { hint: "Raise max.message.bytes of the topic, or let senders send smaller batches.", cause: error }));
        } else {
          // The topic takes less than it says: smaller requests then.
          this.#bytesMax = Math.max(1, Math.floor(bytesOf(taken) / 2));
          this.#queue.unshift(...taken);
        }
      }
    }
    // With nothing awaited since the queue was found empty: what is pushed from here on starts anew.
    this.#working = null;
  }

  /** The next request's records; those whose append was given up are left out. */
  #take(): Waiting[] {
    const gone = this.#queue.filter(({ append }) => append.settled);
    if (gone.length > 0) {
      this.#queue = this.#queue.filter(({ append }) => !append.settled);
      this.#options.left(bytesOf(gone));
    }
    let bytes = 0;
    let count = 0;
    for (const one of this.#queue) {
      bytes += one.bytes;
      if (count > 0 && (bytes > this.#bytesMax || count >= SEND_RECORDS_MAX)) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  #leave(taken: readonly Waiting[], error: Error | null): void {
    this.#options.left(bytesOf(taken));
    for (const { append } of taken) append.settle(error);
  }
}

function bytesOf(waiting: readonly Waiting[]): number {
  return waiting.reduce((sum, { bytes }) => sum + bytes, 0);
}

function messageOfRecord({ key, value, headers }: BusRecord): Message {
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return { key: key ?? null, value: buffer, ...(headers === undefined ? {} : { headers: { ...headers } }) };
}

function tooLarge(error: Error): boolean {
  const type = (error as { readonly type?: unknown }).type ?? (error.cause as { readonly type?: unknown } | undefined)?.type;
  return type === "MESSAGE_TOO_LARGE" || type === "RECORD_LIST_TOO_LARGE";
}
