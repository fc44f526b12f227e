import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generatedSpans, holds, KEYS, startEngine, type Engine, type GeneratedSpan } from "../engine.fixture.ts";
import { booleanText } from "../expression.fixture.ts";
import { EVENTUALLY_GRACE_MS } from "../limits.ts";
import type { Check, EventuallyForm, Verdict } from "../types.ts";
import { compileCheck, type CompiledCheck } from "./compile.ts";
import { checkOf } from "./check.fixture.ts";

const RUNS = 12;
let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(async () => {
  await engine.close();
});

const services = fc.constantFrom("shop", "");

const invariants = fc
  .record({ service: services, when: booleanText(2), require: booleanText(2) })
  .map(({ service, when, require }) => checkOf({ kind: "invariant", when, require }, service));

/** Plain conditions, so that triggers and partners meet often enough, beside random ones. */
const condition = fc.oneof(booleanText(1), fc.constantFrom("true", 'span.kind == "server"', 'span.status == "error"', 'span.service == "worker"', 'span.attributes["a"] == 5', 'has(span.attributes["b"])'));
const key = fc.oneof(fc.constant(null), fc.constantFrom(...KEYS).map((name) => `span.attributes[${JSON.stringify(name)}]`), fc.constantFrom("span.name", 'span.status == "ok"', 'string(span.duration_ms) + "x"'));
const temporal = fc
  .record({ service: services, when: condition, eventually: condition, key, withinMs: fc.integer({ min: 1, max: 15 }) })
  .map(({ service, ...form }) => checkOf({ kind: "eventually", ...form } satisfies EventuallyForm, service));

/** Some time around the deadlines of the spans, which start within 20 ms. */
const now = fc.integer({ min: 0, max: 60 }).map((ms) => 1_800_000_000_000_000_000n + BigInt(EVENTUALLY_GRACE_MS + ms) * 1_000_000n);

function compiled(check: Check): CompiledCheck | null {
  try {
    return compileCheck(check);
  } catch {
    return null;
  }
}

const cases = fc.tuple(generatedSpans(16), now, fc.array(invariants, { minLength: 4, maxLength: 4 }), fc.array(temporal, { minLength: 8, maxLength: 8 }));

// Else the next test would hold little. A fixed seed, for what chance leaves out must not fail a build.
test("the generated cases lead to every kind of verdict", () => {
  const seen = new Map<string, number>();
  for (const [made, nowNs, ...checks] of fc.sample(cases, { seed: 1, numRuns: 60 })) {
    for (const check of checks.flat()) {
      for (const { kind } of compiled(check)?.evaluate(made.map(({ span }) => span), nowNs) ?? []) seen.set(`${check.form.kind} ${kind}`, (seen.get(`${check.form.kind} ${kind}`) ?? 0) + 1);
    }
  }
  const kinds = [...["satisfied", "violated", "inconclusive", "vacuous"].map((kind) => `invariant ${kind}`), ...["satisfied", "violated", "inconclusive", "pending", "vacuous"].map((kind) => `eventually ${kind}`)];
  for (const kind of kinds) expect([kind, (seen.get(kind) ?? 0) > 2]).toEqual([kind, true]);
});

test("the engine and JavaScript judge every span alike", { timeout: 120_000 }, async () => {
  await holds(cases, RUNS, async ([made, nowNs, ...checks]) => {
    await engine.clear();
    await engine.insert(made);
    for (const check of checks.flat()) {
      const both = compiled(check);
      if (both === null) continue;
      const ours = both.evaluate(made.map(({ span }) => span), nowNs);
      const theirs = await engine.select(both.sql.evaluations({ where: "1", nowNs }));
      const expected = ours.flatMap(rowOf).sort();
      const got = theirs.map((row) => JSON.stringify([row["span_hex"], row["verdict"], row["subject"], row["detail"]])).sort();
      if (JSON.stringify(got) !== JSON.stringify(expected)) throw new Error(difference(check, made, expected, got));
    }
  });
});

function rowOf({ witness, kind, subject, detail }: Verdict): string[] {
  return witness === null ? [] : [JSON.stringify([witness.spanId, kind, subject, detail])];
}

function difference(check: Check, made: readonly GeneratedSpan[], expected: readonly string[], got: readonly string[]): string {
  const onlyOurs = expected.filter((row) => !got.includes(row));
  const onlyTheirs = got.filter((row) => !expected.includes(row));
  const shown = JSON.stringify(made.map(({ span }) => span), (_key, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));
  return `${JSON.stringify(check.form)} of "${check.service}"\n  JavaScript only ${onlyOurs.join(" ")}\n  engine only ${onlyTheirs.join(" ")}\n  on ${shown}`;
}
