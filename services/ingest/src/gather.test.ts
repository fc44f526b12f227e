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

it.each([1, 700, 16_384, 50_000])("holds no more than twice what came, and one block more, whatever was announced: pieces of %i", (size) => {
  const gather = new Gather();
  for (let bytes = size; bytes <= 100 * size + 10_000; bytes += size) {
    gather.add(Buffer.alloc(size), 1e9);
    expect(gather.held).toBeLessThanOrEqual(Math.min(Math.max(1024, 2 * bytes), bytes + 256 * 1024));
  }
  expect(gather.whole().length).toBe(gather.length);
  expect(new Gather().whole()).toHaveLength(0);
});
