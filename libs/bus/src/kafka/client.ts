import type { Kafka, KafkaConfig } from "kafkajs";
import { kafkajs } from "./kafkajs.ts";
import type { Settings } from "./options.ts";

/** What a connection may take; an append has to have its answer before its client gives up. */
const CONNECT_MS_MAX = 2000;
const REQUEST_MS_MAX = 5000;

export function createClient(settings: Settings): Kafka {
  const config: KafkaConfig = {
    clientId: "firstfix",
    brokers: [...settings.brokers],
    ssl: settings.tls,
    connectionTimeout: CONNECT_MS_MAX,
    authenticationTimeout: CONNECT_MS_MAX,
    requestTimeout: REQUEST_MS_MAX,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 4 },
    // What matters to users is said in Firstfix's own words; these lines are for those who look closer.
    logLevel: settings.log.isLevelEnabled("debug") ? kafkajs.logLevel.INFO : kafkajs.logLevel.NOTHING,
    logCreator: () => ({ log: { message, ...more }, namespace }) => settings.log.debug({ ...more, namespace }, `kafkajs: ${message}`),
  };
  const { sasl } = settings;
  return new kafkajs.Kafka(sasl === null ? config : { ...config, sasl: saslOf(sasl) });
}

function saslOf({ mechanism, username, password }: NonNullable<Settings["sasl"]>): NonNullable<KafkaConfig["sasl"]> {
  switch (mechanism) {
    case "plain": return { mechanism, username, password };
    case "scram-sha-256": return { mechanism, username, password };
    case "scram-sha-512": return { mechanism, username, password };
  }
}
