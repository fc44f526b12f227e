import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generatedSpans, holds, startEngine, type Engine } from "../engine.fixture.ts";
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

test("the engine and JavaScript give every expression the same value on every span", async () => {
  let compared = 0;
  let known = 0;
  await holds(fc.tuple(generatedSpans(24), fc.array(anyText(3), { minLength: 12, maxLength: 12 })), RUNS, async ([made, texts]) => {
    await engine.clear();
    await engine.insert(made);
    const exprs = texts.flatMap(parsed);
    const columns = exprs.map(({ expr }, index) => `, ${sqlString(compileSql(expr))} AS e${index}`).join("");
    const rows = new Map((await engine.select(`SELECT span_hex${columns} FROM spans`)).map((row) => [row["span_hex"], row]));
    for (const [index, { text, expr }] of exprs.entries()) {
      const evaluate = compileEvaluate(expr);
      for (const one of made) {
        const value = evaluate(one.span);
        const ours = value === undefined ? null : textOf(value);
        const theirs = rows.get(one.span.spanId)?.[`e${index}`];
        compared += 1;
        known += ours === null ? 0 : 1;
        if (theirs === ours) continue;
        throw new Error(`${text}\n  JavaScript ${JSON.stringify(ours)}, engine ${JSON.stringify(theirs)}\n  on ${JSON.stringify(one, (_key, part: unknown) => (typeof part === "bigint" ? `${part}n` : part))}`);
      }
    }
  });
  // The generator must not drift into producing expressions that are refused or always unknown.
  expect(compared).toBeGreaterThan(2000);
  expect(known / compared).toBeGreaterThan(0.3);
});
