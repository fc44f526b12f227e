import type { SgNode } from "@ast-grep/napi";
import { brief, isTarget, replace, type Edit, type Template } from "./api.ts";

/** Text where a number is meant, or the other way round. */
export const coercion: Template = {
  name: "coercion",
  kinds: ["binary_expression", "member_expression", "identifier"],
  prior: (hints) => (hints.kind === "invariant" ? 0.7 : 0.4),
  apply: (node, hints) => {
    if (node.kind() === "binary_expression") return both(node);
    const parent = String(node.parent()?.kind());
    if (isTarget(node) || !hints.names.has(node.field("property")?.text() ?? node.text())) return [];
    return parent === "pair" || parent === "arguments" || parent === "variable_declarator" ? [replace(node, `Number(${node.text()})`, `takes ${brief(node)} as a number`)] : [];
  },
};

function both(node: SgNode): Edit[] {
  const sign = node.field("operator")?.text() ?? "";
  const left = node.field("left");
  const right = node.field("right");
  if (left === null || right === null || left.kind() === "string" || right.kind() === "string") return [];
  const as = (kind: string): string => `${wrap(kind, left)} ${sign} ${wrap(kind, right)}`;
  if (sign === "+") return [replace(node, as("Number"), `adds ${brief(left)} and ${brief(right)} as numbers`)];
  if (/^[<>]=?$/.test(sign)) return [replace(node, as("Number"), `compares ${brief(left)} and ${brief(right)} as numbers`, 0.6)];
  if (sign === "===" || sign === "!==") return [replace(node, as("String"), `compares ${brief(left)} and ${brief(right)} as text`, 0.6)];
  return [];
}

function wrap(kind: string, node: SgNode): string {
  return node.kind() === "number" || node.kind() === "null" || node.kind() === "undefined" ? node.text() : `${kind}(${node.text()})`;
}
