import type { SgNode } from "@ast-grep/napi";
import { brief, isTarget, named, replace, type Hints, type Template } from "./api.ts";

const LIST_METHODS = new Set(["map", "filter", "reduce", "forEach", "some", "every", "find", "flatMap", "join", "slice", "includes", "indexOf", "concat", "sort", "entries", "push"]);
const TEXT_METHODS = new Set(["trim", "toLowerCase", "toUpperCase", "split", "replace", "startsWith", "endsWith", "padStart", "charAt", "match"]);

/** A value may be missing: use a neutral one of the kind that its use asks for. */
export const defaultValue: Template = {
  name: "default",
  kinds: ["member_expression", "subscript_expression", "identifier", "call_expression", "for_in_statement"],
  prior: (hints) => (hints.kind === "error" ? 1.2 : hints.kind === "invariant" ? 0.7 : 0.2),
  apply: (node, hints) => {
    if (node.kind() === "for_in_statement") {
      const right = node.field("right");
      return right === null ? [] : [replace(right, `${operand(right)} ?? []`, `takes ${brief(right)} as an empty list where it is missing`)];
    }
    if (isTarget(node) || node.parent()?.kind() === "optional_chain") return [];
    return neutral(node, hints).map(([value, fit]) => replace(node, `(${operand(node)} ?? ${value})`, `uses ${value} where ${brief(node)} is missing`, fit));
  },
};

/** Neutral values that fit how the node is used, each with how well. */
function neutral(node: SgNode, hints: Hints): [string, number][] {
  const parent = node.parent();
  if (parent === null) return [];
  const kind = String(parent.kind());
  if (kind === "member_expression" && parent.field("object")?.id() === node.id()) {
    const property = parent.field("property")?.text() ?? "";
    const fit = hints.property === property ? 1.6 : 0.5;
    if (property === "length" || LIST_METHODS.has(property)) return [["[]", fit], ...(property === "length" ? ([["\"\"", fit * 0.6]] as [string, number][]) : [])];
    if (TEXT_METHODS.has(property)) return [["\"\"", fit]];
    return [["{}", fit * 0.8]];
  }
  if (kind === "binary_expression") {
    const operator = parent.field("operator")?.text() ?? "";
    if (operator === "*" || operator === "/") return [["0", 0.8], ["1", 0.7]];
    if (/^(?:[-+<>]|<=|>=|%)$/.test(operator)) return [["0", 0.8]];
    return [];
  }
  if (kind === "spread_element") return [["[]", 0.6]];
  const name = node.kind() === "call_expression" ? "" : (node.field("property")?.text() ?? node.text());
  if (kind === "variable_declarator" && parent.field("value")?.id() === node.id() && node.kind() !== "identifier") return [["{}", 0.5], ["[]", 0.4], ["0", 0.4]];
  if ((kind === "pair" || kind === "arguments" || kind === "return_statement") && hints.names.has(name)) return [["0", 0.5]];
  return [];
}

function operand(node: SgNode): string {
  return /^(?:binary|ternary|assignment|await|yield|arrow|unary)/.test(String(node.kind())) && named(node).length > 0 ? `(${node.text()})` : node.text();
}
