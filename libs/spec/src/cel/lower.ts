import type { ASTNode } from "@marcbachmann/cel-js";
import { ANY, FIELDS, type Expr, type FieldName, type Kind, type Kinds } from "./expr.ts";
import { attributeOf, scopeOf } from "./access.ts";
import { lowerCall } from "./calls.ts";
import { narrow } from "./numbers.ts";
import { CelProblem } from "./problem.ts";

/** One node of the parser's tree in our language, or CelProblem where it lies outside the supported part of CEL. */
export function lowerNode(node: ASTNode): Expr {
  switch (node.op) {
    case "value":
      return lowerLiteral(node, node.args);
    case "id":
      throw new CelProblem(`unknown name \`${node.args}\``, node.start, "The only variable is `span`; write strings in quotes.");
    case ".":
    case "[]":
      return lowerAccess(node);
    case "call":
      return lowerCall(node, node.args[0], node.args[1], need);
    case "rcall":
      return lowerCall(node, node.args[0], [node.args[1], ...node.args[2]], need);
    case "!_":
      return { op: "not", of: need(node.args, ["bool"], "!"), kinds: ["bool"] };
    case "-_":
      return negate(node.args);
    case "&&":
    case "||":
      return { op: node.op === "&&" ? "and" : "or", left: need(node.args[0], ["bool"], node.op), right: need(node.args[1], ["bool"], node.op), kinds: ["bool"] };
    case "==":
      return equal(node, lowerNode(node.args[0]), lowerNode(node.args[1]));
    case "!=":
      return { op: "not", of: equal(node, lowerNode(node.args[0]), lowerNode(node.args[1])), kinds: ["bool"] };
    case "<":
    case "<=":
      return order(node, node.op, node.args[0], node.args[1]);
    case ">":
    case ">=":
      return order(node, node.op === ">" ? "<" : "<=", node.args[1], node.args[0]);
    case "in":
      return lowerIn(node, node.args[0], node.args[1]);
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return arithmetic(node, node.op, node.args[0], node.args[1]);
    case "?:":
      return choose(node.args);
    default:
      throw new CelProblem(`\`${OUTSIDE[node.op] ?? node.op}\` is not supported`, node.start, "docs/specs.md lists the supported part of CEL.");
  }
}

/** The operand lowered, provided that it can be one of `kinds`. */
function need(node: ASTNode, kinds: Kinds, what: string): Expr {
  const expr = lowerNode(node);
  if (!expr.kinds.some((kind) => kinds.includes(kind))) {
    throw new CelProblem(`\`${what}\` needs ${kinds.map((kind) => NAMES[kind]).join(" or ")}, not ${expr.kinds.map((kind) => NAMES[kind]).join(" or ")}`, node.start, "Convert it with int(), double() or string(), or compare it first.");
  }
  return expr;
}

const NAMES = { bool: "a boolean", num: "a number", str: "a string" } as const;
const OUTSIDE: Readonly<Record<string, string>> = { map: "{…}", list: "[…] outside `in`", ".?": ".?", "[?]": "[?]" };
const INT64_MAX = 2n ** 63n - 1n;

function lowerLiteral(node: ASTNode, value: unknown): Expr {
  if (typeof value === "string") return { op: "literal", value, kinds: ["str"] };
  if (typeof value === "boolean") return { op: "literal", value, kinds: ["bool"] };
  if (typeof value === "number") return { op: "literal", value, kinds: ["num"] };
  const whole = typeof value === "bigint" ? value : unsigned(value);
  if (whole === null) throw new CelProblem(value === null ? "`null` is not supported" : "bytes are not supported", node.start, 'To test presence write `"the.name" in span.attributes`.');
  if (whole > INT64_MAX) throw new CelProblem("the number does not fit 64 bits", node.start, "Write it as a double, with a decimal point.");
  return { op: "literal", value: narrow(whole), kinds: ["num"] };
}

/** The value of the parser's UnsignedInt (`5u`), which it does not export. */
function unsigned(value: unknown): bigint | null {
  if (typeof value !== "object" || value === null || !("value" in value)) return null;
  return typeof value.value === "bigint" ? value.value : null;
}

