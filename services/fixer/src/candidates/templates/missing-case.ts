import type { SgNode } from "@ast-grep/napi";
import { brief, type Edit, type Hints, type Template } from "./api.ts";

const LITERALS_MAX = 4;

/** A value that no branch was written for: let it take an existing one. */
export const missingCase: Template = {
  name: "missing-case",
  kinds: ["switch_statement", "if_statement"],
  prior: (hints) => (hints.kind === "eventually" ? 1 : 0.6),
  apply: (node, hints) => (node.kind() === "switch_statement" ? inSwitch(node, hints) : missingElse(node)),
};

function inSwitch(node: SgNode, hints: Hints): Edit[] {
  const body = node.field("body");
  if (body === null) return [];
  const cases = body.children().filter((child) => child.kind() === "switch_case");
  const last = cases.at(-1);
  if (last === undefined) return [];
  const edits: Edit[] = [];
  const known = new Set(cases.map((one) => one.field("value")?.text().replace(/^['"`]|['"`]$/g, "")));
  for (const literal of hints.literals.filter((one) => !known.has(one) && /^[\w.-]{1,40}$/.test(one)).slice(0, LITERALS_MAX)) {
    for (const one of cases) {
      const { start } = one.range();
      edits.push({ from: start.index, to: start.index, text: `case ${JSON.stringify(literal)}:\n${" ".repeat(start.column)}`, says: `treats "${literal}" as ${brief(one.field("value") ?? one)}`, fit: 1 });
    }
  }
  if (!body.children().some((child) => child.kind() === "switch_default")) {
    const { start, end } = last.range();
    const text = last.text();
    const rest = text.slice(text.indexOf(":") + 1);
    edits.push({ from: end.index, to: end.index, text: `\n${" ".repeat(start.column)}default:${rest}`, says: `does for every other value what ${brief(last.field("value") ?? last)} does`, fit: 0.6 });
  }
  return edits;
}

/** The last `else if` becomes `else`. */
function missingElse(node: SgNode): Edit[] {
  if (node.parent()?.kind() !== "else_clause" || node.field("alternative") !== null) return [];
  const then = node.field("consequence");
  if (then === null) return [];
  const { start, end } = node.range();
  return [{ from: start.index, to: end.index, text: then.text(), says: `takes ${brief(then)} in every other case`, fit: 0.6 }];
}
