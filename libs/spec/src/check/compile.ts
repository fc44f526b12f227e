import { FirstfixError } from "@firstfix/kit";
import { CelProblem } from "../cel/problem.ts";
import type { Check } from "../types.ts";
import { compileEvaluateCheck, type EvaluateCheck } from "./evaluate.ts";
import { attributeNamesOf, programOf } from "./program.ts";
import { compileCheckSql, type CheckSql } from "./sql.ts";

/** One check, two evaluators that agree: JavaScript for the spans of a replay, SQL for production. */
export interface CompiledCheck {
  readonly check: Check;
  /** `nowNs` decides whether an `eventually` is still pending; pass a late one where no more spans will come. */
  readonly evaluate: EvaluateCheck;
  readonly sql: CheckSql;
}

/** Throws binding.malformed where an expression cannot be read; checks of readSpecs always can. */
export function compileCheck(check: Check): CompiledCheck {
  const program = reading(check, () => programOf(check.form));
  return { check, evaluate: compileEvaluateCheck(check, program), sql: compileCheckSql(check, program) };
}

/** Attribute keys that the check names: what the code behind a violation is likely to mention. */
export function attributeNames(check: Check): string[] {
  return reading(check, () => attributeNamesOf(check.form));
}

/** The check as lines for a person: `when: …`, `require: …`. */
export function describeCheck(check: Check): string[] {
  const { form } = check;
  if (form.kind === "invariant") return [`when: ${form.when}`, `require: ${form.require}`];
  return [`when: ${form.when}`, `eventually: ${form.eventually}`, `within: ${durationText(form.withinMs)}`, `key: ${form.key ?? "the same trace"}`];
}

function durationText(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

function reading<T>(check: Check, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof CelProblem)) throw cause;
    throw new FirstfixError("binding.malformed", `${check.file}:${check.line}: ${cause.message}`, { hint: cause.hint, cause });
  }
}
