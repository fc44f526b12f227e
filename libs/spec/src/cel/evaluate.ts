import type { AttributeValue, Span } from "@firstfix/otlp";
import { RE2JS } from "re2js";
import type { Expr, FieldName, Scope, Value } from "./expr.ts";
import { doubleOfText, numberText, remainder, sameNumber, toWhole, wholeOfText, type Num } from "./numbers.ts";

/** The value of an expression on one span; undefined where CEL would err: unknown. */
export type Evaluate = (span: Span) => Value | undefined;

/** Compiles an expression to a function of a span. What it returns must equal what sql.ts makes the engine return. */
export function compileEvaluate(expr: Expr): Evaluate {
  switch (expr.op) {
    case "literal": {
      const { value } = expr;
      return () => value;
    }
    case "field":
      return FIELD_READERS[expr.name];
    case "attribute": {
      const { scope, key } = expr;
      return (span) => scalarOf(attributeValue(span, scope, key));
    }
    case "present": {
      const { scope, key } = expr;
      return (span) => attributeValue(span, scope, key) !== undefined;
    }
    case "not":
      return unary(expr.of, (value) => (typeof value === "boolean" ? !value : undefined));
    case "negate":
      return unary(expr.of, (value) => (isNumber(value) ? -Number(value) : undefined));
    case "size":
      return unary(expr.of, (value) => (typeof value === "string" ? codePoints(value) : undefined));
    case "convert":
      return unary(expr.of, CONVERTERS[expr.to]);
    case "and":
      return logical(expr.left, expr.right, false);
    case "or":
      return logical(expr.left, expr.right, true);
    case "equal":
      return binary(expr.left, expr.right, equalValues);
    case "less":
      return binary(expr.left, expr.right, (left, right) => ordered(left, right, false));
    case "lessEqual":
      return binary(expr.left, expr.right, (left, right) => ordered(left, right, true));
    case "arithmetic": {
      const { operator } = expr;
      return binary(expr.left, expr.right, (left, right) => arithmetic(operator, left, right));
    }
    case "choose":
      return choose(expr.condition, expr.yes, expr.no);
    case "startsWith":
      return texts(expr.of, expr.argument, (text, part) => text.startsWith(part));
    case "endsWith":
      return texts(expr.of, expr.argument, (text, part) => text.endsWith(part));
    case "contains":
      return texts(expr.of, expr.argument, (text, part) => text.includes(part));
    case "matches": {
      const pattern = RE2JS.compile(expr.pattern);
      return unary(expr.of, (value) => (typeof value === "string" ? pattern.matcher(value).find() : undefined));
    }
  }
}

/** An attribute of a span or its resource; inherited properties are no attributes. */
export function attributeValue(span: Span, scope: Scope, key: string): AttributeValue | undefined {
  const map = span[scope];
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Lists and maps can be tested for presence only. */
export function scalarOf(value: AttributeValue | undefined): Value | undefined {
  return typeof value === "object" ? undefined : value;
}

/** string(): what a key is joined by and a detail shows. */
export function textOf(value: Value): string {
  return isNumber(value) ? numberText(value) : String(value);
}

export const FIELD_READERS: Readonly<Record<FieldName, (span: Span) => Value>> = {
  name: (span) => span.name,
  kind: (span) => span.kind,
  status: (span) => span.statusCode,
  duration_ms: (span) => Number(span.durationNs) / 1e6,
  service: (span) => span.service,
  environment: (span) => span.environment,
};

const CONVERTERS: Readonly<Record<"int" | "double" | "string", (value: Value) => Value | undefined>> = {
  int: (value) => (isNumber(value) ? toWhole(value) : typeof value === "string" ? wholeOfText(value) : undefined),
  double: (value) => (isNumber(value) ? Number(value) : typeof value === "string" ? doubleOfText(value) : undefined),
  string: textOf,
};

function isNumber(value: Value): value is Num {
  return typeof value === "number" || typeof value === "bigint";
}

function unary(of: Expr, apply: (value: Value) => Value | undefined): Evaluate {
  const evaluate = compileEvaluate(of);
  return (span) => {
    const value = evaluate(span);
    return value === undefined ? undefined : apply(value);
  };
}

function binary(leftExpr: Expr, rightExpr: Expr, apply: (left: Value, right: Value) => Value | undefined): Evaluate {
  const evaluateLeft = compileEvaluate(leftExpr);
  const evaluateRight = compileEvaluate(rightExpr);
  return (span) => {
    const left = evaluateLeft(span);
    const right = evaluateRight(span);
    return left === undefined || right === undefined ? undefined : apply(left, right);
  };
}

function texts(of: Expr, argument: Expr, apply: (text: string, part: string) => boolean): Evaluate {
  return binary(of, argument, (text, part) => (typeof text === "string" && typeof part === "string" ? apply(text, part) : undefined));
}

/** `&&` (absorbing = false) and `||` (absorbing = true): the absorbing value wins over unknown on either side. */
function logical(leftExpr: Expr, rightExpr: Expr, absorbing: boolean): Evaluate {
  const evaluateLeft = compileEvaluate(leftExpr);
  const evaluateRight = compileEvaluate(rightExpr);
  return (span) => {
    const left = evaluateLeft(span);
    if (left === absorbing) return absorbing;
    const right = evaluateRight(span);
    if (right === absorbing) return absorbing;
    return left === !absorbing && right === !absorbing ? !absorbing : undefined;
  };
}

function choose(conditionExpr: Expr, yesExpr: Expr, noExpr: Expr): Evaluate {
  const condition = compileEvaluate(conditionExpr);
  const yes = compileEvaluate(yesExpr);
  const no = compileEvaluate(noExpr);
  return (span) => {
    const value = condition(span);
    return value === true ? yes(span) : value === false ? no(span) : undefined;
  };
}

/** CEL's heterogeneous equality: values of different types are known to differ. */
function equalValues(left: Value, right: Value): boolean {
  return isNumber(left) && isNumber(right) ? sameNumber(left, right) : left === right;
}

function ordered(left: Value, right: Value, orEqual: boolean): boolean | undefined {
  if (isNumber(left) && isNumber(right)) return orEqual ? left <= right : left < right;
  if (typeof left !== "string" || typeof right !== "string") return undefined;
  // UTF-8 bytes sort as code points do; JavaScript's own comparison does not.
  const order = Buffer.compare(Buffer.from(left), Buffer.from(right));
  return orEqual ? order <= 0 : order < 0;
}

function arithmetic(operator: "+" | "-" | "*" | "/" | "%", left: Value, right: Value): Value | undefined {
  if (typeof left === "string" && typeof right === "string") return operator === "+" ? left + right : undefined;
  if (!isNumber(left) || !isNumber(right)) return undefined;
  if (operator === "%") return remainder(left, right);
  const a = Number(left);
  const b = Number(right);
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return b === 0 ? undefined : a / b;
  }
}

function codePoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1) count += 1;
  return count;
}
