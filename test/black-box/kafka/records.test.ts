import { randomBytes } from "node:crypto";
import { BatchError, type Delivered } from "@firstfix/bus";
import { createLogger, FirstfixError } from "@firstfix/kit";
import kafkajs from "kafkajs";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { KAFKA, startKafka, type Kafka } from "../../harness/kafka.ts";
import { describeWith } from "../../harness/requires.ts";
import { behind, busesOn, CONSUME, seen, until, type Seen } from "./support.ts";

describeWith(KAFKA, "records on Kafka", () => {
  let kafka: Kafka;
  let raw: kafkajs.Kafka;
  let closeAll = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    kafka = await startKafka();
    raw = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING });
  });
  afterEach(() => closeAll());
  afterAll(() => kafka.stop());

  it("may be as large as the largest body, and many at once", async () => {
    const buses = busesOn(kafka);
    closeAll = () => buses.closeAll();
    const bus = buses.open();
    const sent = [randomBytes(20 * 1024 * 1024), randomBytes(1000), ...Array.from({ length: 20 }, () => randomBytes(512 * 1024))];
    const got: Delivered[] = [];
    bus.consume(buses.topic, { ...CONSUME, batchBytesMax: 16 * 1024 * 1024 }, ({ records }) => Promise.resolve(void got.push(...records)));
    await Promise.all(sent.map((value) => bus.append(buses.topic, [{ key: "k", value }])));
    await until("all came", () => got.length === sent.length);
    expect(got.map(({ value }, index) => sent[index]?.equals(value))).toEqual(sent.map(() => true));
  });

  it("beyond the topic's largest are refused for good, and hold up nothing", async () => {
    const buses = busesOn(kafka, { messageBytesMax: 2000 });
    closeAll = () => buses.closeAll();
    const bus = buses.open();
    const outcomes = await Promise.allSettled([500, 3000, 1200, 1200].map((bytes) => bus.append(buses.topic, [{ key: "k", value: randomBytes(bytes) }])));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect((outcomes[1] as PromiseRejectedResult).reason).toMatchObject({ code: "otlp.too_large", retryable: false });
  });

  it.each(["none", "gzip", "zstd"] as const)("go through with compression %s", async (compression) => {
    const buses = busesOn(kafka, { compression });
    closeAll = () => buses.closeAll();
    const bus = buses.open();
    const batches: Seen[] = [];
    bus.consume(buses.topic, CONSUME, (batch) => Promise.resolve(void batches.push(seen(batch))));
    await bus.append(buses.topic, [{ value: Buffer.from("1") }, { value: Buffer.from("2") }]);
    await until("all came", () => batches.flatMap(({ values }) => values).length === 2);
  });

  it("of others come without key, with no value, and with their headers", async () => {
    const buses = busesOn(kafka);
    closeAll = () => buses.closeAll();
    const bus = buses.open();
    await bus.append(buses.topic, [{ value: Buffer.from("own") }]);
    const producer = raw.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({ topic: buses.topic, messages: [{ value: "foreign" }, { key: "k", value: null, headers: { a: Buffer.from("ä"), many: ["x", "y"] } }] });
    await producer.disconnect();
    const got: Delivered[] = [];
    bus.consume(buses.topic, CONSUME, ({ records }) => Promise.resolve(void got.push(...records)));
    await until("all came", () => got.length === 3);
    expect(got.map(({ key, headers, value }) => ({ key, headers, value: Buffer.from(value).toString() }))).toEqual([
      { key: undefined, headers: undefined, value: "own" },
      { key: undefined, headers: undefined, value: "foreign" },
      { key: "k", headers: { a: "ä", many: "x" }, value: "" },
    ]);
  });

  it("that fail for good are passed over, and the others committed", async () => {
    const buses = busesOn(kafka);
    closeAll = () => buses.closeAll();
    const bus = buses.open();
    const batches: Seen[] = [];
    bus.consume(buses.topic, CONSUME, (batch) => {
      batches.push(seen(batch));
      const bad = new FirstfixError("store.rejected", "bad");
      return batches.length === 1 ? Promise.reject(new BatchError(new Map([[0, bad]]))) : batches.length === 2 ? Promise.reject(bad) : Promise.resolve();
    });
    for (const value of ["1", "2", "3"]) {
      await bus.append(buses.topic, [{ key: "k", value: Buffer.from(value) }]);
      await until("it is committed", async () => batches.length === Number(value) && (await behind(bus)) === 0);
    }
    expect(batches.map(({ values }) => values)).toEqual([["1"], ["2"], ["3"]]);
    await bus.close();
    const again: Seen[] = [];
    const next = buses.open();
    next.consume(buses.topic, CONSUME, (batch) => Promise.resolve(void again.push(seen(batch))));
    await next.append(buses.topic, [{ key: "k", value: Buffer.from("4") }]);
    await until("the next comes", () => again.length > 0);
    expect(again).toMatchObject([{ redelivered: false, values: ["4"] }]);
  });

  it("of one partition wait for its store, those of another do not", async () => {
    const buses = busesOn(kafka, { partitions: 2 });
    closeAll = () => buses.closeAll();
    const bus = buses.open();
    let away = true;
    const handled: Seen[] = [];
    const tried: Seen[] = [];
    bus.consume(buses.topic, { ...CONSUME, batchBytesMax: 20 }, (batch) => {
      if (batch.partition === 0) tried.push(seen(batch));
      if (away && batch.partition === 0) return Promise.reject(new FirstfixError("store.unavailable", "away", { retryable: true }));
      return Promise.resolve(void handled.push(seen(batch)));
    });
    for (let index = 0; index < 100; index += 1) await bus.append(buses.topic, [{ key: String(index), value: Buffer.from(`${index}`.padStart(10)) }]);
    const count = (partition: number): number => handled.filter((one) => one.partition === partition).flatMap(({ values }) => values).length;
    // Longer than a session: heartbeats have to go on while the partition is held.
    await new Promise((resolve) => setTimeout(resolve, 8000));
    expect(count(1)).toBeGreaterThan(20);
    expect(new Set(tried.map(({ id }) => id)).size).toBe(1);
    away = false;
    await until("all are handled", () => count(0) + count(1) === 100);
    expect(handled.some(({ redelivered }) => redelivered)).toBe(false);
  });

  it("that retention removed are said and passed over, before and while it consumes", async () => {
    const said: string[] = [];
    const log = Object.assign(createLogger("bus", "silent"), { error: ({ from, to }: { readonly from: string; readonly to: string }) => void said.push(`${from}-${to}`) });
    const buses = busesOn(kafka, { log });
    closeAll = () => buses.closeAll();
    const bus = buses.open();
    const send = (from: number, to: number): Promise<void> => bus.append(buses.topic, Array.from({ length: to - from }, (_, index) => ({ key: "k", value: Buffer.from(`${from + index}`.padEnd(1000)) })));
    const admin = raw.admin();
    const remove = (before: number): Promise<void> => admin.deleteTopicRecords({ topic: buses.topic, partitions: [{ partition: 0, offset: String(before) }] });
    await admin.connect();
    // kafkajs knows a topic only once it was asked about.
    await send(0, 10);
    await admin.fetchTopicOffsets(buses.topic);
    await remove(5);
    const offsets: number[] = [];
    let release: (() => void) | null = null;
    bus.consume(buses.topic, CONSUME, async ({ records }) => {
      offsets.push(...records.map(({ offset }) => Number(offset)));
      if (records.some(({ offset }) => offset === 10n)) await new Promise<void>((resolve) => (release = resolve));
    });
    await until("the first came", () => offsets.length === 5);
    await send(10, 20);
    await until("one is held", () => release !== null);
    // Enough waits, so it fetches no more; what comes and goes now is never seen.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await send(20, 40);
    await remove(35);
    (release as unknown as () => void)();
    await until("the last came", () => offsets.includes(39));
    expect(offsets).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 35, 36, 37, 38, 39]);
    expect(said).toEqual(["20-35"]);
    await until("nothing is behind", async () => (await behind(bus)) === 0);
    await send(40, 50);
    await until("all came", () => offsets.includes(49));
    await bus.close();
    const next = buses.open();
    await next.append(buses.topic, Array.from({ length: 10 }, () => ({ key: "k", value: Buffer.from("x") })));
    await remove(55);
    await admin.disconnect();
    next.consume(buses.topic, CONSUME, ({ records }) => Promise.resolve(void offsets.push(...records.map(({ offset }) => Number(offset)))));
    await until("the rest came", () => offsets.includes(59));
    expect(offsets.slice(offsets.indexOf(49) + 1)).toEqual([55, 56, 57, 58, 59]);
    expect(said).toEqual(["20-35", "50-55"]);
  });
});
