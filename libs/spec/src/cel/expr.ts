/**
 * A CEL expression as both evaluators read it: the parser's tree reduced to a small, typed language in which the two
 * cannot disagree about meaning.
 *
 * - There is one number type. The JavaScript SDK sends 5.0 as an int, so a check that told int from double would judge
 *   the same value differently from one request to the next. `/` therefore divides really; int(a / b) cuts.
 * - Whatever CEL calls an error (missing attribute, wrong type, division by zero) is *unknown* here: `undefined` in
 *   JavaScript, NULL in SQL. `&&` and `||` absorb it as CEL's do, and SQL's three-valued logic is the same one.
 */
export type Expr =
  | { readonly op: "literal"; readonly value: Value; readonly kinds: Kinds }
  | { readonly op: "field"; readonly name: FieldName; readonly kinds: Kinds }
  | { readonly op: "attribute"; readonly scope: Scope; readonly key: string; readonly kinds: Kinds }
  | { readonly op: "present"; readonly scope: Scope; readonly key: string; readonly kinds: Kinds }
  | { readonly op: "not" | "negate" | "size"; readonly of: Expr; readonly kinds: Kinds }
  | { readonly op: "convert"; readonly to: "int" | "double" | "string"; readonly of: Expr; readonly kinds: Kinds }
  | { readonly op: "and" | "or" | "equal" | "less" | "lessEqual"; readonly left: Expr; readonly right: Expr; readonly kinds: Kinds }
  | { readonly op: "arithmetic"; readonly operator: "+" | "-" | "*" | "/" | "%"; readonly left: Expr; readonly right: Expr; readonly kinds: Kinds }
  | { readonly op: "choose"; readonly condition: Expr; readonly yes: Expr; readonly no: Expr; readonly kinds: Kinds }
  | { readonly op: "startsWith" | "endsWith" | "contains"; readonly of: Expr; readonly argument: Expr; readonly kinds: Kinds }
  | { readonly op: "matches"; readonly of: Expr; readonly pattern: string; readonly kinds: Kinds };

/** Numbers are bigint only where a number would lose digits. */
export type Value = string | number | bigint | boolean;
export type Kind = "bool" | "num" | "str";
/** What an expression's value may be; more than one only where an attribute decides it. */
export type Kinds = readonly Kind[];
export type Scope = "attributes" | "resource";

export const FIELDS = {
  name: "str",
  kind: "str",
  status: "str",
  duration_ms: "num",
  service: "str",
  environment: "str",
} as const satisfies Record<string, Kind>;
export type FieldName = keyof typeof FIELDS;

export const ANY: Kinds = ["bool", "num", "str"];

/** The children of a node, for walks. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.op) {
    case "literal":
    case "field":
    case "attribute":
    case "present":
      return [];
    case "choose":
      return [expr.condition, expr.yes, expr.no];
    case "startsWith":
    case "endsWith":
    case "contains":
      return [expr.of, expr.argument];
    case "not":
    case "negate":
    case "size":
    case "convert":
    case "matches":
      return [expr.of];
    default:
      return [expr.left, expr.right];
  }
}