function negate(node: ASTNode): Expr {
  const of = need(node, ["num"], "-");
  if (of.op === "literal" && (typeof of.value === "number" || typeof of.value === "bigint")) return { ...of, value: -of.value };
  return { op: "negate", of, kinds: ["num"] };
}

function lowerAccess(node: ASTNode): Expr {
  const attribute = attributeOf(node);
  if (attribute !== null) return { op: "attribute", ...attribute, kinds: ANY };
  if (node.op === "." && node.args[0].op === "id" && node.args[0].args === "span") {
    const name = node.args[1];
    if (Object.hasOwn(FIELDS, name)) return { op: "field", name: name as FieldName, kinds: [FIELDS[name as FieldName]] };
    if (scopeOf(node) !== null) throw new CelProblem(`\`span.${name}\` is a map`, node.start, `Take one value: span.${name}["the.name"].`);
    throw new CelProblem(`\`span\` has no field \`${name}\``, node.start, `It has ${Object.keys(FIELDS).join(", ")}, attributes and resource.`);
  }
  if (node.op === "." && insideAttribute(node.args[0])) {
    throw new CelProblem("an attribute has no fields", node.start, 'A name with dots is one name: span.attributes["shop.order.total"].');
  }
  throw new CelProblem("only fields of `span` can be read", node.start, "The only variable is `span`.");
}

function insideAttribute(node: ASTNode): boolean {
  return (node.op === "." || node.op === "[]") && (scopeOf(node.args[0]) !== null || insideAttribute(node.args[0]));
}

function equal(node: ASTNode, left: Expr, right: Expr): Expr {
  if (!left.kinds.some((kind) => right.kinds.includes(kind))) {
    throw new CelProblem(`compares ${NAMES[left.kinds[0] as Kind]} with ${NAMES[right.kinds[0] as Kind]}`, node.start, "Such values are never equal: convert one with int(), double() or string().");
  }
  return { op: "equal", left, right, kinds: ["bool"] };
}

function order(node: ASTNode, operator: "<" | "<=", leftNode: ASTNode, rightNode: ASTNode): Expr {
  const left = need(leftNode, ["num", "str"], node.op);
  const right = need(rightNode, ["num", "str"], node.op);
  equal(node, left, right);
  return { op: operator === "<" ? "less" : "lessEqual", left, right, kinds: ["bool"] };
}

/** `"k" in span.attributes` tests presence; `x in [a, b]` is x == a || x == b. */
function lowerIn(node: ASTNode, item: ASTNode, container: ASTNode): Expr {
  const scope = scopeOf(container);
  if (scope !== null) {
    if (item.op === "value" && typeof item.args === "string") return { op: "present", scope, key: item.args, kinds: ["bool"] };
    throw new CelProblem("an attribute's name must be a string literal", item.start, 'Write "the.name" in span.attributes.');
  }
  if (container.op !== "list") throw new CelProblem("`in` needs a list such as [1, 2], span.attributes or span.resource", container.start, "docs/specs.md lists the supported part of CEL.");
  const value = lowerNode(item);
  const tests = container.args.map((element) => equal(element, value, lowerNode(element)));
  if (tests.length === 0) throw new CelProblem("the list is empty", container.start, "Nothing is in an empty list.");
  return tests.reduce((left, right) => ({ op: "or", left, right, kinds: ["bool"] }));
}

function arithmetic(node: ASTNode, operator: "+" | "-" | "*" | "/" | "%", leftNode: ASTNode, rightNode: ASTNode): Expr {
  const allowed: Kinds = operator === "+" ? ["num", "str"] : ["num"];
  const left = need(leftNode, allowed, operator);
  const right = need(rightNode, allowed, operator);
  const kinds = allowed.filter((kind) => left.kinds.includes(kind) && right.kinds.includes(kind));
  if (kinds.length === 0) equal(node, left, right);
  return { op: "arithmetic", operator, left, right, kinds };
}

function choose(args: readonly [ASTNode, ASTNode, ASTNode]): Expr {
  const condition = need(args[0], ["bool"], "?:");
  const yes = lowerNode(args[1]);
  const no = lowerNode(args[2]);
  return { op: "choose", condition, yes, no, kinds: ANY.filter((kind) => yes.kinds.includes(kind) || no.kinds.includes(kind)) };
}
