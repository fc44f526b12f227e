import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryBus, TOPICS, type Bus } from "@firstfix/bus";
import { createLogger, FirstfixError } from "@firstfix/kit";
import { jsonToProtobuf } from "@firstfix/otlp";
import { openStore, select, type Store, type TelemetryBatch } from "@firstfix/store";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startWriter } from "./index.ts";

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
  for (const table of ["spans", "logs", "exposure", "dead_letters"]) await store.background.command({ query: `TRUNCATE TABLE ${table}` });
  batches = [];
  outages = [];
  bus = createMemoryBus({ retry: { attemptsMax: 3, pauseMs: 1, pauseMsMax: 1 } });
  writer = startWriter({ config: { batchBytesMax: 1024 * 1024, lingerMs: 30 }, bus, store: { ...store, insertBatch }, log });
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
    const values = Array.from({ length: 9 }, (_, index) => (index === 3 || index === 8 ? POISON : trace(index)));
    const outcomes = await Promise.allSettled(values.map(append));
    expect(outcomes.flatMap(({ status }, index) => (status === "rejected" ? [index] : []))).toEqual([3, 8]);
    expect(outcomes[3]).toMatchObject({ reason: { code: "store.rejected", retryable: false } });
    expect(await names()).toEqual([0, 1, 2, 4, 5, 6, 7].map((number) => `span ${number}`));
    expect(new Set(batches.map(({ id }) => id)).size).toBe(batches.length);
    const letters = await select(store.background, "SELECT topic, bytes, base64Decode(body) AS body, reason FROM dead_letters");
    expect(letters).toEqual([0, 1].map(() => ({ topic: TOPICS.traces, bytes: POISON.length, body: POISON.toString(), reason: expect.stringContaining("cannot read") as string })));
  });

  it("bounds what many poison records cost the others, and sets apart what comes again", async () => {
    const values = [...Array.from({ length: 100 }, (_, index) => Buffer.concat([POISON, Buffer.from(String(index))])), trace(1)];
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
    expect(Buffer.from(batches[0]?.body ?? []).includes("span 2")).toBe(true);
    expect(Buffer.from(batches[0]?.body ?? []).includes(POISON)).toBe(false);
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
    outages = [{ after: false }, { after: false }, { after: false }];
    await expect(append(trace(1))).rejects.toMatchObject({ code: "store.unavailable", retryable: true });
    await append(trace(2));
    expect(await names()).toEqual(["span 2"]);
  });
});

/** The real store, that is away at times. */
async function insertBatch(batch: TelemetryBatch): Promise<void> {
  batches.push(batch);
  const outage = outages.shift();
  if (outage?.after !== false) await store.insertBatch(batch);
  if (outage !== undefined) throw new FirstfixError("store.unavailable", "away", { retryable: true });
}

function append(value: Uint8Array): Promise<void> {
  return bus.append(TOPICS.traces, [{ value }]);
}

async function names(): Promise<string[]> {
  return (await select<{ name: string }>(store.background, "SELECT name FROM spans ORDER BY name")).map(({ name }) => name);
}

function trace(number: number): Uint8Array {
  const time = String(BigInt(Date.now()) * 1_000_000n);
  const span = { traceId: "a1".repeat(16), spanId: "b2".repeat(8), name: `span ${number}`, startTimeUnixNano: time, endTimeUnixNano: time };
  return jsonToProtobuf("traces", Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })));
}

function logs(text: string): Uint8Array {
  const record = { timeUnixNano: String(BigInt(Date.now()) * 1_000_000n), body: { stringValue: text } };
  return jsonToProtobuf("logs", Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })));
}
