import { z } from "zod";
import { LIMITS, PORTS } from "../limits.ts";

const port = z.number().int().min(0).max(65535);

const repository = z.strictObject({
  url: z.string().min(1).describe("Address as the telemetry names it (vcs.repository.url.full)."),
  path: z.string().min(1).describe("Path of a local clone, bare or not; fixes are committed there on branches."),
  dependencies: z.array(z.string().min(1)).default([]).describe("Folders that the application's code needs and the repository does not hold (node_modules); seen read-only in the sandbox. The first is linked as node_modules."),
  environments: z.array(z.string()).default([]).describe("Environments judged; empty means all."),
});

/** The one schema of `firstfix.yaml`. One section per role; each key has its default, its unit and a sentence. */
export const configSchema = z.strictObject({
  data: z.string().min(1).default(".firstfix/data").describe("Folder of the embedded store; one process at a time."),
  log: z.enum(["debug", "info", "warn", "error", "silent"]).default("info").describe("Least severe log line that is written."),
  ingest: z.strictObject({
    host: z.string().default("127.0.0.1").describe("Address that OTLP/HTTP listens on."),
    port: port.default(PORTS.otlpHttp).describe("Port of OTLP/HTTP; 0 picks a free one."),
    bodyBytesMax: z.number().int().min(1024).max(1 << 30).default(LIMITS.otlpBodyBytes).describe("Largest request body, before and after decompression, in bytes."),
    inFlightBytesMax: z.number().int().min(1024 * 1024).default(LIMITS.ingestInFlightBytes).describe("Bytes accepted and not yet durable before clients get 429, in bytes."),
    pastMs: z.number().int().min(1000).default(LIMITS.otlpPastMs).describe("Oldest record that is accepted, in milliseconds before now."),
    futureMs: z.number().int().min(0).default(LIMITS.otlpFutureMs).describe("Newest record that is accepted, in milliseconds after now."),
  }).prefault({}),
  writer: z.strictObject({
    batchBytesMax: z.number().int().min(1024).default(LIMITS.batchBytes).describe("A batch is inserted when it reaches this size, in bytes."),
    lingerMs: z.number().int().min(0).max(10_000).default(LIMITS.batchLingerMs).describe("A batch is inserted at the latest after this time, in milliseconds."),
  }).prefault({}),
  correlator: z.strictObject({
    pollMs: z.number().int().min(50).default(500).describe("Pause between looks for new batches when no hint comes, in milliseconds."),
    settleMs: z.number().int().min(0).default(2000).describe("A trace counts as complete this long after its last span, in milliseconds."),
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
}).superRefine(({ ingest, console }, context) => {
  if (ingest.port !== 0 && ingest.port === console.port) context.addIssue({ code: "custom", path: ["console", "port"], message: "ingest.port is the same; each needs its own" });
});

export type Config = z.infer<typeof configSchema>;
export type RepositoryConfig = z.infer<typeof repository>;
