import { FirstfixError, createLogger, messageOf, type Config } from "@firstfix/kit";
import { Kafka, logLevel, type Admin, type SASLOptions } from "kafkajs";
import { openBus, startError } from "../../../parts.ts";
import { brokerRelease } from "./broker-version.ts";
import { says, type Finding } from "./finding.ts";

const say = says("broker");
const ANSWER_MS = 5000;
/** Seconds of a busy ingest; more than that is a writer that does not keep up. */
const LAG_RECORDS_MAX = 100_000;

type Bus = Config["bus"];

/** The brokers of bus.brokers: each reachable and new enough, who we are, the topics, and how far the writers are. Changes nothing. */
export async function checkBroker(config: Config): Promise<Finding[]> {
  const { bus, ingest } = config;
  if (bus.kind === "memory") return [say.ok("bus in memory: no broker")];
  const reachable = await Promise.all(bus.brokers.map((broker) => reach(broker, bus)));
  if (reachable.every((one) => one.state === "problem")) return reachable;
  // First as Firstfix itself would speak to them; it also gives the client what it lacks.
  const ours = openBus(config, true, createLogger("bus", "silent"));
  const admin = client(bus).admin();
  try {
    await ours.check();
    await admin.connect();
    const { brokers, controller } = await admin.describeCluster();
    const cluster = controller === null ? say.problem("the cluster has no controller", "Look at the brokers' logs: without one no topic can be made and no leader found.") : say.ok(`${brokers.length} ${brokers.length === 1 ? "broker" : "brokers"} in the cluster${bus.saslMechanism === "none" ? "" : `; ${bus.saslUsername} is known by ${bus.saslMechanism}`}`);
    return [...someReachable(reachable), cluster, ...(await topics(admin, bus, brokers.length, ingest.bodyBytesMax)), ...(await groups(admin, bus))];
  } catch (error) {
    return [...someReachable(reachable), refusal(startError(config, error), bus)];
  } finally {
    await admin.disconnect().catch(() => undefined);
    await ours.close();
  }
}

/** Where another broker answers, one that does not is no problem yet. */
function someReachable(findings: readonly Finding[]): Finding[] {
  return findings.map((one) => (one.state === "problem" ? { ...one, state: "warning" } : one));
}

async function reach(broker: string, { tls }: Bus): Promise<Finding> {
  try {
    const release = await brokerRelease(broker, tls);
    return release.startsWith("older") ? say.problem(`broker ${broker}: Kafka ${release}`, "Kafka 2.3 or newer is needed; Firstfix is tested with 4.") : say.ok(`broker ${broker}: Kafka ${release}`);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const hint = /CERT|TLS|SSL|EPROTO|SELF_SIGNED/i.test(code) ? "Check bus.tls; a private authority is trusted by NODE_EXTRA_CA_CERTS=FILE." : "Is it running, and reachable from here? Check bus.brokers and bus.tls.";
    return say.problem(`broker ${broker}: ${messageOf(error) || code}`, hint);
  }
}

async function topics(admin: Admin, bus: Bus, brokers: number, bodyBytesMax: number): Promise<Finding[]> {
  const names = [bus.tracesTopic, bus.logsTopic, bus.deadLetterTopic];
  const there = new Set(await admin.listTopics());
  const missing = names.filter((name) => !there.has(name)).map((name) => say.warning(`topic ${name} is not there yet`, `It is made at the first start with ${bus.partitions} partitions and ${bus.replication} replicas (bus.partitions, bus.replication), if the user may.`));
  if (bus.replication > brokers) missing.push(say.problem(`bus.replication is ${bus.replication}, but there are ${brokers} brokers`, "Set bus.replication to at most the number of brokers."));
  const present = names.filter((name) => there.has(name));
  if (present.length === 0) return missing;
  const [{ topics: found }, { resources }] = await Promise.all([
    admin.fetchTopicMetadata({ topics: present }),
    // 2: a topic.
    admin.describeConfigs({ includeSynonyms: false, resources: present.map((name) => ({ type: 2, name, configNames: ["min.insync.replicas", "max.message.bytes", "cleanup.policy"] })) }),
  ]);
  return [...missing, ...found.flatMap(({ name, partitions }) => {
    const entries = new Map(resources.find(({ resourceName }) => resourceName === name)?.configEntries.map(({ configName, configValue }) => [configName, configValue]));
    return topic(name, partitions, entries, bodyBytesMax);
  })];
}

