import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
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
    bus.consume("t", options, async (records) => {
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
