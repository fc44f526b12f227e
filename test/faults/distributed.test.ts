import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Faults } from "../harness/clickhouse.ts";
import { KAFKA, startKafka, type Kafka } from "../harness/kafka.ts";
import { describeWith } from "../harness/requires.ts";
import { distributed } from "./distributed.ts";
import { stopCleanly } from "./scenario.ts";
import { until } from "./until.ts";

const AWAY_MS = 30_000;
const BODY_BYTES_MAX = 20 * 1024 * 1024;

describeWith(KAFKA, "roles apart, on Kafka", () => {
  let kafka: Kafka;
  beforeAll(async () => {
    kafka = await startKafka();
  });
  afterAll(() => kafka.stop());

  // They share the broker and nothing else; most of their time is waiting.
  describe.concurrent("one broker", () => {
    it("kill -9 of ingest and of writer in turn, while clients send everything twice or hang up before the answer", async () => {
      await distributed("kill -9 of roles", { kafka, memoryMiBMax: 500, ingests: 2 }, async ({ ingests, writers, random, sender }) => {
        const hasty = (attempt: number): number => (attempt === 0 ? 1 + random() * 30 : 5000);
        const grpc = { urls: ingests.map(({ grpcUrl }) => grpcUrl), grpc: true };
        const senders = [sender({ timeoutMs: 5000, twice: true }), sender({ timeoutMs: hasty }), sender({ ...grpc, timeoutMs: 5000 })];
        senders.forEach((one) => one.start());
        for (const { firstfix } of [...ingests, ...writers, ...writers]) {
          await sleep(500 + random() * 1500);
          await firstfix.kill();
          await firstfix.start();
        }
        for (const { firstfix } of [...ingests, ...writers]) {
          await sleep(500);
          await stopCleanly("under load", firstfix);
          await firstfix.start();
        }
        await Promise.all(senders.map((one) => one.stop()));
      });
    });

    it("of three writers one is killed for good, and one stalls until it is taken for dead, and wakes up", async () => {
      await distributed("writers lost", { kafka, memoryMiBMax: 500, writers: 3 }, async ({ writers: [first, second], random, sender, settled }) => {
        const one = sender({ connections: 2 });
        one.start();
        await sleep(2000 + random() * 1000);
        await first?.firstfix.kill();
        await sleep(1000 + random() * 1000);
        second?.firstfix.signal("SIGSTOP");
        await sleep(2000);
        await one.stop();
        await settled();
        second?.firstfix.signal("SIGCONT");
        await sleep(3000);
      });
    });

    it("the store is away for 30 s: senders do not notice, and all of it comes", async () => {
      await distributed("store away 30 s", { kafka, memoryMiBMax: 500 }, async ({ front, ledger, sender }) => {
        const one = sender({ connections: 2 });
        one.start();
        await sleep(1000);
        await front.faults({ refuse: true });
        const before = ledger.acknowledgedRecords;
        await sleep(AWAY_MS);
        expect(ledger.acknowledgedRecords).toBeGreaterThan(before);
        await front.faults({});
        await one.stop();
        expect({ full: ledger.refusals.get("429"), away: ledger.refusals.get("503") }).toEqual({ full: undefined, away: undefined });
      });
    });

    it("the store is slow, answers 503, hangs, cuts its answers off, is killed, and the writer amid it", async () => {
      await distributed("store in trouble, on Kafka", { kafka, memoryMiBMax: 900 }, async ({ front, telemetry, writers: [writer], sender }) => {
        const one = sender({ connections: 2 });
        one.start();
        // The largest body is one message, and waits out the same troubles.
        const large = sender({ timeoutMs: 30_000 });
        expect(await large.deliver(telemetry.makeOfSize({ signal: "traces", records: 5000 }, BODY_BYTES_MAX))).toBe(true);
        const troubles: readonly { readonly faults: Faults; readonly kill: boolean }[] = [
          { faults: { insertDelayMs: 1000 }, kill: true },
          { faults: { status: 503 }, kill: false },
          { faults: { hangMs: 1500 }, kill: false },
          { faults: { cutAnswers: true }, kill: true },
        ];
        for (const { faults, kill } of troubles) {
          await sleep(500);
          await front.faults(faults);
          await sleep(2000);
          if (kill) await writer?.firstfix.kill();
          await front.faults({});
          if (kill) await writer?.firstfix.start();
        }
        await front.kill();
        await sleep(1000);
        await front.start();
        await sleep(1000);
        await one.stop();
      });
    });
  });
});

// One after another: starting a broker takes a whole core for seconds.
describeWith(KAFKA, "brokers, each scenario with its own", () => {
  it("the only one is stopped and started, then killed and started", async () => {
    await withKafka({ nodes: 1 }, (kafka) =>
      distributed("broker restarted", { kafka, memoryMiBMax: 500 }, async ({ ledger, random, sender }) => {
        const [node] = kafka.nodes;
        const one = sender();
        one.start();
        for (const end of ["stop", "kill"] as const) {
          await sleep(1500 + random() * 500);
          await node?.[end]();
          await sleep(1500);
          await node?.start();
        }
        const before = ledger.acknowledgedRecords;
        await until("it goes on", () => ledger.acknowledgedRecords > before);
        await one.stop();
      }),
    );
  });

  it("of three each is killed in turn, leaders among them", async () => {
    await withKafka({ nodes: 3, properties: { "min.insync.replicas": "2" } }, (kafka) =>
      distributed("leader lost", { kafka, memoryMiBMax: 500, replication: 3 }, async ({ ledger, random, sender }) => {
        const one = sender();
        one.start();
        for (const node of kafka.nodes) {
          await sleep(1500 + random() * 500);
          await node.kill();
          await sleep(2500);
          await node.start();
        }
        const before = ledger.acknowledgedRecords;
        await until("it goes on", () => ledger.acknowledgedRecords > before);
        await one.stop();
      }),
    );
  });
});

async function withKafka(options: Parameters<typeof startKafka>[0], use: (kafka: Kafka) => Promise<void>): Promise<void> {
  const kafka = await startKafka(options);
  try {
    await use(kafka);
  } finally {
    await kafka.stop();
  }
}
