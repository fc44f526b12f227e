import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { spanOf } from "../check/check.fixture.ts";
import { generated, generatedSpans, holds, startEngine, TEXTS, type Engine, type GeneratedSpan } from "../engine.fixture.ts";
import { anyText } from "../expression.fixture.ts";
import { compileEvaluate, textOf } from "./evaluate.ts";
import type { Expr } from "./expr.ts";
import { parseCel } from "./parse.ts";
import { CelProblem } from "./problem.ts";
import { compileSql, sqlString } from "./sql.ts";

const RUNS = 25;
let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(async () => {
  await engine.close();
});

function parsed(text: string): { readonly text: string; readonly expr: Expr }[] {
  try {
    const expr = parseCel(text, null);
    compileSql(expr);
    return [{ text, expr }];
  } catch (cause) {
    if (cause instanceof CelProblem) return [];
    throw cause;
  }
}

test("patterns, conversions and orders of texts are the same on both", async () => {
  const texts = [...TEXTS, "a\n", "\na", "a.b", "A", "ß", "Straße 1", "a b", "\u00A0", "-0", "0", "-007", "1e99", "1E-5", "+5", " 5", "5 ", ".5", "5.", "123456789012345678", "1234567890123456789", "0.30000000000000004", "1.7976931348623157e99", "é".repeat(121), "𝒳".repeat(119)];
  const spans = texts.map((text, index) => generated(spanOf({ spanId: String(index).padStart(2, "0").repeat(8), attributes: { a: text } })));
  const patterns = ["a.b", "^a$", "a$", "(?m)^a$", "(?s)a.b", "(?i)STRASSE|a", "\\bb", "\\w+", "\\s", "[^a]", "\\pL", "^.{1}$", "^$", "x{100,}", "\\Qa.b\\E", "[[:alpha:]]", "^(a|ab)(c|bcd)?$", "'"];
  const value = 'span.attributes["a"]';
  const exprs = [
    ...patterns.map((pattern) => `${value}.matches(r"${pattern}")`),
    ...texts.flatMap((text) => [`${value} < ${JSON.stringify(text)}`, `${value}.contains(${JSON.stringify(text)})`, `${value}.startsWith(${JSON.stringify(text)})`]),
    `int(${value})`, `double(${value})`, `double(${value}) + 0.1`, `size(${value})`,
  ];
  await engine.clear();
  await engine.insert(spans);
  const read = exprs.flatMap(parsed);
  expect(read).toHaveLength(exprs.length);
  expect(await differences(read, spans)).toEqual([]);
});

test("the engine and JavaScript give every expression the same value on every span", { timeout: 120_000 }, async () => {
  let compared = 0;
  let known = 0;
  await holds(fc.tuple(generatedSpans(24), fc.array(anyText(3), { minLength: 12, maxLength: 12 })), RUNS, async ([made, texts]) => {
    await engine.clear();
    await engine.insert(made);
    const exprs = texts.flatMap(parsed);
    const found = await differences(exprs, made);
    if (found.length > 0) throw new Error(found.join("\n"));
    compared += exprs.length * made.length;
    known += exprs.reduce((sum, { expr }) => sum + made.filter(({ span }) => compileEvaluate(expr)(span) !== undefined).length, 0);
  });
  // The generator must not drift into producing expressions that are refused or always unknown.
  expect(compared).toBeGreaterThan(2000);
  expect(known / compared).toBeGreaterThan(0.3);
});

/** Where the two evaluators differ, as texts. */
async function differences(exprs: readonly { readonly text: string; readonly expr: Expr }[], made: readonly GeneratedSpan[]): Promise<string[]> {
  const columns = exprs.map(({ expr }, index) => `, ${sqlString(compileSql(expr))} AS e${index}`).join("");
  const rows = new Map((await engine.select(`SELECT span_hex${columns} FROM spans`)).map((row) => [row["span_hex"], row]));
  return exprs.flatMap(({ text, expr }, index) => {
    const evaluate = compileEvaluate(expr);
    return made.flatMap((one) => {
      const value = evaluate(one.span);
      const ours = value === undefined ? null : textOf(value);
      const theirs = rows.get(one.span.spanId)?.[`e${index}`];
      if (theirs === ours) return [];
      return [`${text}\n  JavaScript ${JSON.stringify(ours)}, engine ${JSON.stringify(theirs)}\n  on ${JSON.stringify(one, (_key, part: unknown) => (typeof part === "bigint" ? `${part}n` : part))}`];
    });
  });
}
