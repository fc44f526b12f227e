import { setTimeout as sleep } from "node:timers/promises";
import { FirstfixError } from "@firstfix/kit";
import { afterEach, describe, expect, it } from "vitest";
import { BatchError, type Batch, type Bus, type BusRecord, type ConsumeOptions, type Handler } from "./api.ts";

/** What a backend gives the suite, and what it says about itself. */
export interface BusHarness {
  /** A bus whose append bound and retries are as small as the suite needs. */
  open(bounds: { readonly bytesMax: number; readonly attemptsMax: number }): Promise<Bus>;
  /** Whether append waits for the durable groups (in memory), rather than for the broker's disk. */
  readonly appendWaitsForGroups: boolean;
}

const BOUNDS = { bytesMax: 1000, attemptsMax: 3 };
const OPTIONS: ConsumeOptions = { group: "g", durable: true, batchBytesMax: 1000, lingerMs: 5 };

/** Every backend of the bus passes this. What a backend does not claim is skipped by name, so that it is seen. */
export function busConformance(name: string, harness: BusHarness): void {
  const waits = it.skipIf(!harness.appendWaitsForGroups);
  const opened: Bus[] = [];
  const open = async (bounds = BOUNDS): Promise<Bus> => {
    const bus = await harness.open(bounds);
    opened.push(bus);
    return bus;
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((bus) => bus.close()));
  });

  describe(`bus: ${name}`, () => {
    it("delivers every record once to each group, in order within a key", async () => {
      const bus = await open();
      const first: string[] = [];
      const second: string[] = [];
      bus.consume("t", OPTIONS, into(first));
      bus.consume("t", { ...OPTIONS, group: "other", durable: false }, into(second));
      for (let index = 0; index < 20; index += 1) await bus.append("t", [record(`a${index}`, "k"), record(`b${index}`, "k")]);
      const expected = Array.from({ length: 20 }, (_, index) => [`a${index}`, `b${index}`]).flat();
      await until(() => first.length >= 40 && second.length >= 40);
      expect(first).toEqual(expected);
      expect(second).toEqual(expected);
    });

    it("keeps topics apart", async () => {
      const bus = await open();
      const seen: string[] = [];
      bus.consume("t", OPTIONS, into(seen));
      bus.consume("u", OPTIONS, into([]));
      await bus.append("u", [record("u")]);
      await bus.append("t", [record("t")]);
      await until(() => seen.length > 0);
      expect(seen).toEqual(["t"]);
    });

    it("hands over no batch beyond its size, unless one record alone is", async () => {
      const bus = await open({ ...BOUNDS, bytesMax: 10_000 });
      const batches: number[][] = [];
      bus.consume("t", { ...OPTIONS, batchBytesMax: 100, lingerMs: 20 }, ({ records }) => {
        batches.push(records.map(({ value }) => value.byteLength));
        return Promise.resolve();
      });
      await Promise.all([60, 30, 30, 300, 10].map((size) => bus.append("t", [record("x".repeat(size), "k")])));
      await until(() => batches.flat().length === 5);
      expect(batches.flat()).toEqual([60, 30, 30, 300, 10]);
      for (const sizes of batches) expect(sizes.length === 1 || sizes.reduce((sum, size) => sum + size, 0) <= 100).toBe(true);
      expect(batches[0]).toEqual([60, 30]);
    });

    it("hands a small batch over after the linger, not before", async () => {
      const bus = await open();
      const batches: number[] = [];
      bus.consume("t", { ...OPTIONS, lingerMs: 60 }, ({ records }) => {
        batches.push(records.length);
        return Promise.resolve();
      });
      const appends = [bus.append("t", [record("1", "k")])];
      await sleep(20);
      appends.push(bus.append("t", [record("2", "k")]));
      await Promise.all(appends);
      await until(() => batches.length > 0);
      expect(batches).toEqual([2]);
    });

    it("tries a retryable error again with the same batch, and then commits", async () => {
      const bus = await open();
      const batches: Batch[] = [];
      bus.consume("t", OPTIONS, (batch) => {
        batches.push(batch);
        return batches.length < 3 ? Promise.reject(retryable()) : Promise.resolve();
      });
      await bus.append("t", [record("x")]);
      await until(() => batches.length === 3);
      expect(batches[1]).toBe(batches[0]);
      expect(batches[2]).toBe(batches[0]);
    });

    it("gives batches ids that grow, tells where they come from, and keeps keys and headers", async () => {
      const bus = await open();
      const batches: Batch[] = [];
      bus.consume("t", OPTIONS, (batch) => {
        batches.push(batch);
        return Promise.resolve();
      });
      for (const value of ["1", "2"]) {
        await bus.append("t", [{ ...record(value, "k"), headers: { a: "ä" } }]);
        await until(() => batches.flatMap(({ records }) => records).length === Number(value));
      }
      const [first, second] = batches as [Batch, Batch];
      expect(second.id > first.id).toBe(true);
      expect(second.records[0]?.offset).toBe((first.records[0]?.offset ?? 0n) + 1n);
      expect(first).toMatchObject({ topic: "t", partition: expect.any(Number) as number, redelivered: false, records: [{ key: "k", headers: { a: "ä" } }] });
    });

    it("says how far a group is behind, and assigns a partition before its first batch", async () => {
      const bus = await open();
      const events: string[] = [];
      let release = (): void => {};
      bus.consume("t", { ...OPTIONS, onAssigned: (partition) => Promise.resolve(void events.push(`assigned ${typeof partition}`)) }, () => {
        events.push("batch");
        return new Promise((resolve) => (release = resolve));
      });
      const appended = bus.append("t", [record("x", "k")]);
      await until(() => events.includes("batch"));
      expect(events).toEqual(["assigned number", "batch"]);
      const behind = async (): Promise<number> => (await bus.lag()).filter(({ topic }) => topic === "t").reduce((sum, { records }) => sum + records, 0);
      expect(await behind()).toBe(1);
      release();
      await appended;
      const deadline = Date.now() + 10_000;
      while ((await behind()) > 0 && Date.now() < deadline) await sleep(20);
      expect(await behind()).toBe(0);
      await bus.check();
    });

    waits("resolves an append only after the durable groups have handled it, whatever the others do", async () => {
      const bus = await open();
      let handled = false;
      let release = (): void => {};
      bus.consume("t", OPTIONS, async () => {
        await sleep(30);
        handled = true;
      });
      bus.consume("t", { ...OPTIONS, group: "slow", durable: false }, () => new Promise((resolve) => (release = resolve)));
      await bus.append("t", [record("x")]);
      expect(handled).toBe(true);
      release();
    });

    waits("rejects after a bounded number of attempts, takes nothing behind, and goes on trying the batch", async () => {
      const bus = await open();
      const attempts: Batch[] = [];
      let away = true;
      bus.consume("t", OPTIONS, (batch) => {
        attempts.push(batch);
        return away ? Promise.reject(retryable()) : Promise.resolve();
      });
      await expect(bus.append("t", [record("x")])).rejects.toMatchObject({ code: "store.unavailable", retryable: true });
      expect(attempts.length).toBe(BOUNDS.attemptsMax);
      await expect(bus.append("t", [record("y")])).rejects.toMatchObject({ code: "store.unavailable", retryable: true });
      away = false;
      const failed = attempts.length;
      await until(() => attempts.length > failed);
      expect(new Set(attempts).size).toBe(1);
      await sleep(5);
      await bus.append("t", [record("z")]);
      expect(attempts.at(-1)?.records.map(({ value }) => text(value))).toEqual(["z"]);
    });

    waits("rejects the appends of a batch that failed for good, once, and no others", async () => {
      const bus = await open();
      let calls = 0;
      bus.consume("t", OPTIONS, ({ records }) => {
        calls += 1;
        return records.some(({ value }) => text(value) === "bad") ? Promise.reject(new FirstfixError("store.rejected", "bad")) : Promise.resolve();
      });
      await expect(bus.append("t", [record("bad")])).rejects.toMatchObject({ code: "store.rejected" });
      expect(calls).toBe(1);
      await expect(bus.append("t", [record("good")])).resolves.toBeUndefined();
    });

    waits("rejects only the appends of records that a BatchError names", async () => {
      const bus = await open();
      bus.consume("t", { ...OPTIONS, lingerMs: 20 }, ({ records }) => {
        const bad = records.flatMap(({ value }, index) => (text(value) === "bad" ? [index] : []));
        return Promise.reject(new BatchError(new Map(bad.map((index) => [index, new FirstfixError("store.rejected", "bad")]))));
      });
      const outcomes = await Promise.allSettled(["good", "bad", "good"].map((value) => bus.append("t", [record(value)])));
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    });

    waits("refuses appends over its bound until room is made", async () => {
      const bus = await open();
      let room = false;
      bus.consume("t", { ...OPTIONS, lingerMs: 0 }, () => until(() => room));
      const first = bus.append("t", [record("x".repeat(600))]);
      await expect(bus.append("t", [record("x".repeat(600))])).rejects.toMatchObject({ code: "ingest.full", retryable: true });
      room = true;
      await first;
      await expect(bus.append("t", [record("x".repeat(600))])).resolves.toBeUndefined();
    });

    waits("settles what is queued with a retryable error when the consumer stops", async () => {
      const bus = await open();
      let release = (): void => {};
      const consumer = bus.consume("t", { ...OPTIONS, lingerMs: 0 }, () => new Promise((resolve) => (release = resolve)));
      const inHand = bus.append("t", [record("1")]);
      await sleep(20);
      const queued = bus.append("t", [record("2")]);
      const refused = expect(queued).rejects.toMatchObject({ retryable: true });
      const closing = consumer.close();
      release();
      await closing;
      await expect(inHand).resolves.toBeUndefined();
      await refused;
    });

    it("calls back once for many hints, again for later ones, and not after the end", async () => {
      const bus = await open();
      let calls = 0;
      const consumer = bus.onHint("h", () => (calls += 1));
      for (let index = 0; index < 100; index += 1) bus.hint("h");
      await until(() => calls > 0);
      expect(calls).toBeLessThan(5);
      const before = calls;
      bus.hint("h");
      await until(() => calls > before);
      await consumer.close();
      const last = calls;
      bus.hint("h");
      bus.hint("nobody");
      await sleep(30);
      expect(calls).toBe(last);
    });
  });
}

function into(list: string[]): Handler {
  return ({ records }) => {
    list.push(...records.map(({ value }) => text(value)));
    return Promise.resolve();
  };
}

function record(value: string, key?: string): BusRecord {
  return { value: Buffer.from(value), ...(key === undefined ? {} : { key }) };
}

function text(value: Uint8Array): string {
  return Buffer.from(value).toString();
}

function retryable(): FirstfixError {
  return new FirstfixError("store.unavailable", "later", { retryable: true });
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("It did not happen within 10 s.");
    await sleep(5);
  }
}
