import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { FirstfixError } from "@firstfix/kit";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { KAFKA, startKafka, type Kafka } from "../../harness/kafka.ts";
import { describeWith } from "../../harness/requires.ts";
import { behind, busesOn, CONSUME, seen, until, type Seen } from "./support.ts";

describeWith(KAFKA, "batches on Kafka keep their identity", () => {
  let kafka: Kafka;
  let closeAll = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    kafka = await startKafka();
  });
  afterEach(() => closeAll());
  afterAll(() => kafka.stop());

  it("over kill -9 between handing over and commit", async () => {
    const buses = busesOn(kafka);
    closeAll = () => buses.closeAll();
    const bus = buses.open();
    await bus.append(buses.topic, Array.from({ length: 30 }, (_, index) => ({ key: "k", value: Buffer.from(`${index}`.padEnd(100, ".")) })));
    const first = await killedAmid(kafka, buses.topic);
    expect(first).toMatchObject({ redelivered: false });
    // A second one dies over it as well, with more records behind it.
    await bus.append(buses.topic, [{ key: "k", value: Buffer.from("later") }]);
    const second = await killedAmid(kafka, buses.topic);
    expect(second).toEqual({ ...first, redelivered: true });
    const batches: Seen[] = [];
    bus.consume(buses.topic, CONSUME, (batch) => Promise.resolve(void batches.push(seen(batch))));
    await until("all are handled", () => batches.flatMap(({ values }) => values).length === 31);
    expect(batches[0]).toEqual({ ...first, redelivered: true });
    expect(batches.slice(1).every(({ redelivered }) => !redelivered)).toBe(true);
    expect(batches.flatMap(({ offsets }) => offsets)).toEqual(Array.from({ length: 31 }, (_, index) => String(index)));
    await until("nothing is behind", async () => (await behind(bus)) === 0);
  });

  it("over rebalances, while consumers come and go and batches fail", async () => {
    const buses = busesOn(kafka, { partitions: 4 });
    closeAll = () => buses.closeAll();
    const handed: Seen[] = [];
    const handled = new Set<string>();
    const consumer = (): ReturnType<typeof buses.open> => {
      const bus = buses.open();
      bus.consume(buses.topic, { ...CONSUME, batchBytesMax: 400 }, async (batch) => {
        handed.push(seen(batch));
        await sleep(Math.random() * 30);
        if (Math.random() < 0.2) throw new FirstfixError("store.unavailable", "later", { retryable: true });
        for (const { value } of batch.records) handled.add(Buffer.from(value).toString());
      });
      return bus;
    };
    const sender = buses.open();
    let sent = 0;
    const send = async (count: number): Promise<void> => {
      for (const end = sent + count; sent < end; sent += 1) await sender.append(buses.topic, [{ key: String(sent % 50), value: Buffer.from(`record ${sent}`.padEnd(40)) }]);
    };
    consumer();
    await send(150);
    const second = consumer();
    await send(150);
    await sleep(1500);
    await second.close();
    const third = consumer();
    await send(150);
    await until("all are handled", () => handled.size === sent);
    await until("nothing is behind", async () => (await behind(third)) === 0);
    // One id, one content; one record, one id.
    const byId = new Map<string, string>();
    const byRecord = new Map<string, string>();
    for (const { id, partition, offsets } of handed) {
      const content = `${partition}:${offsets.join()}`;
      expect(byId.get(id) ?? content).toBe(content);
      byId.set(id, content);
      for (const offset of offsets) {
        expect(byRecord.get(`${partition}:${offset}`) ?? id).toBe(id);
        byRecord.set(`${partition}:${offset}`, id);
      }
    }
    expect(byRecord.size).toBe(sent);
  });

  it("finishes and commits the batch in hand when it is closed", async () => {
    const buses = busesOn(kafka);
    closeAll = () => buses.closeAll();
    const bus = buses.open();
    let release = (): void => {};
    let handedOver = 0;
    bus.consume(buses.topic, CONSUME, () => {
      handedOver += 1;
      return new Promise((resolve) => (release = resolve));
    });
    await bus.append(buses.topic, [{ key: "k", value: Buffer.from("1") }]);
    await until("it is in hand", () => handedOver === 1);
    await bus.append(buses.topic, [{ key: "k", value: Buffer.from("2") }]);
    const closing = bus.close();
    await sleep(100);
    release();
    await closing;
    expect(handedOver).toBe(1);
    const batches: Seen[] = [];
    const next = buses.open();
    next.consume(buses.topic, CONSUME, (batch) => Promise.resolve(void batches.push(seen(batch))));
    await until("the rest is handled", () => batches.length > 0);
    expect(batches).toMatchObject([{ redelivered: false, values: ["2"] }]);
  });
});

/** What a consumer was handed before it was killed. */
async function killedAmid(kafka: Kafka, topic: string): Promise<Seen> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "child.ts"), kafka.brokers.join(), topic], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    return JSON.parse(line) as Seen;
  } finally {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}
