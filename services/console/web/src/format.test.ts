import { describe, expect, it } from "vitest";
import {compact, figure, ago, duration, percent, pretty } from "./format.ts";

describe("figure", () => {
  it("writes each unit as people read it", () => {
    expect(figure(null, "share")).toBe("–");
    expect([figure(0.43, "share"), figure(0, "share"), figure(0.999, "share")]).toEqual(["43%", "0%", "99%"]);
    expect([figure(90_000, "milliseconds"), figure(1234, "lines"), figure(0.123, "per-thousand"), figure(4.04, "count"), figure(3, "count"), figure(1234.5, "count")]).toEqual(["1 min 30 s", "1,234", "0.12", "4.0", "3", "1,235"]);
    expect([compact(950), compact(12_400), compact(1_710_000)]).toEqual(["950", "12.4K", "1.71M"]);
  });
});

describe("figures in words", () => {
  it("writes lengths of time in their two largest units", () => {
    expect([0.0004, 4.25, 850, 3200, 59_400, 200_000, 7_500_000, 97_200_000].map(duration)).toEqual(["1 µs", "4.3 ms", "850 ms", "3.2 s", "59 s", "3 min 20 s", "2 h 5 min", "1 d 3 h"]);
    expect([0, 61_000, 3 * 3600_000, 80 * 3600_000].map(ago)).toEqual(["just now", "1 min ago", "3 h ago", "3 d ago"]);
  });

  it("never rounds a share to none or to all", () => {
    expect([0, 0.0004, 0.021, 0.996, 1].map(percent)).toEqual(["0%", "<0.1%", "2.1%", "99%", "100%"]);
  });

  it("lays out JSON, and leaves what is not JSON", () => {
    expect(pretty('{"a":[1,2]}')).toBe('{ "a": [ 1, 2 ] }');
    expect(pretty("[not json")).toBe("[not json");
    expect(pretty({ a: [1, { b: "x" }], long: "x".repeat(60) })).toBe(`{\n  "a": [ 1, { "b": "x" } ],\n  "long": "${"x".repeat(60)}"\n}`);
  });
});
