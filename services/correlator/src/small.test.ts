import type { Span } from "@firstfix/otlp";
import { describe, expect, it } from "vitest";
import { claimedIncidents } from "./cycles/claims.ts";
import { entryOf } from "./incidents/finding.ts";
import { neededName } from "./requirements/running.ts";

describe("claimedIncidents", () => {
  it("reads trailers and nothing that merely mentions them", () => {
    expect(claimedIncidents("Fix\n\nFirstfix-Incident: inc_0123456789abcdef\nFirstfix-Incident:inc_fedcba9876543210 \n")).toEqual(["inc_0123456789abcdef", "inc_fedcba9876543210"]);
    expect(claimedIncidents("Fix what Firstfix-Incident: inc_0123456789abcdef says\nFirstfix-Incident: inc_012\nFirstfix-Incident: other")).toEqual([]);
  });
});

describe("entryOf", () => {
  const span = (spanId: string, parentSpanId: string, kind: Span["kind"], service = "shop"): Span => ({ traceId: "t", spanId, parentSpanId, kind, service, environment: "", revision: "", repository: "", name: spanId, startTimeNs: 0n, durationNs: 0n, statusCode: "unset", statusMessage: "", attributes: {}, resource: {}, events: [] });
  it("climbs to the service's own entry, and survives a circle", () => {
    const spans = [span("gate", "", "server", "gateway"), span("call", "gate", "client", "gateway"), span("in", "call", "server"), span("db", "in", "client"), span("q", "db", "internal")];
    expect(entryOf(spans, "q", "shop")?.name).toBe("in");
    expect(entryOf(spans, "unknown", "shop")?.name).toBe("in");
    expect(entryOf([span("a", "b", "internal"), span("b", "a", "internal")], "a", "shop")).toBeUndefined();
  });
});

describe("neededName", () => {
  it("finds the name that a plain conjunction demands, and nothing where another could do", () => {
    expect(neededName('span.name == "POST /pay" && has(span.attributes["a"])')).toBe("POST /pay");
    expect(neededName('span.kind == "server" && span.name == "x"')).toBe("x");
    for (const when of ['span.name == "x" || true', 'a ? span.name == "x" : true', '!(span.name == "x")', 'span.name != "x"', '(span.name == "x" && true)', 'span.name == "x" == false', "true"]) expect(neededName(when)).toBeNull();
  });
});
