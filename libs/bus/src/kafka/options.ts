import { createLogger, FirstfixError, LIMITS, messageOf, type Logger } from "@firstfix/kit";

export interface KafkaSasl {
  readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
  readonly username: string;
  readonly password: string;
}

export interface KafkaBusOptions {
  /** host:port of at least one broker; the others are learnt from it. */
  readonly brokers: readonly string[];
  /** Names in Kafka by the bus's topics; a topic that is not named is called the same in Kafka. */
  readonly topics?: Readonly<Record<string, string>>;
  /** For topics that Firstfix has to create. With three replicas or more, two have to have a record. */
  readonly partitions?: number;
  readonly replication?: number;
  /** Largest record of a topic that Firstfix creates (max.message.bytes), in bytes. */
  readonly messageBytesMax?: number;
  /** Bytes appended and not yet durable before `append` is refused. */
  readonly appendBytesMax?: number;
  /** `append` gives up after this time, in milliseconds: before its client does. */
  readonly appendMsMax?: number;
  /** Bytes fetched and not yet handled, of one consumer, before fetching pauses. */
  readonly fetchedBytesMax?: number;
  readonly compression?: Compression;
  /** A process that was silent for this long has lost its partitions, in milliseconds. */
  readonly sessionMs?: number;
  readonly tls?: boolean;
  readonly sasl?: KafkaSasl;
  readonly log?: Logger;
}

export type Compression = "none" | "gzip" | "zstd";

/** The same, with everything decided. */
export interface Settings extends Required<Omit<KafkaBusOptions, "sasl" | "topics">> {
  readonly sasl: KafkaSasl | null;
  physical(topic: string): string;
}

export function settingsOf({ brokers, topics = {}, sasl, ...options }: KafkaBusOptions): Settings {
  return {
    brokers,
    physical: (topic) => topics[topic] ?? topic,
    partitions: options.partitions ?? 6,
    replication: options.replication ?? 1,
    // A body of the largest size, with its headers and what Kafka puts around it.
    messageBytesMax: options.messageBytesMax ?? LIMITS.otlpBodyBytes + 1024 * 1024,
    appendBytesMax: options.appendBytesMax ?? LIMITS.ingestInFlightBytes,
    appendMsMax: options.appendMsMax ?? 7000,
    fetchedBytesMax: options.fetchedBytesMax ?? LIMITS.ingestInFlightBytes,
    compression: options.compression ?? "none",
    sessionMs: options.sessionMs ?? 10_000,
    tls: options.tls ?? false,
    sasl: sasl ?? null,
    log: options.log ?? createLogger("bus", "silent"),
  };
}

export function unavailable(settings: Settings, what: string, cause: unknown): FirstfixError {
  if (cause instanceof FirstfixError) return cause;
  return new FirstfixError("bus.unavailable", `${what}: ${messageOf(cause)}`, {
    hint: `Check that Kafka runs and can be reached at ${settings.brokers.join(", ")} (bus.brokers, bus.tls, bus.sasl…).`,
    retryable: true,
    cause,
  });
}
