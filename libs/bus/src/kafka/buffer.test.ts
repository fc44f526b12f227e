import { describe, expect, it } from "vitest";
import type { Delivered } from "../api.ts";
import { Buffer } from "./buffer.ts";

/** What a record is counted with beside its value. */
const RECORD = 500;
const record = (offset: number, bytes = 10): Delivered => ({ offset: BigInt(offset), value: new Uint8Array(bytes) });
const offsets = (records: readonly Delivered[]): number[] => records.map(({ offset }) => Number(offset));

describe("fetched records of a partition", () => {
  it("go into batches of at most the size, one at least, and the bytes are kept count of", () => {
    const buffer = new Buffer();
    expect(buffer.push([record(0, 60), record(1, 30), record(2, 30), record(3, 300), record(4)])).toBe(430 + 5 * RECORD);
    expect(buffer.full(100)).toBe(true);
    expect(offsets(buffer.take(100))).toEqual([0, 1]);
    expect(offsets(buffer.take(100))).toEqual([2]);
    expect(offsets(buffer.take(100))).toEqual([3]);
    expect(buffer.bytes).toBe(10);
    expect(buffer.full(100)).toBe(false);
    expect(buffer.clear()).toBe(10 + RECORD);
    expect(buffer.first).toBeUndefined();
  });

  it("are taken up to an offset, whether or not a record has it", () => {
    const buffer = new Buffer();
    buffer.push([record(3), record(5), record(8)]);
    expect(offsets(buffer.takeTo(6n))).toEqual([3, 5]);
    expect(offsets(buffer.takeTo(6n))).toEqual([]);
    expect(offsets(buffer.takeTo(8n))).toEqual([8]);
    expect(buffer.bytes).toBe(0);
  });

  it("are no more in a batch than its bound, however small they are", () => {
    const buffer = new Buffer();
    buffer.push(Array.from({ length: 10_001 }, (_, index) => record(index, 1)));
    expect(buffer.full(1_000_000)).toBe(true);
    expect(buffer.take(1_000_000)).toHaveLength(10_000);
    expect(buffer.take(1_000_000)).toHaveLength(1);
  });

  it("takes a fetch of very many empty records, counts what they hold, and gives them out in batches", () => {
    const buffer = new Buffer();
    const records = Array.from({ length: 300_000 }, (_, at) => ({ offset: BigInt(at), value: new Uint8Array() }));
    const bytes = buffer.push(records);
    expect(bytes).toBeGreaterThan(records.length * 100);
    expect(buffer.full(Infinity)).toBe(true);
    const first = buffer.take(Infinity);
    expect(first).toHaveLength(10_000);
    expect(first.at(-1)?.offset).toBe(9_999n);
    expect(buffer.clear()).toBe(bytes - (bytes / records.length) * first.length);
  });
});
