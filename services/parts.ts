import { join } from "node:path";
import { TOPICS, createKafkaBus, createMemoryBus, type Bus } from "@firstfix/bus";
import { FirstfixError, messageOf, type Config, type Logger } from "@firstfix/kit";
import type { Store } from "@firstfix/store";

/** The bus of a process that moves telemetry; a process that moves none needs only hints. Connects to nothing yet. */
export function openBus(config: Config, movesTelemetry: boolean, log: Logger): Bus {
  const { bus, ingest } = config;
  if (!movesTelemetry) return createMemoryBus();
  if (bus.kind === "memory") return createMemoryBus({ bytesMax: ingest.inFlightBytesMax, spool: join(config.data, "spool") });
  const { brokers, partitions, replication, tls, saslMechanism: mechanism, saslUsername: username, saslPassword: password } = bus;
  const kafka = createKafkaBus({
    brokers,
    partitions,
    replication,
    tls,
    log,
    topics: { [TOPICS.traces]: bus.tracesTopic, [TOPICS.logs]: bus.logsTopic, [TOPICS.deadLetters]: bus.deadLetterTopic },
    messageBytesMax: ingest.bodyBytesMax + MESSAGE_OVERHEAD_BYTES,
    appendBytesMax: ingest.inFlightBytesMax,
    ...(mechanism === "none" ? {} : { sasl: { mechanism, username, password } }),
  });
  // A broker may serve several Firstfixes: whose writers these are is configured.
  return { ...kafka, consume: (topic, options, handler) => kafka.consume(topic, { ...options, group: bus.group }, handler) };
}

/** What Kafka and our headers put around a request. */
const MESSAGE_OVERHEAD_BYTES = 1024 * 1024;

/** Loads the store's code only now: the engine in it takes memory that a process without a store has no use for. */
export async function openConfiguredStore({ data, store }: Config): Promise<Store> {
  const { openStore } = await import("@firstfix/store");
  const { url, cluster, spansDays, logsDays, findingsDays } = store;
  const retention = { retention: { spansDays, logsDays, findingsDays } };
  return url === "" ? openStore({ path: data, ...retention }) : openStore({ url, ...retention, ...(cluster === "" ? {} : { cluster }) });
}

/**
 * Whether a store that could not be opened may be there later. A server may; what it says about the configuration is no
 * retryable error. Of the embedded store nothing passes: another process has it, or the folder is at fault.
 */
export function storeMayCome(config: Config): (error: unknown) => boolean {
  return (error) => config.store.url !== "" && error instanceof FirstfixError && error.retryable;
}

/** Whether brokers that cannot be used may be usable later: all but what they say about who we are. */
export function busMayCome(error: unknown): boolean {
  return error instanceof FirstfixError && error.retryable && !chain(error).some(isRefusedByBroker);
}

/** One line for the person who configured it; any other error as it is. */
export function startError({ bus }: Config, error: unknown): unknown {
  const causes = chain(error);
  if (!causes.some(isRefusedByBroker)) return error;
  const reason = messageOf(causes.at(-1)).split("\n", 1)[0] ?? "";
  return new FirstfixError("config.invalid", `the brokers at ${bus.brokers.join(", ")} refuse ${bus.saslUsername || "a client without a name"}: ${reason}`, { cause: error, hint: "Check bus.saslMechanism, bus.saslUsername and FIRSTFIX_BUS_SASL_PASSWORD." });
}

function isRefusedByBroker(error: unknown): boolean {
  return error instanceof Error && /SASLAuthentication|IllegalSaslState|SASL_AUTHENTICATION|ILLEGAL_SASL/i.test(`${error.name} ${typeOf(error)} ${error.message}`);
}

/** An error and its causes, outermost first; bounded, because a cause may name itself. */
function chain(error: unknown): unknown[] {
  const all: unknown[] = [];
  for (let one = error; one !== undefined && all.length < 8; one = one instanceof Error ? one.cause : undefined) all.push(one);
  return all;
}

function typeOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "type" in error && typeof error.type === "string") return error.type;
  return /\(([A-Z][A-Z0-9_]+)\)\s*$/.exec(messageOf(error))?.[1] ?? "";
}