function topic(name: string, partitions: readonly { readonly leader: number; readonly replicas: readonly number[]; readonly isr: readonly number[] }[], settings: ReadonlyMap<string, string>, bodyBytesMax: number): Finding[] {
  const leaderless = partitions.filter(({ leader }) => leader < 0).length;
  if (leaderless > 0) return [say.problem(`topic ${name}: ${leaderless} of ${partitions.length} partitions have no leader`, "A broker that holds them is away.")];
  const replicas = Math.min(...partitions.map((one) => one.replicas.length));
  const findings: Finding[] = [];
  const behind = partitions.filter(({ isr, replicas }) => isr.length < replicas.length).length;
  if (behind > 0) findings.push(say.warning(`topic ${name}: ${behind} of ${partitions.length} partitions lack a replica in sync`, "A broker is away or slow."));
  if (replicas < 2) findings.push(say.warning(`topic ${name} has one replica: acknowledged telemetry is gone with that broker's disk`, "In production: three replicas and min.insync.replicas=2."));
  else if (Number(settings.get("min.insync.replicas") ?? 1) < 2) findings.push(say.warning(`topic ${name}: min.insync.replicas is 1: a record may be acknowledged by one broker alone`, "Set min.insync.replicas=2 for the topic."));
  const largest = Number(settings.get("max.message.bytes") ?? Infinity);
  if (largest < bodyBytesMax) findings.push(say.warning(`topic ${name} takes messages of ${largest} bytes, ingest requests of ${bodyBytesMax}`, "Raise max.message.bytes of the topic, or lower ingest.bodyBytesMax: larger requests are refused."));
  if (settings.get("cleanup.policy")?.includes("compact") === true) findings.push(say.problem(`topic ${name} is compacted: a request that was sent again would take the place of others`, "Set cleanup.policy=delete for the topic."));
  return findings.length > 0 ? findings : [say.ok(`topic ${name}: ${partitions.length} partitions, ${replicas} replicas`)];
}

/** Each topic has a group of its own, so that a rebalance of one does not halt the other. */
async function groups(admin: Admin, bus: Bus): Promise<Finding[]> {
  const there = new Set(await admin.listTopics());
  return Promise.all([bus.tracesTopic, bus.logsTopic].filter((name) => there.has(name)).map((name) => group(admin, `${bus.group}.${name}`, name)));
}

async function group(admin: Admin, groupId: string, name: string): Promise<Finding> {
  const [committed, { groups: described }, offsets] = await Promise.all([admin.fetchOffsets({ groupId, topics: [name] }), admin.describeGroups([groupId]), admin.fetchTopicOffsets(name)]);
  const done = new Map(committed[0]?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  const lag = offsets.reduce((sum, { partition, high, low }) => sum + Math.max(0, Number(high) - Math.max(Number(low), done.get(partition) ?? 0)), 0);
  const members = described[0]?.members.length ?? 0;
  if (members === 0) return lag === 0 ? say.ok(`group ${groupId}: no writer runs, nothing waits`) : say.warning(`group ${groupId}: no writer runs, ${lag} records wait`, "Start a writer: firstfix up --role writer.");
  return lag > LAG_RECORDS_MAX ? say.warning(`group ${groupId}: ${members} consumers, ${lag} records behind`, "Start more writers (at most one for each partition), or look for a slow store.") : say.ok(`group ${groupId}: ${members} consumers, ${lag} records behind`);
}

function refusal(error: unknown, bus: Bus): Finding {
  const message = messageOf(error);
  if (error instanceof FirstfixError && error.code === "config.invalid") return say.problem(message, error.hint ?? "");
  if (/authoriz/i.test(message)) return say.problem(`the brokers do not allow it: ${message}`, `Give the user Describe, Read, Write and Create on the topics, and Read on the groups that begin with ${bus.group}.`);
  return say.problem(`the cluster does not answer as it should: ${message}`, "The addresses that brokers advertise must be reachable from here (advertised.listeners).");
}

function client({ brokers, tls, saslMechanism, saslUsername: username, saslPassword: password }: Bus): Kafka {
  const sasl = saslMechanism === "none" ? {} : { sasl: { mechanism: saslMechanism, username, password } as SASLOptions };
  return new Kafka({ clientId: "firstfix-doctor", brokers: [...brokers], ssl: tls, connectionTimeout: ANSWER_MS, requestTimeout: ANSWER_MS, retry: { retries: 1 }, logLevel: logLevel.NOTHING, ...sasl });
}
