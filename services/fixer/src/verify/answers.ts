/** Fields that differ from run to run whatever the code does. */
const NOISE = /(?:id|uuid|key|token|time|timestamp|date|at|ms|nonce|version|number|host|port)$/i;
const NOISE_TEXT = /^(?:[0-9a-f-]{8,}|\d{4}-\d\d-\d\dT.*|.*[0-9a-f]{8}-[0-9a-f]{4}-.*)$/i;

/** An answer's body with everything masked that differs by itself, for comparing two revisions. */
export function masked(body: string): string {
  try {
    return JSON.stringify(mask(JSON.parse(body), 0));
  } catch {
    return body.replace(/[0-9a-f-]{8,}|\d+/gi, "#").slice(0, 10_000);
  }
}

function mask(value: unknown, depth: number): unknown {
  if (depth > 12) return "…";
  if (typeof value === "string") return NOISE_TEXT.test(value) ? "#" : value;
  if (Array.isArray(value)) return value.map((one) => mask(one, depth + 1));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, NOISE.test(key) && typeof one !== "object" ? "#" : mask(one, depth + 1)]));
}
