import type { SgNode } from "@ast-grep/napi";
import { brief, replace, type Edit, type Template } from "./api.ts";

const SWAPS: Readonly<Record<string, readonly string[]>> = {
  "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "&&": ["||"], "||": ["&&", "??"], "??": ["||"],
  "===": ["!=="], "!==": ["==="], "==": ["!="], "!=": ["=="], "<": [">", ">="], ">": ["<", "<="], "<=": [">="], ">=": ["<="],
};

/** The wrong operator, or a condition that asks the opposite, too much or too little. */
export const operator: Template = {
  name: "operator",
  kinds: ["binary_expression", "if_statement", "augmented_assignment_expression", "ternary_expression"],
  prior: (hints) => (hints.kind === "error" ? 0.4 : 1),
  apply: (node) => {
    if (node.kind() === "if_statement") return condition(node);
    if (node.kind() === "ternary_expression") return negate(node.field("condition"));
    return swap(node);
  },
};

function swap(node: SgNode): Edit[] {
  const sign = node.field("operator");
  if (sign === null) return [];
  const assigned = sign.text() === "+=" ? ["-="] : sign.text() === "-=" ? ["+="] : [];
  const others = SWAPS[sign.text()] ?? assigned;
  const edits = others.map((other) => replace(sign, other, `uses ${other} in place of ${sign.text()} in ${brief(node)}`, /^[=!]/.test(sign.text()) ? 0.8 : 1));
  if (sign.text() !== "&&" && sign.text() !== "||") return edits;
  const left = node.field("left");
  const right = node.field("right");
  if (left === null || right === null) return edits;
  return [...edits, replace(node, left.text(), `asks only for ${brief(left)}`, 0.8), replace(node, right.text(), `asks only for ${brief(right)}`, 0.8)];
}

function condition(node: SgNode): Edit[] {
  const asked = node.field("condition");
  const inner = asked?.child(1) ?? null;
  if (asked === null || inner === null) return [];
  const jump = /^\{?\s*(?:return|continue|break|throw)\b/.test(node.field("consequence")?.text() ?? "") && node.field("alternative") === null;
  return [...negate(inner), ...(jump ? [replace(node, "", `does not leave early for ${brief(inner)}`, 1.1)] : []), ...(node.field("alternative") === null ? [replace(asked, "(true)", `does ${brief(node.field("consequence") ?? node)} in every case`, 0.4)] : [])];
}

function negate(inner: SgNode | null): Edit[] {
  if (inner === null) return [];
  const text = inner.text();
  return [replace(inner, text.startsWith("!") && /^![\w.]+$/.test(text) ? text.slice(1) : `!(${text})`, `asks for the opposite of ${brief(inner)}`, 0.7)];
}
