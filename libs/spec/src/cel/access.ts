import type { ASTNode } from "@marcbachmann/cel-js";
import type { Scope } from "./expr.ts";
import { CelProblem } from "./problem.ts";

/** `span.attributes["k"]`, `span.resource.k` and their maps; null for anything else. */
export function attributeOf(node: ASTNode): { readonly scope: Scope; readonly key: string } | null {
  if (node.op !== "." && node.op !== "[]") return null;
  const scope = scopeOf(node.args[0]);
  if (scope === null) return null;
  if (node.op === ".") return { scope, key: node.args[1] };
  const index = node.args[1];
  if (index.op === "value" && typeof index.args === "string") return { scope, key: index.args };
  throw new CelProblem("an attribute's name must be a string literal", index.start, 'Write span.attributes["the.name"].');
}

/** `span.attributes` or `span.resource`. */
export function scopeOf(node: ASTNode): Scope | null {
  if (node.op !== "." || node.args[0].op !== "id" || node.args[0].args !== "span") return null;
  return node.args[1] === "attributes" || node.args[1] === "resource" ? node.args[1] : null;
}
