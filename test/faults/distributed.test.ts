import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Faults } from "../harness/clickhouse.ts";
import { KAFKA, startKafka, type Kafka } from "../harness/kafka.ts";
import { describeWith } from "../harness/requires.ts";
import { distributed } from "./distributed.ts";
import { stopCleanly } from "./scenario.ts";

const AWAY_MS = 30_000;

describeWith(KAFKA, "roles apart, on Kafka", () => {
  let kafka: Kafka;
  beforeAll(async () => {
    kafka = await startKafka();
  });
  afterAll(() => kafka.stop());

  // They share the broker and nothing else; most of their time is waiting.
  describe.concurrent("one broker", () => {
    it("kill -9 of ingest and of writer, in turn", async () => {
      await distributed("kill -9 of roles", { kafka, memoryMiBMax: 500, ingests: 2 }, async ({ ingests, writers, random, sender }) => {
        const grpc = sender({ urls: ingests.map(({ grpcUrl }) => grpcUrl), grpc: true, timeoutMs: 5000 });
        const senders = [sender({ timeoutMs: 5000 }), grpc];
        senders.forEach((one) => one.start());
        for (const { firstfix } of [...ingests, ...writers, ...writers]) {
          await sleep(500 + random() * 1500);
          await firstfix.kill();
          await firstfix.start();
        }
        await sleep(1000);
        await Promise.all(senders.map((one) => one.stop()));
      });
    });

    it("two writers, one of them killed for good", async () => {
      await distributed("a writer lost", { kafka, memoryMiBMax: 500, writers: 2 }, async ({ writers, random, sender }) => {
        const one = sender();
        one.start();
        await sleep(2000 + random() * 1000);
        await writers[0]?.firstfix.kill();
        await sleep(3000);
        await one.stop();
      });
    });

    it("a writer stalls until the others take it for dead, and wakes up", async () => {
      await distributed("a writer stalled", { kafka, memoryMiBMax: 500, writers: 2 }, async ({ writers, random, sender, settled }) => {
        const one = sender();
        one.start();
        await sleep(2000 + random() * 500);
        writers[0]?.firstfix.signal("SIGSTOP");
        await sleep(2000);
        await one.stop();
        await settled();
        writers[0]?.firstfix.signal("SIGCONT");
        await sleep(3000);
      });
    });

    it("the store is away for 30 s: senders do not notice, and all of it comes", async () => {
      await distributed("Kafka, store away 30 s", { kafka, memoryMiBMax: 500 }, async ({ front, ledger, sender }) => {
        const one = sender();
        one.start();
        await sleep(1000);
        await front.faults({ refuse: true });
        const before = ledger.acknowledgedRecords;
        await sleep(AWAY_MS);
        expect(ledger.acknowledgedRecords).toBeGreaterThan(before);
        await front.faults({});
        await one.stop();
        expect(ledger.refused).toBe(0);
      });
    });

    it("the store is slow, answers 503, hangs, cuts its answers off, is killed, and the writer amid it", async () => {
      await distributed("Kafka, store in trouble", { kafka, memoryMiBMax: 500 }, async ({ front, writers, sender }) => {
        const one = sender();
        one.start();
        const troubles: readonly Faults[] = [{ insertDelayMs: 1000 }, { status: 503 }, { hangMs: 1500 }, { cutAnswers: true }];
        for (const trouble of troubles) {
          await sleep(500);
          await front.faults(trouble);
          await sleep(2000);
          if (trouble.insertDelayMs !== undefined || trouble.cutAnswers === true) await writers[0]?.firstfix.kill();
          await front.faults({});
          if (trouble.insertDelayMs !== undefined || trouble.cutAnswers === true) await writers[0]?.firstfix.start();
        }
        await front.kill();
        await sleep(1000);
        await front.start();
        await sleep(1000);
        await one.stop();
      });
    });

    it("clients send everything twice, and hang up before the answer, while ingest is restarted", async () => {
      await distributed("Kafka, twice", { kafka, memoryMiBMax: 500, ingests: 2 }, async ({ ingests, random, sender }) => {
        const hasty = (attempt: number): number => (attempt === 0 ? 1 + random() * 30 : 10_000);
        const senders = [sender({ twice: true }), sender({ timeoutMs: hasty })];
        senders.forEach((one) => one.start());
        await sleep(1500);
        for (const [index, { firstfix }] of ingests.entries()) {
          if (index === 0) await firstfix.kill();
          else await stopCleanly("ingest", firstfix);
          await firstfix.start();
          await sleep(1000);
        }
        await Promise.all(senders.map((one) => one.stop()));
      });
    });
  });

  it("the broker is stopped and started, then killed and started", async () => {
    await distributed("broker restarted", { kafka, memoryMiBMax: 500 }, async ({ ledger, random, sender }) => {
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
      await sleep(5000);
      expect(ledger.acknowledgedRecords).toBeGreaterThan(before);
      await one.stop();
    });
  });
});

describeWith(KAFKA, "three brokers", () => {
  let kafka: Kafka;
  beforeAll(async () => {
    kafka = await startKafka({ nodes: 3, properties: { "min.insync.replicas": "2" } });
  });
  afterAll(() => kafka.stop());

  it("each is killed in turn, leaders among them", async () => {
    await distributed("leader lost", { kafka, memoryMiBMax: 500, replication: 3 }, async ({ ledger, random, sender }) => {
      const one = sender();
      one.start();
      for (const node of kafka.nodes) {
        await sleep(1500 + random() * 500);
        await node.kill();
        await sleep(2500);
        await node.start();
      }
      const before = ledger.acknowledgedRecords;
      await sleep(3000);
      expect(ledger.acknowledgedRecords).toBeGreaterThan(before);
      await one.stop();
    });
  });
});
