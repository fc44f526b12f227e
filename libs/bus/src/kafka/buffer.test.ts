import { expect, it } from "vitest";
import { Buffer } from "./buffer.ts";

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
