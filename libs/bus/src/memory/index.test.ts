import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FirstfixError } from "@firstfix/kit";
import type { Batch } from "../api.ts";
import { busConformance } from "../conformance.ts";
import { createMemoryBus } from "./index.ts";

busConformance("memory", {
  appendWaitsForGroups: true,
  open: ({ bytesMax, attemptsMax }) => Promise.resolve(createMemoryBus({ bytesMax, retry: { attemptsMax, pauseMs: 5, pauseMsMax: 10 } })),
});

describe("memory bus", () => {
  it("acknowledges nothing while no durable group would keep it", async () => {
    const bus = createMemoryBus();
    await expect(bus.append("t", [{ value: Buffer.from("x") }])).rejects.toMatchObject({ code: "store.unavailable", retryable: true });
    const options = { group: "g", durable: false, batchBytesMax: 10, lingerMs: 0 };
    const consumer = bus.consume("t", options, () => Promise.resolve());
    await expect(bus.append("t", [{ value: Buffer.from("x") }])).rejects.toMatchObject({ retryable: true });
    expect(() => bus.consume("t", options, () => Promise.resolve())).toThrow(/already/);
    await consumer.close();
    await bus.close();
  });

  it("rests after a small batch, so that what comes meanwhile is one batch, but not when the next is full", async () => {
    const bus = createMemoryBus();
    const batches: number[] = [];
    const options = { group: "g", durable: true, batchBytesMax: 100, lingerMs: 0 };
    bus.consume("t", options, async ({ records }) => {
      batches.push(records.length);
      await sleep(50);
    });
    const append = (value: string): Promise<void> => bus.append("t", [{ value: Buffer.from(value) }]);
    await append("1");
    await Promise.all([append("2"), sleep(20).then(() => append("3"))]);
    expect(batches).toEqual([1, 2]);
    const began = performance.now();
    await append("x".repeat(100));
    expect(performance.now() - began).toBeLessThan(130);
    await bus.close();
  });

  it("takes a single append over its bound when nothing waits, and refuses all after its end", async () => {
    const bus = createMemoryBus({ bytesMax: 1 });
    bus.consume("t", { group: "g", durable: true, batchBytesMax: 10, lingerMs: 0 }, () => Promise.resolve());
    await bus.append("t", [{ value: Buffer.from("xyz") }]);
    await bus.close();
    await expect(bus.append("t", [{ value: Buffer.from("x") }])).rejects.toMatchObject({ retryable: true });
  });
});

describe("the spool of the memory bus", () => {
  const options = { group: "g", durable: true, batchBytesMax: 100, lingerMs: 0 };
  const value = Buffer.from([0, 255, 10]);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "firstfix-spool-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("hands the batch over again that an earlier process left, before anything new, and then forgets it", async () => {
    const handed: Batch[] = [];
    const first = createMemoryBus({ spool: folder, retry: { attemptsMax: 1, pauseMs: 1, pauseMsMax: 1 } });
    first.consume("t", options, (batch) => {
      handed.push(batch);
      return Promise.reject(new FirstfixError("store.unavailable", "away", { retryable: true }));
    });
    await expect(first.append("t", [{ key: "k", headers: { a: "b" }, value }])).rejects.toMatchObject({ retryable: true });
    // As a kill -9 amid the handling would leave it: the file is still there.
    await first.close();
    expect(await readdir(folder)).toHaveLength(1);
    const second = createMemoryBus({ spool: folder });
    second.consume("t", options, (batch) => {
      handed.push(batch);
      return Promise.resolve();
    });
    await second.append("t", [{ value: Buffer.from("new") }]);
    const [before, again, later] = [handed[0], handed.at(-2), handed.at(-1)];
    expect(again).toEqual({ ...before, redelivered: true });
    expect(later?.records.map((record) => String(record.value))).toEqual(["new"]);
    await second.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it("passes over a file that is not whole, and the files of others", async () => {
    await writeFile(join(folder, "t~g~12.batch"), Buffer.from([255, 255, 0, 0, 1]));
    await writeFile(join(folder, "t~g~13.batch.new"), "x");
    await writeFile(join(folder, "t~other~14.batch"), "x");
    const bus = createMemoryBus({ spool: folder });
    const handed: Batch[] = [];
    bus.consume("t", options, (batch) => Promise.resolve(void handed.push(batch)));
    await bus.append("t", [{ value }]);
    expect(handed.map(({ redelivered }) => redelivered)).toEqual([false]);
    await bus.close();
    expect(await readdir(folder)).toEqual(["t~other~14.batch"]);
  });

  it("refuses what it cannot spool, and says why", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    const bus = createMemoryBus({ spool: join(file, "below") });
    bus.consume("t", options, () => Promise.resolve());
    await expect(bus.append("t", [{ value }])).rejects.toMatchObject({ code: "store.unavailable", retryable: true, message: expect.stringContaining("spool") as string });
    await bus.close();
  });
});
