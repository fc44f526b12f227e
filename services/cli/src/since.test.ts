import { describe, expect, it } from "vitest";
import { parseSince } from "./since.ts";

const NOW = Date.UTC(2026, 2, 1, 12);

describe("--since", () => {
  it.each([
    ["90s", NOW - 90_000],
    ["30m", NOW - 1_800_000],
    ["2h", NOW - 7_200_000],
    ["7d", NOW - 7 * 86_400_000],
    ["2026-02-28T12:00:00Z", NOW - 86_400_000],
  ])("takes %s", (text, expected) => {
    expect(parseSince(text, NOW)).toBe(expected);
  });

  it.each(["", "h", "2 h", "2w", "-1h", "yesterday", "2026-13-41"])("refuses %j", (text) => {
    expect(() => parseSince(text, NOW)).toThrow(/is no time/);
  });
});
