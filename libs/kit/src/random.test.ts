import { expect, it } from "vitest";
import { seededRandom } from "./random.ts";

it("gives the sequence of mulberry32, computed apart in another language", () => {
  const next = seededRandom(42);
  expect([next(), next(), next()].map((value) => value.toFixed(9))).toEqual(["0.601103752", "0.448290559", "0.852465793"]);
});

it("spreads evenly over 0 to 1, and no two seeds agree", () => {
  const next = seededRandom(7);
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let drawn = 0; drawn < 10_000; drawn += 1) {
    const value = next();
    tenths[Math.floor(value * 10)] = (tenths[Math.floor(value * 10)] ?? 0) + 1;
  }
  for (const drawn of tenths) expect(drawn).toBeGreaterThan(900);
  for (const drawn of tenths) expect(drawn).toBeLessThan(1100);
  expect(seededRandom(1)()).not.toBe(seededRandom(2)());
});
