import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createMemoryBus, TOPICS, WALKED_HEADER, type Batch, type Bus, type BusRecord } from "@firstfix/bus";
import { createLogger, FirstfixError, nextBatchId } from "@firstfix/kit";
import { jsonToProtobuf } from "@firstfix/otlp";
import { openStore, select, type Store, type TelemetryBatch } from "@firstfix/store";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createBatchHandler } from "./batch.ts";
import { startWriter } from "./index.ts";
import { writerMetrics } from "./metrics.ts";
import { requestHash } from "./plan.ts";
import { Seen } from "./seen.ts";

const log = createLogger("writer", "silent");
const POISON = Buffer.from("no protobuf at all");
let folder: string;
let store: Store;
let bus: Bus;
let writer: ReturnType<typeof startWriter>;
/** What came to the store, in order. */
let batches: TelemetryBatch[];
/** Thrown by the next inserts, after (true) or before (false) they were carried out. */
let outages: { readonly after: boolean }[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firstfix-writer-"));
  store = await openStore({ path: folder });
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  for (const table of ["spans", "logs", "exposure", "dead_letters", "batches"]) await store.background.command({ query: `TRUNCATE TABLE ${table}` });
  batches = [];
  outages = [];
  bus = createMemoryBus({ retry: { attemptsMax: 3, pauseMs: 1, pauseMsMax: 1 } });
  writer = start();
});
afterEach(async () => {
  await writer.close();
  await bus.close();
});

