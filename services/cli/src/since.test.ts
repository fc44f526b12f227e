import { describe, expect, it } from "vitest";
import { parseSince } from "./since.ts";

// Whatever the zone of the machine.
process.env["TZ"] = "Pacific/Auckland";
const NOW = Date.UTC(2026, 2, 1, 12);

describe("--since", () => {
  it.each([
    ["90s", NOW - 90_000],
    ["30m", NOW - 1_800_000],
    ["2h", NOW - 7_200_000],
    ["7d", NOW - 7 * 86_400_000],
    ["2026-02-28T12:00:00Z", NOW - 86_400_000],
    ["2026-02-28T12:00", NOW - 86_400_000],
    ["2026-02-28 12:00:00.000", NOW - 86_400_000],
    ["2026-03-01T01:00:00+13:00", NOW - 86_400_000],
  ])("takes %s", (text, expected) => {
    expect(new Date(NOW).getTimezoneOffset()).toBe(-13 * 60);
    expect(parseSince(text, NOW)).toBe(expected);
  });

  it.each(["", "h", "2 h", "2w", "-1h", "yesterday", "2026-13-41", "2026-02-31", "2026-02-29T10:00:00Z", "2026-03-01x", "-5d", "NaN"])("refuses %j", (text) => {
    expect(() => parseSince(text, NOW)).toThrow(/is no time/);
  });

  it("says which times cannot be meant", () => {
    expect(() => parseSince("999999d", NOW)).toThrow("--since 999999d lies before 1970");
    expect(() => parseSince("1969-12-31", NOW)).toThrow(/before 1970/);
    expect(() => parseSince("2027-01-01", NOW)).toThrow("--since 2027-01-01 lies in the future");
    // The end of a period may still be to come.
    expect(parseSince("2027-01-01", NOW, "--until")).toBe(Date.UTC(2027, 0, 1));
    expect(parseSince("2024-02-29", NOW)).toBe(Date.UTC(2024, 1, 29));
    expect(parseSince("2026-02-28 12:00Z", NOW)).toBe(NOW - 86_400_000);
  });
});
