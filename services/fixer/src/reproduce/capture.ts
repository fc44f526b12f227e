import { randomBytes } from "node:crypto";
import type { ClickHouseClient } from "@clickhouse/client";
import { NO_GROUP_RULES, type Finding, type GroupRules } from "@firstfix/incident";
import { CAPTURE_REQUEST, type CapturedRequest, type Span } from "@firstfix/otlp";
import { literal, ofGroup, readSpans, select } from "@firstfix/store";
import { z } from "zod";
import { BOUNDS } from "../bounds.ts";
import type { PlannedRequest } from "../replay/plan.ts";

/** A request of production that can be sent again, with the span that carried it. */
export interface Capture {
  readonly request: CapturedRequest;
  readonly span: Pick<Span, "traceId" | "spanId" | "name" | "revision">;
}

/** Headers that belong to the connection or the trace of the past, not to what was asked. */
const DROPPED = new Set(["host", "connection", "content-length", "transfer-encoding", "keep-alive", "upgrade", "expect", "te", "trailer", "proxy-connection", "accept-encoding", "traceparent", "tracestate", "baggage", "x-forwarded-for", "forwarded"]);
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const HEADERS_MAX = 64;

const captureSchema = z.object({
  method: z.string().max(16),
  target: z.string().startsWith("/").max(8192),
  headers: z.record(z.string(), z.string()),
  body: z.string().nullable(),
  bodyEncoding: z.enum(["utf8", "base64"]),
  truncated: z.boolean(),
});

/** Reads the attribute; null when it is no request or cannot be replayed. The text comes from outside: all is checked. */
export function parseCapture(value: unknown): CapturedRequest | null {
  if (typeof value !== "string" || value.length > BOUNDS.captureBytes) return null;
  let raw: unknown;
  try {
    raw = JSON.parse(value);
  } catch {
    return null;
  }
  const parsed = captureSchema.safeParse(raw);
  if (!parsed.success || parsed.data.truncated || !METHODS.has(parsed.data.method)) return null;
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u0020\u007f-\uffff]/.test(parsed.data.target) ? null : parsed.data;
}

/** The request as the runner sends it, in a trace of its own. */
export function planRequest(id: string, request: CapturedRequest): PlannedRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers).slice(0, HEADERS_MAX)) {
    const lower = name.toLowerCase();
    // eslint-disable-next-line no-control-regex
    if (DROPPED.has(lower) || value.includes("[redacted]") || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(lower) || /[\u0000-\u001f\u007f-\uffff]/.test(value)) continue;
    headers[lower] = value;
  }
  const body = request.body === null ? null : Buffer.from(request.body, request.bodyEncoding).toString("base64");
  return { id, traceId: randomBytes(16).toString("hex"), method: request.method, target: request.target, headers, body };
}

/**
 * Captures of requests that showed the finding, the witness's trace first, then the latest others at the same revision.
 * Requests of one operation are enough of it: the first few that can be replayed are returned.
 */
export async function findCaptures(client: ClickHouseClient, finding: Finding, revision: string, groups: GroupRules = NO_GROUP_RULES): Promise<Capture[]> {
  const table = finding.kind === "error" ? `errors FINAL WHERE ${ofGroup(groups, finding.key)}` : `violations FINAL WHERE check_key = ${literal(finding.key)}`;
  const rows = await select<{ trace_hex: string }>(client, `SELECT trace_hex FROM ${table} AND revision = ${literal(revision)} AND trace_hex != '' GROUP BY trace_hex ORDER BY max(time) DESC LIMIT ${BOUNDS.tracesRead}`);
  const traces = [...new Set([finding.witness.traceId, ...rows.map((row) => row.trace_hex)])].filter((id) => /^[0-9a-f]{32}$/.test(id));
  if (traces.length === 0) return [];
  const wanted = traces.map((id) => `unhex(${literal(id)})`).join(", ");
  const spans = await readSpans(client, `trace_id IN (${wanted}) AND kind = 'server' AND mapContains(attr_str, ${literal(CAPTURE_REQUEST)})`, BOUNDS.tracesRead * 4);
  const captures: Capture[] = [];
  for (const trace of traces) {
    for (const span of spans) {
      if (span.traceId !== trace) continue;
      const request = parseCapture(span.attributes[CAPTURE_REQUEST]);
      if (request !== null) captures.push({ request, span });
      if (captures.length >= BOUNDS.capturesTried) return captures;
    }
  }
  return captures;
}
