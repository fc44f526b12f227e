import { describe, expect, it } from "vitest";
import { share, wholeNumber } from "./numbers.ts";

describe("numbers that options take", () => {
  it.each(["", " ", "x", "1.5", "1e2", "0x10", "NaN", "Infinity", "--5", "9".repeat(30)])("--limit %j is no whole number", (text) => {
    expect(() => wholeNumber("--limit", text, 1, 100)).toThrow(expect.objectContaining({ code: "bad_request", message: `--limit ${text} is no whole number`, hint: "limit is a whole number from 1 to 100." }) as Error);
  });
  it.each(["0", "-1", "101", "999999999999999"])("--limit %s is not in range", (text) => {
    expect(() => wholeNumber("--limit", text, 1, 100)).toThrow(`--limit ${text} is not from 1 to 100`);
  });
  it.each(["", " ", "abc", "-0.1", "1.01", "0x1", "1e-1", "NaN", "Infinity", "0,5"])("--score-min %j is no share", (text) => {
    expect(() => share("--score-min", text)).toThrow(expect.objectContaining({ code: "bad_request", message: `--score-min ${text} is no number from 0 to 1` }) as Error);
  });
  it("are taken otherwise", () => {
    expect([wholeNumber("--limit", "1", 1, 100), wholeNumber("--limit", "100", 1, 100)]).toEqual([1, 100]);
    expect(["0", "1", "0.35", ".5", "1.0"].map((text) => share("--score-min", text))).toEqual([0, 1, 0.35, 0.5, 1]);
  });
});
