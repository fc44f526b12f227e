import type { SgNode } from "@ast-grep/napi";
import { brief, functionOf, isTarget, replace, type Edit, type Hints, type Template } from "./api.ts";

/** Something is missing where a property is read: pass over it instead of failing. */
export const guard: Template = {
  name: "guard",
  kinds: ["member_expression", "subscript_expression", "expression_statement", "lexical_declaration", "return_statement"],
  prior: (hints) => (hints.kind === "error" ? (hints.property === null ? 0.8 : 1.6) : 0.25),
  apply: (node, hints) => (node.kind() === "member_expression" || node.kind() === "subscript_expression" ? optionalChain(node, hints) : earlyExit(node, hints)),
};

function optionalChain(node: SgNode, hints: Hints): Edit[] {
  const object = node.field("object");
  if (object === null || isTarget(node) || node.children().some((child) => child.kind() === "optional_chain") || object.kind() === "this" || object.kind() === "super") return [];
  const property = node.field("property")?.text() ?? node.field("index")?.text() ?? "";
  const dotted = node.field("property") !== null;
  const text = dotted ? `${object.text()}?.${property}` : `${object.text()}?.[${property}]`;
  const fit = matches(property, hints) ? 1.5 : 0.5;
  const next = node.parent();
  // What was missing once may be there and empty next time: the link after it is made to hold as well.
  const chained = next?.kind() === "member_expression" && next.field("object")?.id() === node.id() && !isTarget(next) ? [replace(next, `${text}?.${next.field("property")?.text() ?? ""}`, `reads ${brief(next)} only as far as it is there`, fit * 1.1)] : [];
  return [...chained, replace(node, text, `reads ${brief(node)} only where ${brief(object)} is there`, fit)];
}

/** `if (x == null) return;` or `continue;` before the statement, for each object read in it by the property's name. */
function earlyExit(statement: SgNode, hints: Hints): Edit[] {
  const wanted = statement.findAll({ rule: { any: [{ kind: "member_expression" }, { kind: "subscript_expression" }] } });
  const object = wanted.find((one) => matches(one.field("property")?.text() ?? one.field("index")?.text() ?? "", hints) && functionOf(one)?.id() === functionOf(statement)?.id())?.field("object");
  if (object === undefined || object === null || !/^(?:identifier|member_expression)$/.test(String(object.kind()))) return [];
  const own = functionOf(statement);
  if (own === null || statement.parent()?.kind() !== "statement_block") return [];
  const inLoop = statement.ancestors().find((one) => one.id() === own.id() || /^(?:for|while|do|for_in)_statement$/.test(String(one.kind())));
  const jump = inLoop !== undefined && inLoop.id() !== own.id() ? "continue" : "return undefined";
  const { start } = statement.range();
  return [{ from: start.index, to: start.index, text: `if (${object.text()} == null) ${jump};\n${" ".repeat(start.column)}`, says: `passes over the rest where ${brief(object)} is missing`, fit: 0.5 }];
}

function matches(property: string, hints: Hints): boolean {
  return hints.property !== null && property.replace(/^['"`]|['"`]$/g, "") === hints.property;
}
