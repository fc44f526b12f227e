import { createHash } from "node:crypto";
import { decodeLogs, decodeTraces, walkLimits, walkRequest, type Span } from "@firstfix/otlp";
import { describe, expect, it } from "vitest";
import { loadCorpus, makeRequests } from "./index.ts";

const TO_MS = Date.UTC(2026, 0, 15, 12);
const make = (signal: "traces" | "logs", spans: number, seed: number): Uint8Array[] => [...makeRequests({ signal, spans, seed, toMs: TO_MS })];
const digest = (requests: readonly Uint8Array[]): string => requests.reduce((hash, request) => hash.update(request), createHash("sha256")).digest("hex");
const spansOf = (requests: readonly Uint8Array[]): Span[] => requests.flatMap((request) => decodeTraces(request));

describe("the recorded requests", () => {
  it("are of several SDKs and both signals", () => {
    const seen = loadCorpus().map(({ sender, signal }) => `${sender}.${signal}`);
    expect(seen).toEqual(["shop-baseline.traces", "shop-faulty.traces", "warehouse.logs", "warehouse.traces"]);
    const languages = new Set(spansOf(loadCorpus().flatMap(({ signal, requests }) => (signal === "traces" ? requests : []))).map(({ resource }) => resource["telemetry.sdk.language"]));
    expect(languages).toEqual(new Set(["nodejs", "python"]));
  });

  it("tell nothing of the machine or the people that made them", () => {
    const text = loadCorpus().flatMap(({ requests }) => requests.map((request) => Buffer.from(request).toString("latin1"))).join("\n");
    expect(text.match(/\/(?:work|tmp|root|home|Users)\/[^\s"]*/g)).toBeNull();
    expect(new Set(text.match(/[\w.]{2,}@[a-z]+\.[a-z]{2,}/g))).toEqual(new Set(text.match(/customer\d+@shop\.example/g)));
  });
});

describe("made requests", () => {
  it.each(["traces", "logs"] as const)("are fixed by the seed, differ among each other, and are taken whole: %s", (signal) => {
    const requests = make(signal, 3000, 7);
    expect(digest(make(signal, 3000, 7))).toBe(digest(requests));
    expect(new Set([...requests, ...make(signal, 3000, 8)].map((request) => digest([request]))).size).toBe(2 * requests.length);
    const results = requests.map((request) => walkRequest(signal, request, walkLimits(TO_MS)));
    expect(results.map(({ reason }) => reason).filter((reason) => reason !== null)).toEqual([]);
    const records = results.reduce((sum, one) => sum + one.records, 0);
    expect(records).toBeGreaterThanOrEqual(3000);
    expect(records).toBeLessThan(3100);
  });

  it("keep traces whole: parents are where they were, and no id comes twice", () => {
    const recorded = spansOf(loadCorpus().flatMap(({ signal, requests }) => (signal === "traces" ? requests : [])));
    const made = spansOf(make("traces", 5000, 3));
    const withParent = (spans: readonly Span[]): number => {
      const ids = new Set(spans.map(({ traceId, spanId }) => traceId + spanId));
      return spans.filter(({ traceId, parentSpanId }) => ids.has(traceId + parentSpanId)).length / spans.length;
    };
    expect(new Set(made.map(({ spanId }) => spanId)).size).toBe(made.length);
    expect(withParent(made)).toBeGreaterThan(withParent(recorded) - 0.05);
    expect(withParent(made)).toBeGreaterThan(0.5);
  });

  it("vary what production varies, within the times that were asked for", () => {
    const made = spansOf(make("traces", 5000, 4));
    const orders = made.flatMap(({ attributes }) => (typeof attributes["shop.order.id"] === "string" ? [attributes["shop.order.id"]] : []));
    expect(new Set(orders).size).toBeGreaterThan(orders.length / 4);
    expect(orders.every((id) => /^ord_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true);
    expect(new Set(made.map(({ durationNs }) => durationNs)).size).toBeGreaterThan(made.length / 2);
    const times = made.map(({ startTimeNs }) => Number(startTimeNs / 1_000_000n));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(TO_MS - 60_000);
    expect(Math.max(...times)).toBeLessThan(TO_MS + 60_000);
  });

  it("keep log records with their bodies", () => {
    const made = make("logs", 500, 5).flatMap((request) => decodeLogs(request));
    const bodies = made.map(({ body }) => body);
    expect(bodies.filter((body) => typeof body === "string" && /^reserved \d+ of sku-\d{4} for order ord_/.test(body)).length).toBeGreaterThan(100);
  });
});
