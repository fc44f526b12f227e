import { expect, it } from "vitest";
import { Bucket } from "./rates.ts";

it("lets a burst through, then the rate", () => {
  const bucket = new Bucket(100, 5, 0);
  expect(bucket.waitMs(500, 0)).toBe(0);
  bucket.take(500);
  expect(bucket.waitMs(1, 0)).toBeCloseTo(10);
  expect(bucket.waitMs(100, 500)).toBeCloseTo(500);
  expect(bucket.waitMs(100, 1000)).toBe(0);
});

it("never holds more than the burst, and never goes back in time", () => {
  const bucket = new Bucket(100, 5, 0);
  expect(bucket.waitMs(1, 3_600_000)).toBe(0);
  bucket.take(500);
  expect(bucket.waitMs(1, 3_599_000)).toBeGreaterThan(0);
  expect(bucket.waitMs(1, 3_600_000)).toBeLessThanOrEqual(10);
});

it("lets a single request beyond the burst through when it is full, and pays the debt off afterwards", () => {
  const bucket = new Bucket(100, 5, 0);
  expect(bucket.waitMs(2000, 0)).toBe(0);
  bucket.take(2000);
  expect(bucket.waitMs(1, 0)).toBeCloseTo(15_010);
  expect(bucket.waitMs(1, 15_010)).toBe(0);
  expect(bucket.waitMs(2000, 15_010)).toBeCloseTo(4990);
});

it("takes back what was not stored", () => {
  const bucket = new Bucket(100, 5, 0);
  bucket.take(500);
  bucket.give(500);
  bucket.give(500);
  expect(bucket.waitMs(500, 0)).toBe(0);
  bucket.take(500);
  expect(bucket.waitMs(1, 0)).toBeGreaterThan(0);
});
