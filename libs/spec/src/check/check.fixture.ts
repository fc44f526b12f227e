import type { Span } from "@firstfix/otlp";
import type { Check, Requirement } from "../types.ts";

const requirement: Requirement = { key: "req_1", format: "kiro", id: "1.1", title: "Totals", text: "THE Shop SHALL add up", ears: null, file: "requirements.md", line: 1, blob: "b".repeat(40), files: [] };

/** For tests: a check of service `shop` as readSpecs would give it. */
export function checkOf(form: Check["form"], service = "shop"): Check {
  return { key: "chk_1", name: "check", requirement, service, file: "bindings.yaml", line: 2, form };
}

/** For tests: a span with what matters to the test. */
export function spanOf(given: Partial<Span> = {}): Span {
  return {
    traceId: "1".repeat(32),
    spanId: "2".repeat(16),
    parentSpanId: "",
    service: "shop",
    environment: "production",
    revision: "f".repeat(40),
    repository: "https://example.org/shop",
    name: "POST /checkout",
    kind: "server",
    startTimeNs: 1_800_000_000_000_000_000n,
    durationNs: 2_500_000n,
    statusCode: "unset",
    statusMessage: "",
    attributes: {},
    resource: {},
    events: [],
    ...given,
  };
}
