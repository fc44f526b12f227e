import { afterAll, beforeAll, expect, it } from "vitest";
import { GO, startCollector } from "../../harness/collector.ts";
import { startInstance, type Instance } from "../../harness/instance.ts";
import { describeWith } from "../../harness/requires.ts";
import { expectStored } from "./client.ts";
import { goClient } from "./go.ts";
import type { Sent } from "./sent.ts";
import { stopAndRead, type Stored } from "./stored.ts";

/** On a busy machine; the usual 5 s, and then what is being retried when it is stopped is dropped. */
const patient = { timeout: "60s" };
/** How the Collector sends on: one pipeline each, with a receiver of its own. */
const exporters = ({ ingestUrl, grpcAddress }: Instance): Record<string, object> => ({
  "otlphttp/protobuf": { ...patient, endpoint: ingestUrl },
  "otlphttp/zstd": { ...patient, endpoint: ingestUrl, compression: "zstd" },
  "otlphttp/deflate": { ...patient, endpoint: ingestUrl, compression: "deflate" },
  "otlphttp/json": { ...patient, endpoint: ingestUrl, encoding: "json", compression: "none" },
  "otlp/grpc": { ...patient, endpoint: grpcAddress, tls: { insecure: true } },
  "otlp/grpc-plain": { ...patient, endpoint: grpcAddress, tls: { insecure: true }, compression: "none" },
});
const WAYS = ["otlphttp/protobuf", "otlphttp/zstd", "otlphttp/deflate", "otlphttp/json", "otlp/grpc", "otlp/grpc-plain"];

describeWith(GO, "the OpenTelemetry Collector", () => {
  const sent = new Map<string, Sent>();
  let instance: Instance | undefined;
  let stored: Stored;

  beforeAll(async () => {
    const client = await goClient();
    instance = await startInstance();
    const collector = await startCollector(exporters(instance));
    try {
      for (const way of WAYS) sent.set(way, await client({ service: way, protocol: "http", compression: "gzip" }, collector.urls.get(way) ?? ""));
    } finally {
      await collector.stop();
    }
    stored = await stopAndRead(instance);
  }, 900_000);
  afterAll(() => instance?.remove());

  it.each(WAYS)("sends on by %s what it was sent, and every value is stored as it was", (way) => {
    const its = sent.get(way);
    expect(its).toBeDefined();
    if (its !== undefined) expectStored(stored, way, its);
  });

  it("leaves nothing aside", () => expect(stored.deadLetters).toEqual([]));
});
