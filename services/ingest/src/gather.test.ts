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

it("holds no more than twice what came, whatever was announced", () => {
  const gather = new Gather();
  for (let bytes = 1; bytes <= 20_000; bytes++) {
    gather.add(Buffer.from("x"), 1e9);
    expect(gather.whole().buffer.byteLength).toBeLessThanOrEqual(Math.max(1024, 2 * bytes));
  }
  expect(new Gather().whole()).toHaveLength(0);
});
