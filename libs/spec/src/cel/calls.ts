import type { ASTNode } from "@marcbachmann/cel-js";
import { RE2JS } from "re2js";
import { SPEC_LIMITS } from "../limits.ts";
import { attributeOf } from "./access.ts";
import type { Expr, Kinds } from "./expr.ts";
import { CelProblem } from "./problem.ts";

export type Need = (node: ASTNode, kinds: Kinds, what: string) => Expr;

/** A function or method call; a method's receiver is its first argument, as CEL has it. */
export function lowerCall(node: ASTNode, name: string, args: readonly ASTNode[], need: Need): Expr {
  const [first, second] = args;
  const expected = ARGUMENTS.get(name);
  if (expected === undefined || first === undefined) {
    throw new CelProblem(`the function \`${name}\` is not supported`, node.start, `Supported: ${[...ARGUMENTS.keys()].join(", ")}.`);
  }
  if (args.length !== expected) throw new CelProblem(`\`${name}\` takes ${expected} argument${expected > 1 ? "s" : ""}, not ${args.length}`, node.start, "A method's receiver counts as the first.");
  switch (name) {
    case "has":
      return lowerHas(first);
    case "dyn":
      return need(first, ["bool", "num", "str"], name);
    case "size":
      return { op: "size", of: need(first, ["str"], name), kinds: ["num"] };
    case "int":
    case "double":
      return { op: "convert", to: name, of: need(first, ["num", "str"], name), kinds: ["num"] };
    case "string":
      return { op: "convert", to: "string", of: need(first, ["bool", "num", "str"], name), kinds: ["str"] };
    case "matches":
      return { op: "matches", of: need(first, ["str"], name), pattern: patternOf(second ?? first), kinds: ["bool"] };
    default:
      return { op: name as "startsWith" | "endsWith" | "contains", of: need(first, ["str"], name), argument: need(second ?? first, ["str"], name), kinds: ["bool"] };
  }
}

const ARGUMENTS: ReadonlyMap<string, number> = new Map([
  ["has", 1], ["dyn", 1], ["size", 1], ["int", 1], ["double", 1], ["string", 1],
  ["startsWith", 2], ["endsWith", 2], ["contains", 2], ["matches", 2],
]);

/** Standard CEL takes only has(a.b); has(a["b"]) is taken too, because attribute names have dots. */
function lowerHas(node: ASTNode): Expr {
  const attribute = attributeOf(node);
  if (attribute === null) throw new CelProblem("has() needs an attribute", node.start, 'Write has(span.attributes["the.name"]); the fields of `span` are always there.');
  return { op: "present", ...attribute, kinds: ["bool"] };
}

/** A pattern is a literal in RE2's syntax, so that both evaluators run it in linear time, whoever wrote it. */
function patternOf(node: ASTNode): string {
  if (node.op !== "value" || typeof node.args !== "string") throw new CelProblem("the pattern of matches() must be a string literal", node.start, 'Write matches("^[a-z]+$").');
  const pattern = node.args;
  if (pattern.length > SPEC_LIMITS.patternChars) throw new CelProblem(`the pattern is longer than ${SPEC_LIMITS.patternChars} characters`, node.start, "Use a shorter pattern.");
  try {
    RE2JS.compile(pattern);
  } catch (cause) {
    throw new CelProblem(`not an RE2 pattern: ${cause instanceof Error ? cause.message : String(cause)}`, node.start, "RE2 has no look-around and no back-references.");
  }
  return pattern;
}
