import { expect, it } from "vitest";
import { Gather } from "./gather.ts";

it.each([
  ["byte by byte", 1, 100_000],
  ["in pieces", 777, 100_000],
  ["at once", 100_000, 100_000],
  ["beyond what was expected", 777, 10],
])("gives back what came: %s", (_name, size, expected) => {
  const body = crypto.getRandomValues(Buffer.alloc(50_000));
  const gather = new Gather();
  for (let at = 0; at < body.length; at += size) gather.add(body.subarray(at, at + size), expected);
  expect(gather.length).toBe(body.length);
  expect(gather.whole().equals(body)).toBe(true);
});

it("holds no more than twice what came, or one block more, whatever was announced", () => {
  const before = process.memoryUsage().arrayBuffers;
  const small = Array.from({ length: 1000 }, () => new Gather());
  for (const gather of small) for (let bytes = 0; bytes < 3000; bytes++) gather.add(Buffer.from("x"), 1e9);
  const large = Array.from({ length: 20 }, () => new Gather());
  for (const gather of large) for (let bytes = 0; bytes < 2_000_000; bytes += 50_000) gather.add(Buffer.alloc(50_000), 1e9);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1000 * 6000 + 20 * (2_000_000 + 256 * 1024) + 30_000_000);
  expect(small.every((gather) => gather.length === 3000) && large.every((gather) => gather.length === 2_000_000)).toBe(true);
  expect(new Gather().whole()).toHaveLength(0);
});
