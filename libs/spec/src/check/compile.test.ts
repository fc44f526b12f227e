import type { Span } from "@firstfix/otlp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generated, startEngine, type Engine } from "../engine.fixture.ts";
import { EVENTUALLY_GRACE_MS } from "../limits.ts";
import type { Check } from "../types.ts";
import { checkOf, spanOf } from "./check.fixture.ts";
import { attributeNames, compileCheck, describeCheck } from "./compile.ts";

const TOTAL = "shop.order.total";
const invariant = checkOf({ kind: "invariant", when: `span.name == "POST /checkout" && has(span.attributes["${TOTAL}"])`, require: `double(span.attributes["${TOTAL}"]) >= 0.0` });
const temporal = checkOf({ kind: "eventually", when: 'span.name == "pay"', eventually: 'span.name == "confirm"', withinMs: 5000, key: 'span.attributes["shop.order.id"]' });
const START_NS = 1_800_000_000_000_000_000n;
const LATE_NS = START_NS + 3_600_000_000_000n;

function verdictsOf(check: Check, spans: readonly Span[], nowNs = LATE_NS): (string | undefined)[][] {
  return compileCheck(check).evaluate(spans, nowNs).map(({ kind, witness, subject, detail }) => [kind, witness?.spanId, subject, detail]);
}

describe("an invariant", () => {
  test("judges the spans that it applies to, and says what it saw", () => {
    const spans = [
      spanOf({ spanId: "1", attributes: { [TOTAL]: -20 } }),
      spanOf({ spanId: "2", attributes: { [TOTAL]: 0 } }),
      spanOf({ spanId: "3", attributes: { [TOTAL]: "0.5" } }),
      spanOf({ spanId: "4", attributes: { [TOTAL]: true } }),
      spanOf({ spanId: "5" }),
      spanOf({ spanId: "6", name: "GET /", attributes: { [TOTAL]: -1 } }),
      spanOf({ spanId: "7", service: "other", attributes: { [TOTAL]: -1 } }),
    ];
    const trace = "1".repeat(32);
    expect(verdictsOf(invariant, spans)).toEqual([
      ["violated", "1", trace, "shop.order.total = -20"],
      ["satisfied", "2", trace, "shop.order.total = 0"],
      ["satisfied", "3", trace, 'shop.order.total = "0.5"'],
      ["inconclusive", "4", trace, "shop.order.total = true"],
    ]);
  });

  test("without a span to apply to is vacuous, and never violated for want of an attribute", () => {
    expect(verdictsOf(invariant, [])).toEqual([["vacuous", undefined, "", ""]]);
    const unguarded = checkOf({ kind: "invariant", when: "true", require: 'span.attributes["n"] > 1 && span.duration_ms < 10' });
    expect(verdictsOf(unguarded, [spanOf()])).toEqual([["inconclusive", "2".repeat(16), "1".repeat(32), "n is missing, duration_ms = 2.5"]]);
  });
});

describe("an eventually", () => {
  const pay = (id: string | number, given: Partial<Span> = {}): Span => spanOf({ spanId: "1", name: "pay", durationNs: 0n, attributes: { "shop.order.id": id }, ...given });
  const confirm = (id: string | number, afterMs: number, given: Partial<Span> = {}): Span =>
    spanOf({ spanId: "2", traceId: "3".repeat(32), service: "worker", name: "confirm", startTimeNs: START_NS + BigInt(afterMs) * 1_000_000n, attributes: { "shop.order.id": id }, ...given });
  const kindOf = (check: Check, spans: readonly Span[], nowNs?: bigint): string | undefined => verdictsOf(check, spans, nowNs)[0]?.[0];

  test("is satisfied by a partner of any service and trace within its time", () => {
    expect(verdictsOf(temporal, [pay(7), confirm("7", 5000)])).toEqual([["satisfied", "1", "7", "shop.order.id = 7"]]);
    expect(kindOf(temporal, [pay(7), confirm(7, 5001)])).toBe("violated");
    expect(kindOf(temporal, [pay(7), confirm(7, -1)])).toBe("violated");
    expect(kindOf(temporal, [pay(7), confirm(8, 1)])).toBe("violated");
    expect(kindOf(temporal, [pay(7), confirm(7, 1, { environment: "staging" })])).toBe("violated");
  });

  test("is pending until its time and the grace for late spans have passed", () => {
    const end = START_NS + BigInt(5000 + EVENTUALLY_GRACE_MS) * 1_000_000n;
    expect(kindOf(temporal, [pay(7)], end - 1n)).toBe("pending");
    expect(kindOf(temporal, [pay(7)], end)).toBe("violated");
  });

  test("is inconclusive without its key, or where a partner may hold", () => {
    expect(verdictsOf(temporal, [spanOf({ spanId: "1", name: "pay" })])).toEqual([["inconclusive", "1", "", "shop.order.id is missing"]]);
    const unsure = checkOf({ kind: "eventually", when: 'span.name == "pay"', eventually: 'span.attributes["done"] == true', withinMs: 5000, key: null });
    expect(kindOf(unsure, [pay(7)])).toBe("inconclusive");
  });

  test("without a key joins by trace", () => {
    const sameTrace = checkOf({ kind: "eventually", when: 'span.name == "pay"', eventually: 'span.name == "confirm"', withinMs: 5000, key: null });
    expect(kindOf(sameTrace, [pay(7), confirm(7, 1)])).toBe("violated");
    expect(verdictsOf(sameTrace, [pay(7), confirm(7, 1, { traceId: "1".repeat(32) })])[0]?.slice(0, 3)).toEqual(["satisfied", "1", "1".repeat(32)]);
  });
});

