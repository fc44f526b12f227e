import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startClickHouseFront, type ClickHouseFront } from "../../harness/clickhouse.ts";
import { GO, startCollector } from "../../harness/collector.ts";
import { eventually } from "../../harness/instance.ts";
import { KAFKA, startKafka, type Kafka } from "../../harness/kafka.ts";
import { describeWith } from "../../harness/requires.ts";
import { Deployment } from "../../harness/role.ts";
import { expectStored } from "./client.ts";
import { goClient } from "./go.ts";
import type { Sent } from "./sent.ts";
import { ofService, read, type Stored } from "./stored.ts";

/** The Collector's exporter with its defaults, but for how it packs its messages and what it takes as their key. */
const EXPORTERS: Readonly<Record<string, object>> = {
  "kafka/defaults": {},
  "kafka/gzip": { producer: { compression: "gzip" } },
  "kafka/snappy": { producer: { compression: "snappy" } },
  "kafka/lz4": { producer: { compression: "lz4" } },
  "kafka/zstd": { producer: { compression: "zstd", required_acks: -1 } },
  "kafka/by-trace": { partition_traces_by_id: true, partition_logs_by_trace_id: true },
};
const WAYS = Object.keys(EXPORTERS);
/** What a user may set by mistake: these topics hold protobuf. */
const JSON_EXPORTER = "kafka/json";
const NEED = { name: GO.there ? KAFKA.name : GO.name, there: GO.there && KAFKA.there, install: GO.there ? KAFKA.install : GO.install };

describeWith(NEED, "the OpenTelemetry Collector filling the Kafka topics itself", () => {
  const sent = new Map<string, Sent>();
  let deployment: Deployment | undefined;
  let kafka: Kafka | undefined;
  let front: ClickHouseFront | undefined;
  let stored: Stored;
  let afterJson: Stored;

  beforeAll(async () => {
    const client = await goClient();
    deployment = new Deployment();
    [kafka, front] = await Promise.all([startKafka(), startClickHouseFront({ folder: join(deployment.folder, "clickhouse") })]);
    const { brokers } = kafka;
    const { url } = front;
    // No ingest at all: the writer walks what it finds.
    const writer = await deployment.start(["writer"], { bus: { kind: "kafka", brokers, partitions: 3 }, store: { url } });
    await writer.ready();
    const through = async (ways: readonly string[], settings: Readonly<Record<string, object>>): Promise<Sent[]> => {
      const collector = await startCollector(Object.fromEntries(ways.map((way) => [way, { brokers, timeout: "60s", ...settings[way] }])));
      try {
        const all: Sent[] = [];
        for (const way of ways) all.push(await client({ service: way, protocol: "http", compression: "gzip" }, collector.urls.get(way) ?? ""));
        return all;
      } finally {
        await collector.stop();
      }
    };
    (await through(WAYS, EXPORTERS)).forEach((one, at) => sent.set(WAYS[at] ?? "", one));
    const [spans, logs] = [[...sent.values()].flatMap((one) => one.spans).length, [...sent.values()].flatMap((one) => one.logs).length];
    stored = await eventually(`${spans} spans and ${logs} log records through Kafka`, 60_000, async () => {
      const now = await read({ url });
      return now.spans.length >= spans && now.logs.length >= logs ? now : null;
    }).catch((error: unknown) => {
      throw new Error(`the writer says:\n${writer.words().slice(-4000)}`, { cause: error });
    });
    await through([JSON_EXPORTER], { [JSON_EXPORTER]: { traces: { encoding: "otlp_json" }, logs: { encoding: "otlp_json" } } });
    afterJson = await eventually("JSON in the topics is set aside", 30_000, async () => {
      const now = await read({ url });
      return new Set(now.deadLetters.map((letter) => letter["topic"])).size === 2 ? now : null;
    });
  }, 900_000);
  afterAll(async () => {
    await deployment?.remove();
    await Promise.all([kafka?.stop(), front?.stop()]);
  });

  it.each(WAYS)("sends by %s what it was sent, and every value is stored as it was", (way) => {
    const its = sent.get(way);
    expect(its).toBeDefined();
    if (its !== undefined) expectStored(stored, way, its);
    expect(ofService(stored, way).spans).toHaveLength(its?.spans.length ?? 0);
  });

  it("is told by dead letters, with the reason, when it writes JSON into them", () => {
    for (const { reason } of afterJson.deadLetters) expect(reason).toContain("set the sender's encoding to otlp_proto");
    expect(ofService(afterJson, JSON_EXPORTER).spans).toEqual([]);
    expect(afterJson.spans).toHaveLength(stored.spans.length);
  });

  it("leaves nothing aside", () => expect(stored.deadLetters).toEqual([]));
});