describe("writer", () => {
  it("makes what was appended together one batch, and hints", async () => {
    const hinted = new Promise<void>((resolve) => bus.onHint(TOPICS.batchInserted, resolve));
    await Promise.all([1, 2, 3].map((number) => append(trace(number))));
    await hinted;
    expect(batches).toHaveLength(1);
    expect(await names()).toEqual(["span 1", "span 2", "span 3"]);
  });

  it("writes logs too, apart from traces", async () => {
    await Promise.all([append(trace(1)), bus.append(TOPICS.logs, [{ value: logs("hello") }])]);
    expect(await select(store.background, "SELECT body FROM logs")).toEqual([{ body: "hello" }]);
    expect(batches.map(({ signal }) => signal).sort()).toEqual(["logs", "traces"]);
  });

  it("refuses poison records alone, keeps them as dead letters, and lets the others land once", async () => {
    const values = Array.from({ length: 9 }, (_, index) => (index === 3 || index === 8 ? poison(index) : trace(index)));
    const outcomes = await Promise.allSettled(values.map(append));
    expect(outcomes.flatMap(({ status }, index) => (status === "rejected" ? [index] : []))).toEqual([3, 8]);
    expect(outcomes[3]).toMatchObject({ reason: { code: "store.rejected", retryable: false } });
    expect(await names()).toEqual([0, 1, 2, 4, 5, 6, 7].map((number) => `span ${number}`));
    expect(new Set(batches.map(({ id, part }) => `${id}:${part}`)).size).toBe(batches.length);
    expect(await select(store.background, "SELECT rows, length(requests) AS requests FROM batches")).toEqual([{ rows: 7, requests: 7 }]);
    const letters = await select(store.background, "SELECT topic, signal, base64Decode(body) AS body, reason FROM dead_letters ORDER BY body");
    expect(letters).toEqual([3, 8].map((index) => ({ topic: TOPICS.traces, signal: "traces", body: `${POISON.toString()}${index}`, reason: expect.stringContaining("cannot read") as string })));
  });

  it("bounds what many poison records cost the others, and sets apart what comes again", async () => {
    const values = [...Array.from({ length: 100 }, (_, index) => poison(index)), trace(1)];
    const outcomes = await Promise.allSettled(values.map(append));
    expect(batches.length).toBeLessThanOrEqual(48);
    const left = values.filter((_, index) => {
      const outcome = outcomes[index];
      return outcome?.status === "rejected" && (outcome.reason as FirstfixError).retryable;
    });
    expect(left.length).toBeGreaterThan(0);
    batches = [];
    const again = Promise.allSettled(left.map(append));
    await append(trace(2));
    // The first insert is that of the record that nobody suspects, alone.
    expect(bytesOf(batches[0]).includes("span 2")).toBe(true);
    expect(bytesOf(batches[0]).includes(POISON)).toBe(false);
    await again;
    for (let round = 0; round < 10 && !(await names()).includes("span 1"); round++) await append(trace(1)).catch(() => undefined);
    expect(await names()).toContain("span 1");
    expect(await names()).toContain("span 2");
  });

  it("keeps a batch's id over retries, so that one that did land is not there twice", async () => {
    outages = [{ after: false }, { after: true }];
    await append(trace(1));
    expect(batches.map(({ id }) => id)).toEqual([batches[0]?.id, batches[0]?.id, batches[0]?.id]);
    expect(await names()).toEqual(["span 1"]);
    expect(await select(store.background, "SELECT sum(spans) AS n FROM exposure")).toEqual([{ n: 1 }]);
  });

  it("inserts no part again when the store fails in the middle of halving", async () => {
    const values = [trace(0), trace(1), POISON, trace(3)];
    const appends = Promise.allSettled(values.map(append));
    // The whole is refused; the first half lands; then the store is away once.
    while (batches.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    outages = [{ after: true }];
    expect((await appends).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    expect(await names()).toEqual(["span 0", "span 1", "span 3"]);
  });

  it("gives a lasting outage back to the sender as retryable", async () => {
    outages = Array.from({ length: 6 }, (_, index) => ({ after: index === 0 }));
    const [one, two] = [trace(1), trace(2)];
    await expect(append(one)).rejects.toMatchObject({ code: "store.unavailable", retryable: true });
    await expect(append(two)).rejects.toMatchObject({ code: "store.unavailable", retryable: true });
    while (outages.length > 0) await sleep(1);
    // Both senders try again; what had landed of the first is not there twice.
    for (const value of [one, two]) while (!(await append(value).then(() => true, () => false))) await sleep(1);
    expect(await names()).toEqual(["span 1", "span 2"]);
  });

  it("stores a request once that comes again, at once or to a writer that was started anew", async () => {
    const [one, two] = [trace(1), trace(2)];
    await Promise.all([append(one), append(one), append(two)]);
    await append(one);
    await writer.close();
    writer = start();
    await Promise.all([append(two), append(trace(3))]);
    expect(await names()).toEqual(["span 1", "span 2", "span 3"]);
    expect(await select(store.background, "SELECT sum(spans) AS n FROM exposure")).toEqual([{ n: 3 }]);
  });

  it("stores a batch once amid which the process was killed", async () => {
    await writer.close();
    await bus.close();
    const spool = join(folder, "spool");
    bus = createMemoryBus({ spool, retry: { attemptsMax: 1, pauseMs: 1, pauseMsMax: 1 } });
    writer = start();
    // It landed, and then nothing more was heard: as when the process is killed between the insert and its completion.
    outages = Array.from({ length: 1000 }, () => ({ after: true }));
    const value = trace(1);
    await expect(append(value)).rejects.toMatchObject({ retryable: true });
    await writer.close();
    await bus.close();
    expect(await select(store.background, "SELECT count() AS n FROM batches")).toEqual([{ n: 0 }]);
    outages = [];
    bus = createMemoryBus({ spool });
    writer = start();
    await append(value);
    expect(await names()).toEqual(["span 1"]);
    expect(await select(store.background, "SELECT topic, rows FROM batches")).toEqual([{ topic: TOPICS.traces, rows: 1 }]);
  });

  it("walks what no ingest has walked: all of it, a part of it, or nothing goes in", async () => {
    const old = trace(2, Date.now() - 3_600_000);
    const values = [trace(1), Buffer.concat([trace(3), old]), Buffer.from("nonsense")];
    const outcomes = await Promise.allSettled(values.map((value) => bus.append(TOPICS.traces, [{ value }])));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(outcomes[2]).toMatchObject({ reason: { code: "otlp.malformed" } });
    expect(await names()).toEqual(["span 1", "span 3"]);
    const reasons = (await select<{ reason: string }>(store.background, "SELECT reason FROM dead_letters")).map(({ reason }) => reason).sort();
    expect(reasons).toHaveLength(2);
    expect(reasons.join()).toMatch(/partial: 1 of 2 records: /);
  });

  it("sets aside what stays undecided where no sender waits, and tells the dead-letter topic of everything", async () => {
    const letters: BusRecord[] = [];
    const keeping = { keeps: true, append: (_topic: string, records: readonly BusRecord[]) => Promise.resolve(void letters.push(...records)) };
    const seen = new Seen(store, "k", 60_000);
    const onInserted = (): void => {};
    const handler = createBatchHandler({ signal: "traces", bus: keeping, store: { ...store, insertBatch }, seen, window: { pastMs: 60_000, futureMs: 60_000 }, metrics: writerMetrics(), log, onInserted });
    const values = [...Array.from({ length: 100 }, (_, index) => poison(index)), trace(1)];
    const batch: Batch = { id: nextBatchId(), topic: "k", partition: 3, redelivered: false, records: values.map((value, index) => ({ ...walked(value), offset: BigInt(index) })) };
    await handler(batch).catch(() => undefined);
    const stored = await names();
    expect(letters.length + stored.length).toBe(values.length);
    expect(letters[0]).toMatchObject({ headers: { topic: "k", partition: "3" } });
    // Handled again, as after a crash: nothing is written twice.
    await handler({ ...batch, redelivered: true }).catch(() => undefined);
    expect(await select(store.background, "SELECT count() AS n, any(partition) AS partition FROM dead_letters FINAL")).toEqual([{ n: values.length - stored.length, partition: 3 }]);
    expect(await names()).toEqual(stored);
  });

  it("sets aside what the dead-letter topic is too small for, says what landed before anything else, and does not stall", async () => {
    const letters: BusRecord[] = [];
    let away = true;
    const append = (_topic: string, records: readonly BusRecord[]): Promise<void> => {
      if (away) return Promise.reject(new FirstfixError("bus.unavailable", "away", { retryable: true }));
      if ((records[0]?.value.byteLength ?? 0) > 0) return Promise.reject(new FirstfixError("otlp.too_large", "the topic does not take a message of this size"));
      return Promise.resolve(void letters.push(...records));
    };
    const [seen, again] = [new Seen(store, "d", 60_000), new Seen(store, "d", 60_000)];
    const handlerOf = (one: Seen) => createBatchHandler({ signal: "traces", bus: { keeps: true, append }, store: { ...store, insertBatch }, seen: one, window: { pastMs: 60_000, futureMs: 60_000 }, metrics: writerMetrics(), log, onInserted: () => {} });
    const batch: Batch = { id: nextBatchId(), topic: "d", partition: 0, redelivered: false, records: [trace(1), poison(1), trace(2)].map((value, index) => ({ ...walked(value), offset: BigInt(index) })) };
    await expect(handlerOf(seen)(batch)).rejects.toMatchObject({ retryable: true });
    expect(await select(store.background, "SELECT rows FROM batches")).toEqual([{ rows: 2 }]);
    // The writer dies here; another one has the batch again, long after the store forgot its tokens.
    away = false;
    batches = [];
    await handlerOf(again)({ ...batch, redelivered: true }).catch(() => undefined);
    expect(Buffer.concat(batches.map(bytesOf)).includes("span ")).toBe(false);
    expect(await names()).toEqual(["span 1", "span 2"]);
    expect(letters).toMatchObject([{ headers: { topic: "d", body: "in table dead_letters only" } }]);
    expect(await select(store.background, "SELECT base64Decode(body) AS body FROM dead_letters FINAL")).toEqual([{ body: `${POISON.toString()}1` }]);
  });
});

function start(): ReturnType<typeof startWriter> {
  const window = { pastMs: 60_000, futureMs: 60_000 };
  return startWriter({ config: { batchBytesMax: 1024 * 1024, lingerMs: 30, retryWindowMs: 60_000 }, window, bus, store: { ...store, insertBatch }, log });
}

/** The real store, that is away at times. */
async function insertBatch(batch: TelemetryBatch): Promise<void> {
  batches.push(batch);
  const outage = outages.shift();
  if (outage?.after !== false) await store.insertBatch(batch);
  if (outage !== undefined) throw new FirstfixError("store.unavailable", "away", { retryable: true });
}

function bytesOf(batch: TelemetryBatch | undefined): Buffer {
  return Buffer.concat([batch?.body ?? []].flat());
}

/** As ingest appends what it has walked. */
function append(value: Uint8Array): Promise<void> {
  return bus.append(TOPICS.traces, [walked(value)]);
}

function walked(value: Uint8Array): BusRecord {
  return { key: requestHash(value), value, headers: { [WALKED_HEADER]: `1,${Date.now()},${Date.now()}` } };
}

async function names(): Promise<string[]> {
  return (await select<{ name: string }>(store.background, "SELECT name FROM spans ORDER BY name")).map(({ name }) => name);
}

function poison(number: number): Buffer {
  return Buffer.concat([POISON, Buffer.from(String(number))]);
}

function trace(number: number, at = Date.now()): Uint8Array {
  const time = String(BigInt(at) * 1_000_000n);
  const span = { traceId: "a1".repeat(16), spanId: "b2".repeat(8), name: `span ${number}`, startTimeUnixNano: time, endTimeUnixNano: time };
  return jsonToProtobuf("traces", Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })));
}

function logs(text: string): Uint8Array {
  const record = { timeUnixNano: String(BigInt(Date.now()) * 1_000_000n), body: { stringValue: text } };
  return jsonToProtobuf("logs", Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })));
}
