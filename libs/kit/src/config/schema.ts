import { z } from "zod";
import { LIMITS, PORTS } from "../limits.ts";

const port = z.number().int().min(0).max(65535);

const repository = z.strictObject({
  url: z.string().min(1).describe("Address as the telemetry names it (vcs.repository.url.full)."),
  path: z.string().min(1).describe("Path of a local clone, bare or not; fixes are committed there on branches."),
  dependencies: z.array(z.string().min(1)).default([]).describe("Folders that the application's code needs and the repository does not hold (node_modules); seen read-only in the sandbox. The first is linked as node_modules."),
  environments: z.array(z.string()).default([]).describe("Environments judged; empty means all."),
});

const ingestKey = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,64}$/).describe("Who sends with it; appears in logs and metrics."),
  key: z.string().min(16).max(256).describe("The secret: sent as `Authorization: Bearer KEY` or `x-firstfix-key: KEY`."),
  recordsPerSecond: z.number().int().min(1).optional().describe("Spans and log records a second; beyond that senders get 429."),
  bytesPerSecond: z.number().int().min(1).optional().describe("Bytes a second after decompression; beyond that senders get 429."),
});

const DAY_MS = 24 * 3600 * 1000;
const days = (value: number) => z.number().int().min(1).max(3650).default(value);

