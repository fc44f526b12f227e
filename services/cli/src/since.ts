import { FirstfixError } from "@firstfix/kit";

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time in milliseconds: how long ago (`30m`, `2h`, `7d`), or an ISO date. Throws bad_request. */
export function parseSince(text: string, nowMs: number, option = "--since"): number {
  const ago = /^(\d{1,6})([smhd])$/.exec(text);
  if (ago !== null) return nowMs - Number(ago[1]) * (UNITS[ago[2] ?? ""] ?? 0);
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) throw new FirstfixError("bad_request", `${option} ${text} is no time`, { hint: "How long ago (30m, 2h, 7d), or a date such as 2026-03-01T12:00:00Z." });
  return at;
}
