import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Bus } from "@firstfix/bus";
import { KAFKA, startKafka, type Kafka } from "../../harness/kafka.ts";
import { describeWith } from "../../harness/requires.ts";
import { behind, busesOn, CONSUME, until } from "./support.ts";

/** Appends without pause from several senders, each trying again until its record is acknowledged, as clients do. */
class Senders {
  readonly acknowledged = new Set<string>();
  readonly slowest = { ms: 0 };
  refused = 0;
  #stop = false;
  readonly #done: Promise<unknown>;

  constructor(bus: Bus, topic: string) {
    const one = async (sender: number): Promise<void> => {
      for (let number = 0; !this.#stop; ) {
        const name = `${sender}/${number}`;
        const startedAt = performance.now();
        try {
          await bus.append(topic, [{ key: name, value: Buffer.from(name.padEnd(500)) }]);
          this.acknowledged.add(name);
          number += 1;
        } catch (error) {
          expect(error).toMatchObject({ code: "bus.unavailable", retryable: true, hint: expect.stringContaining("bus.brokers") as string });
          this.refused += 1;
        }
        this.slowest.ms = Math.max(this.slowest.ms, performance.now() - startedAt);
        await sleep(10);
      }
    };
    this.#done = Promise.all([0, 1, 2].map(one));
  }

  async stop(): Promise<void> {
    this.#stop = true;
    await this.#done;
  }
}

describeWith(KAFKA, "a broker goes and comes back", () => {
  let kafka: Kafka;
  let closeAll = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    kafka = await startKafka();
  });
  afterEach(() => closeAll());
  afterAll(() => kafka.stop());

  it("and nothing acknowledged is lost, nobody waits for longer than the bound, and all goes on by itself", async () => {
    const buses = busesOn(kafka, { partitions: 2 });
    closeAll = () => buses.closeAll();
    const bus = buses.open();
    const got = new Map<string, number>();
    bus.consume(buses.topic, { ...CONSUME, batchBytesMax: 20_000 }, ({ records }) => {
      for (const { value } of records) {
        const name = Buffer.from(value).toString().trim();
        got.set(name, (got.get(name) ?? 0) + 1);
      }
      return Promise.resolve();
    });
    await bus.append(buses.topic, [{ value: Buffer.from("first") }]);
    await until("the first came", () => got.has("first"));
    const senders = new Senders(bus, buses.topic);
    await sleep(500);
    await kafka.nodes[0]?.kill();
    await expect(bus.check()).rejects.toMatchObject({ code: "bus.unavailable", hint: expect.any(String) as string });
    await sleep(9000);
    const before = senders.acknowledged.size;
    await kafka.nodes[0]?.start();
    await until("appends go through again", () => senders.acknowledged.size > before + 20);
    await bus.check();
    await kafka.nodes[0]?.stop();
    await kafka.nodes[0]?.start();
    const again = senders.acknowledged.size;
    await until("appends go through again", () => senders.acknowledged.size > again + 20);
    await senders.stop();
    await until("all came", () => [...senders.acknowledged].every((name) => got.has(name)));
    await until("nothing is behind", async () => (await behind(bus)) === 0);
    expect(senders.refused).toBeGreaterThan(0);
    expect(senders.slowest.ms).toBeLessThan(9000);
  });
});

describeWith(KAFKA, "of three brokers the leader is killed", () => {
  let kafka: Kafka;
  let closeAll = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    kafka = await startKafka({ nodes: 3 });
  });
  afterEach(() => closeAll());
  afterAll(() => kafka.stop());

  it("one after another, and nothing acknowledged is lost", async () => {
    const buses = busesOn(kafka, { partitions: 3, replication: 3 });
    closeAll = () => buses.closeAll();
    const [sending, receiving] = [buses.open(), buses.open()];
    const got = new Set<string>();
    receiving.consume(buses.topic, { ...CONSUME, batchBytesMax: 20_000 }, ({ records }) => {
      for (const { value } of records) got.add(Buffer.from(value).toString().trim());
      return Promise.resolve();
    });
    const senders = new Senders(sending, buses.topic);
    await until("it goes", () => senders.acknowledged.size > 50);
    for (const node of kafka.nodes) {
      await node.kill();
      await sleep(500);
      const size = senders.acknowledged.size;
      await until("appends go through without it", () => senders.acknowledged.size > size + 50);
      await node.start();
      await sleep(2000);
    }
    await senders.stop();
    await until("all came", () => [...senders.acknowledged].every((name) => got.has(name)));
    await until("nothing is behind", async () => (await behind(receiving)) === 0);
  });
});
