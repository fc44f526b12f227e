import type { SgNode } from "@ast-grep/napi";
import { brief, named, type Edit, type Template } from "./api.ts";

const SIBLINGS_MAX = 8;
const FUNCTION = { any: [{ kind: "method_definition" }, { kind: "function_declaration" }] };

/**
 * Two functions of a file do the same, and one leaves out a step: do it there as well. Both must share a statement
 * before the step, after which it is inserted.
 */
export const missingCall: Template = {
  name: "missing-call",
  kinds: ["method_definition", "function_declaration"],
  prior: (hints) => (hints.kind === "eventually" ? 2 : 0.8),
  apply: (node) => {
    const own = statements(node);
    if (own.length === 0) return [];
    const texts = own.map((one) => one.text());
    const siblings = (node.getRoot().root().findAll({ rule: FUNCTION }) ?? []).filter((one) => one.id() !== node.id()).slice(0, SIBLINGS_MAX * 4);
    return siblings.flatMap((sibling) => missing(own, texts, statements(sibling), sibling)).slice(0, SIBLINGS_MAX);
  },
};

function missing(own: readonly SgNode[], texts: readonly string[], other: readonly SgNode[], sibling: SgNode): Edit[] {
  let after: SgNode | null = null;
  const edits: Edit[] = [];
  for (const statement of other) {
    const index = texts.indexOf(statement.text());
    if (index >= 0) {
      after = own[index] ?? null;
      continue;
    }
    if (after === null || after.kind() === "return_statement" || statement.kind() !== "expression_statement" || !/^(?:call|await)_expression$/.test(String(statement.child(0)?.kind()))) continue;
    const { start, end } = after.range();
    edits.push({ from: end.index, to: end.index, text: `\n${" ".repeat(start.column)}${statement.text()}`, says: `does ${brief(statement)} as ${sibling.field("name")?.text() ?? "its neighbour"} does`, fit: 1.5 });
  }
  return edits;
}

function statements(of: SgNode): SgNode[] {
  return named(of.field("body"));
}
