import { FirstfixError } from "@firstfix/kit";

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const ALLOWED = "How long ago (30m, 2h, 7d), or a date such as 2026-03-01 or 2026-03-01T12:00:00+13:00, in UTC where it names no zone.";

/** A time in milliseconds: how long ago (`30m`, `2h`, `7d`), or an ISO date, in UTC where it names no zone. Throws bad_request. */
export function parseSince(text: string, nowMs: number, option = "--since"): number {
  const ago = /^(\d{1,6})([smhd])$/.exec(text);
  const at = ago === null ? dateOf(text) : nowMs - Number(ago[1]) * (UNITS[ago[2] ?? ""] ?? 0);
  if (Number.isNaN(at)) throw refused(`${option} ${text} is no time`);
  // Nothing is recorded from before the epoch, and telling it apart from a slip costs nothing.
  if (at < 0) throw refused(`${option} ${text} lies before 1970`);
  if (option === "--since" && at > nowMs) throw refused(`${option} ${text} lies in the future`);
  return at;
}

/** NaN for what is no date; Date.parse would take 31 February for 3 March. */
function dateOf(text: string): number {
  const day = /^\d{4}-\d{2}-\d{2}(?=$|[T ])/.exec(text)?.[0];
  if (day === undefined) return NaN;
  const start = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(start.getTime()) && start.toISOString().startsWith(day) ? Date.parse(withZone(text)) : NaN;
}

/** A time of day without a zone is in UTC, as a day is, on a laptop as in CI; Date.parse would take it for local. */
function withZone(text: string): string {
  return /[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?$/.test(text) ? `${text}Z` : text;
}

function refused(says: string): FirstfixError {
  return new FirstfixError("bad_request", says, { hint: ALLOWED });
}
