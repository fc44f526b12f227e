import { parseCel } from "../cel/parse.ts";
import { childrenOf, type Expr, type FieldName, type Kind, type Scope } from "../cel/expr.ts";
import { compileSql } from "../cel/sql.ts";
import type { Check } from "../types.ts";

/** A check with its expressions read. Both evaluators work on this. */
export type Program =
  | { readonly kind: "invariant"; readonly when: Expr; readonly require: Expr; readonly seen: readonly Seen[] }
  | {
      readonly kind: "eventually";
      readonly when: Expr;
      readonly eventually: Expr;
      /** Joins by trace where null. The value is compared as text, so 7 and "7" are the same order. */
      readonly key: Expr | null;
      readonly withinNs: bigint;
      readonly seen: readonly Seen[];
    };

/** Something that the check names, for the detail of its verdicts. */
export type Seen =
  | { readonly op: "field"; readonly name: FieldName; readonly label: string }
  | { readonly op: "attribute"; readonly scope: Scope; readonly key: string; readonly label: string };

/** Throws CelProblem where an expression cannot be read. */
export function programOf(form: Check["form"]): Program {
  const when = readable(form.when, "bool");
  if (form.kind === "invariant") {
    const require = readable(form.require, "bool");
    const seen = [...seenIn(require, true), ...seenIn(when, false)];
    return { kind: "invariant", when, require, seen: distinct(seen) };
  }
  const eventually = readable(form.eventually, "bool");
  const key = form.key === null ? null : readable(form.key, null);
  const seen = [...(key === null ? [] : seenIn(key, false)), ...seenIn(when, false)];
  return { kind: "eventually", when, eventually, key, withinNs: BigInt(Math.round(form.withinMs)) * 1_000_000n, seen: distinct(seen) };
}

/** Keys of span attributes that the check names, in order of appearance. */
export function attributeNamesOf(form: Check["form"]): string[] {
  const program = programOf(form);
  const exprs = program.kind === "invariant" ? [program.require, program.when] : [program.when, program.eventually, ...(program.key === null ? [] : [program.key])];
  const seen = distinct(exprs.flatMap((expr) => seenIn(expr, false)));
  return seen.flatMap((one) => (one.op === "attribute" && one.scope === "attributes" ? [one.key] : []));
}

/** An expression that both evaluators take: its SQL may be too long where its text is not. */
function readable(text: string, kind: Kind | null): Expr {
  const expr = parseCel(text, kind);
  compileSql(expr);
  return expr;
}

function seenIn(expr: Expr, withFields: boolean): Seen[] {
  if (expr.op === "attribute" || expr.op === "present") {
    return [{ op: "attribute", scope: expr.scope, key: expr.key, label: expr.scope === "resource" ? `resource ${expr.key}` : expr.key }];
  }
  if (expr.op === "field") return withFields ? [{ op: "field", name: expr.name, label: expr.name }] : [];
  return childrenOf(expr).flatMap((child) => seenIn(child, withFields));
}

function distinct(all: readonly Seen[]): Seen[] {
  return [...new Map(all.map((one) => [`${one.op} ${one.label}`, one])).values()];
}
