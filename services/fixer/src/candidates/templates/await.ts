import type { SgNode } from "@ast-grep/napi";
import { brief, functionOf, isAsync, replace, type Edit, type Template } from "./api.ts";

/** Something was not waited for, not returned, or named but not called. */
export const missingAwait: Template = {
  name: "await",
  kinds: ["call_expression", "expression_statement", "parenthesized_expression", "arrow_function"],
  prior: (hints) => (hints.kind === "eventually" ? 1.8 : 0.6),
  apply: (node) => {
    if (node.kind() === "call_expression") return [...awaited(node), ...forEachAsync(node)];
    if (node.kind() === "expression_statement") return returned(node);
    if (node.kind() === "parenthesized_expression") return called(node);
    return arrowBody(node);
  },
};

function awaited(node: SgNode): Edit[] {
  if (node.parent()?.kind() === "await_expression" || !isAsync(functionOf(node))) return [];
  const parent = String(node.parent()?.kind());
  const text = parent === "member_expression" || parent === "binary_expression" ? `(await ${node.text()})` : `await ${node.text()}`;
  return [replace(node, text, `waits for ${brief(node)}`, parent === "expression_statement" ? 1.2 : 0.8)];
}

/** `xs.forEach(async …)` waits for nothing. */
function forEachAsync(node: SgNode): Edit[] {
  const callee = node.field("function");
  const list = callee?.field("object");
  const callback = node.field("arguments")?.child(1);
  if (callee?.field("property")?.text() !== "forEach" || !list || !callback || !isAsync(callback) || !isAsync(functionOf(node))) return [];
  return [replace(node, `await Promise.all(${list.text()}.map(${callback.text()}))`, `waits for every step of ${brief(list)}`, 1.5)];
}

function returned(node: SgNode): Edit[] {
  const call = node.child(0);
  if (call?.kind() !== "call_expression" || functionOf(node) === null || /^(?:console|log)\b/.test(call.text())) return [];
  return [replace(node, `return ${node.text()}`, `returns what ${brief(call)} gives`, 0.4)];
}

/** `if (isPaid)` where a function is meant is always true. */
function called(node: SgNode): Edit[] {
  const inner = node.child(1);
  if (inner === null || node.parent()?.kind() !== "if_statement" || !/^(?:identifier|member_expression)$/.test(String(inner.kind()))) return [];
  return [replace(inner, `${inner.text()}()`, `calls ${brief(inner)} in place of asking whether it is there`, /^(?:is|has|can|should)[A-Z]/.test(inner.text().split(".").at(-1) ?? "") ? 1.2 : 0.3)];
}

/** `x => { y(x) }` returns nothing. */
function arrowBody(node: SgNode): Edit[] {
  const body = node.field("body");
  if (body?.kind() !== "statement_block") return [];
  const statements = body.children().filter((child) => child.isNamed());
  const [only] = statements;
  if (statements.length !== 1 || only?.kind() !== "expression_statement") return [];
  return [replace(only, `return ${only.text()}`, `returns what ${brief(only)} gives`, 0.5)];
}