/** The one schema of `firstfix.yaml`. One section per role; each key has its default, its unit and a sentence. */
export const configSchema = z.strictObject({
  data: z.string().min(1).default(".firstfix/data").describe("Folder of the embedded store and of batches on their way into it; one process at a time."),
  log: z.enum(["debug", "info", "warn", "error", "silent"]).default("info").describe("Least severe log line that is written."),
  ingest: z.strictObject({
    host: z.string().default("127.0.0.1").describe("Address that OTLP/HTTP listens on."),
    port: port.default(PORTS.otlpHttp).describe("Port of OTLP/HTTP; 0 picks a free one."),
    grpcPort: port.default(PORTS.otlpGrpc).describe("Port of OTLP/gRPC; 0 picks a free one."),
    keys: z.array(ingestKey).default([]).describe("Keys that senders must give; without any, only loopback addresses may be listened on."),
    corsOrigins: z.array(z.string().min(1)).default([]).describe("Origins of web pages that may send from a browser; * allows all."),
    bodyBytesMax: z.number().int().min(1024).max(1 << 30).default(LIMITS.otlpBodyBytes).describe("Largest request body, before and after decompression, in bytes."),
    inFlightBytesMax: z.number().int().min(1024 * 1024).default(LIMITS.ingestInFlightBytes).describe("Bytes accepted and not yet durable before clients get 429, in bytes."),
    pastMs: z.number().int().min(1000).default(LIMITS.otlpPastMs).describe("Oldest record that is accepted, in milliseconds before now."),
    futureMs: z.number().int().min(0).default(LIMITS.otlpFutureMs).describe("Newest record that is accepted, in milliseconds after now."),
  }).prefault({}),
  writer: z.strictObject({
    batchBytesMax: z.number().int().min(1024).default(LIMITS.batchBytes).describe("A batch is inserted when it reaches this size, in bytes."),
    lingerMs: z.number().int().min(0).max(10_000).default(LIMITS.batchLingerMs).describe("A batch is inserted at the latest after this time, in milliseconds."),
    retryWindowMs: z.number().int().min(0).max(24 * 3600 * 1000).default(LIMITS.retryWindowMs).describe("A request that comes again, byte for byte, within this time is stored once, in milliseconds."),
  }).prefault({}),
  bus: z.strictObject({
    kind: z.enum(["memory", "kafka"]).default("memory").describe("How telemetry goes from ingest to writer: within one process, or through Kafka."),
    brokers: z.array(z.string().min(1)).default([]).describe("Kafka brokers as host:port."),
    tracesTopic: z.string().min(1).default("otlp_spans").describe("Topic of raw OTLP trace requests; the Collector's Kafka exporter has the same default."),
    logsTopic: z.string().min(1).default("otlp_logs").describe("Topic of raw OTLP log requests."),
    deadLetterTopic: z.string().min(1).default("firstfix_dead_letters").describe("Topic of messages that cannot be stored."),
    group: z.string().min(1).default("firstfix-writer").describe("Consumer group of the writers."),
    partitions: z.number().int().min(1).max(1000).default(6).describe("Partitions of a topic that Firstfix has to create."),
    replication: z.number().int().min(1).max(7).default(1).describe("Replicas of a topic that Firstfix has to create; 3 for production."),
    tls: z.boolean().default(false).describe("Whether brokers are spoken to over TLS."),
    saslMechanism: z.enum(["none", "plain", "scram-sha-256", "scram-sha-512"]).default("none").describe("How Firstfix says who it is."),
    saslUsername: z.string().default("").describe("Name for SASL."),
    saslPassword: z.string().default("").describe("Password for SASL; better given by FIRSTFIX_BUS_SASL_PASSWORD."),
  }).prefault({}),
  store: z.strictObject({
    url: z.string().default("").describe("Address of a ClickHouse server such as http://user:password@host:8123/firstfix; empty means the embedded engine in `data`."),
    cluster: z.string().regex(/^\w*$/).default("").describe("Name of the ClickHouse cluster; tables are then replicated and distributed over it. Empty means one server."),
    spansDays: days(30).describe("Spans are kept this long, in days."),
    logsDays: days(30).describe("Log records are kept this long, in days."),
    findingsDays: days(400).describe("Errors, violations and roll-ups are kept this long, in days. The journal is kept for good."),
  }).prefault({}),
  admin: z.strictObject({
    host: z.string().default("127.0.0.1").describe("Address of health and metrics."),
    port: port.default(PORTS.admin).describe("Port of /healthz, /readyz and /metrics; 0 picks a free one."),
  }).prefault({}),
  correlator: z.strictObject({
    pollMs: z.number().int().min(50).default(500).describe("Pause between looks for new batches when no hint comes, in milliseconds."),
    settleMs: z.number().int().min(0).default(2000).describe("A trace counts as complete this long after its last span, in milliseconds."),
    fetchMs: z.number().int().min(0).default(60_000).describe("Pause between fetches of the mirrors of added repositories, in milliseconds; 0 fetches only when a revision is missing."),
    artefacts: z.array(z.string().includes("{revision}")).default([]).describe("Folders of build artefacts with source maps, such as /builds/{service}/{revision}."),
    goodExposureSpansMin: z.number().int().min(1).default(20).describe("A deployment counts as last good for a finding after this many spans without it."),
    suspectScoreMin: z.number().min(0).max(1).default(0.35).describe("Below this score no suspect is named."),
    sprtAlpha: z.number().gt(0).lt(0.5).default(0.01).describe("Chance to call a failed fix held."),
    sprtBeta: z.number().gt(0).lt(0.5).default(0.01).describe("Chance to call a held fix failed."),
  }).prefault({}),
  fixer: z.strictObject({
    enabled: z.boolean().default(true).describe("Whether fixes are proposed at all."),
    sandbox: z.enum(["bubblewrap", "none"]).default("bubblewrap").describe("How code of a repository is confined; none runs it as this user and is for trusted code only."),
    work: z.string().default(".firstfix/work").describe("Folder for checkouts and sandboxes."),
    stepTimeoutMs: z.number().int().min(1000).default(60_000).describe("Longest time for one verification step, in milliseconds."),
    memoryBytesMax: z.number().int().min(64 * 1024 * 1024).default(1024 * 1024 * 1024).describe("Memory of one sandbox, in bytes."),
    candidatesMax: z.number().int().min(1).max(500).default(40).describe("Candidates tried for one incident."),
  }).prefault({}),
  console: z.strictObject({
    host: z.string().default("127.0.0.1").describe("Address that the console listens on."),
    port: port.default(PORTS.console).describe("Port of the console and its API; 0 picks a free one."),
  }).prefault({}),
  repositories: z.array(repository).default([]).describe("Repositories that telemetry may name; others are reported, not read."),
}).superRefine(({ ingest, console, admin, bus, store }, context) => {
  const taken = new Map<number, string>();
  for (const [path, one] of [["ingest.port", ingest.port], ["ingest.grpcPort", ingest.grpcPort], ["console.port", console.port], ["admin.port", admin.port]] as const) {
    const other = one === 0 ? undefined : taken.get(one);
    if (other !== undefined) context.addIssue({ code: "custom", path: path.split("."), message: `${other} is the same; each needs its own` });
    taken.set(one, path);
  }
  // Otherwise records would be acknowledged, and dropped at once as too old.
  for (const key of ["spansDays", "logsDays"] as const) {
    if (store[key] * DAY_MS <= ingest.pastMs) context.addIssue({ code: "custom", path: ["store", key], message: `it must be longer than ingest.pastMs, which is ${(ingest.pastMs / DAY_MS).toFixed(1)} days: raise this, or lower that` });
  }
  if (bus.kind === "kafka" && bus.brokers.length === 0) context.addIssue({ code: "custom", path: ["bus", "brokers"], message: "bus.kind kafka needs at least one broker" });
});

export type Config = z.infer<typeof configSchema>;
export type RepositoryConfig = z.infer<typeof repository>;