describe("on the engine", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine();
  });
  afterAll(async () => {
    await engine.close();
  });

  test("whatever text a repository writes stays text", async () => {
    const evil = ["'; DROP TABLE spans; --", "\\'; DROP TABLE spans; --", "a\u0000'b", "{x:String}", "%s ${1}", "\\", "é𝒳\n\u2028", "*/ '' /*", "\\x27"];
    await engine.clear();
    await engine.insert(evil.map((text, index) => generated(spanOf({ spanId: String(index + 10).padStart(16, "0"), name: text, attributes: { [text]: text } }))));
    for (const text of evil) {
      const literal = JSON.stringify(text);
      const check = checkOf({ kind: "invariant", when: `span.name == ${literal}`, require: `span.attributes[${literal}] == ${literal} && span.name.contains(${literal}) && ${literal} in span.attributes` });
      const rows = await engine.select(compileCheck(check).sql.evaluations({ where: "1" }));
      expect(rows).toMatchObject([{ name: text, verdict: "satisfied", detail: `${text} = "${text}", name = "${text}"` }]);
      const ofService = compileCheck(checkOf({ kind: "eventually", when: "true", eventually: "true", withinMs: 1, key: `span.attributes[${literal}]` }, text));
      expect(await engine.select(ofService.sql.evaluations({ where: "1", nowNs: 0n }))).toEqual([]);
    }
    expect(await engine.select("SELECT count() AS n FROM spans")).toEqual([{ n: evil.length }]);
  });

  test("rows carry what a finding needs, and `where` chooses triggers but not partners", async () => {
    await engine.clear();
    await engine.insert([
      generated(spanOf({ spanId: "0000000000000001", name: "pay", attributes: { "shop.order.id": 7 } })),
      generated(spanOf({ spanId: "0000000000000002", name: "confirm", service: "worker", startTimeNs: START_NS + 1_000_000n, attributes: { "shop.order.id": "7" } })),
      generated(spanOf({ spanId: "0000000000000003", name: "pay", attributes: { "shop.order.id": 8 } })),
    ]);
    const rows = await engine.select(compileCheck(temporal).sql.evaluations({ where: "span_hex = '0000000000000001' OR 0", nowNs: LATE_NS }));
    expect(rows).toEqual([
      { trace_hex: "1".repeat(32), span_hex: "0000000000000001", start_time: "2027-01-15 08:00:00.000000000", name: "pay", service: "shop", environment: "production", revision: "f".repeat(40), repository: "https://example.org/shop", verdict: "satisfied", subject: "7", detail: "shop.order.id = 7" },
    ]);
    // Without nowNs the engine's own clock decides; the spans lie in its future.
    const pending = await engine.select(compileCheck(temporal).sql.evaluations({ where: "span_hex = '0000000000000003'" }));
    expect(pending).toMatchObject([{ verdict: START_NS / 1_000_000n > BigInt(Date.now()) ? "pending" : "violated" }]);
  });
});

test("a check says what it is and which attributes it names", () => {
  expect(attributeNames(invariant)).toEqual([TOTAL]);
  expect(attributeNames(checkOf({ kind: "eventually", when: "has(span.attributes.a)", eventually: 'span.resource["r"] == "x" && span.attributes["b.c"] == span.attributes.a', withinMs: 1, key: "span.attributes.k" }))).toEqual(["a", "b.c", "k"]);
  expect(describeCheck(invariant)).toEqual([`when: ${invariant.form.when}`, `require: double(span.attributes["${TOTAL}"]) >= 0.0`]);
  expect(describeCheck(temporal)).toEqual(['when: span.name == "pay"', 'eventually: span.name == "confirm"', "within: 5s", 'key: span.attributes["shop.order.id"]']);
});

test("a check with an expression that cannot be read is refused with its place", () => {
  expect(() => compileCheck(checkOf({ kind: "invariant", when: "true", require: "span.x" }))).toThrow(expect.objectContaining({ code: "binding.malformed", message: expect.stringContaining("bindings.yaml:2") as string }));
  // Each conversion mentions its operand more than once.
  const ladder = Array.from({ length: 12 }).reduce<string>((of) => `string(double(${of}))`, "span.attributes.c");
  expect(() => compileCheck(checkOf({ kind: "invariant", when: "true", require: `${ladder} == "1"` }))).toThrow(expect.objectContaining({ message: expect.stringContaining("too complex") as string }));
});
