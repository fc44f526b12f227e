import { Environment, ParseError, type ASTNode } from "@marcbachmann/cel-js";
import { SPEC_LIMITS } from "../limits.ts";
import type { Expr, Kind } from "./expr.ts";
import { lowerNode } from "./lower.ts";
import { CelProblem } from "./problem.ts";

/**
 * Reads a CEL expression over `span` into the language of expr.ts. Throws CelProblem, with the column where it went
 * wrong and what to write instead. `kind` is what the whole expression must be able to be (null: anything).
 */
export function parseCel(text: string, kind: Kind | null): Expr {
  if (text.trim() === "") throw new CelProblem("the expression is empty", 0, "Write a CEL expression over `span`.");
  if (text.length > SPEC_LIMITS.expressionChars) {
    throw new CelProblem(`the expression is longer than ${SPEC_LIMITS.expressionChars} characters`, 0, "Split the check into several bindings.");
  }
  const expr = lowerNode(parseAst(text));
  if (kind !== null && !expr.kinds.includes(kind)) {
    throw new CelProblem(`the expression gives a ${NAMES[expr.kinds[0] ?? "str"]}, not a ${NAMES[kind]}`, 0, "End it with a comparison, such as `… >= 0`.");
  }
  return expr;
}

const NAMES = { bool: "boolean", num: "number", str: "string" } as const;

// The parser only parses here: evaluation is ours (evaluate.ts, sql.ts), so its functions, macros and regular
// expressions never run on anybody's text.
const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  limits: {
    maxAstNodes: SPEC_LIMITS.expressionNodes,
    maxDepth: SPEC_LIMITS.expressionDepth,
    maxListElements: 100,
    maxMapEntries: 1,
    maxCallArguments: 4,
  },
});

function parseAst(text: string): ASTNode {
  try {
    return environment.parse(text).ast;
  } catch (cause) {
    if (!(cause instanceof ParseError)) throw cause;
    const hint = /limit|exceed/i.test(cause.code) ? "Split the check into several bindings." : "Check the CEL syntax there; strings need quotes, and equality is `==`.";
    throw new CelProblem(`not CEL: ${cause.summary}`, cause.range?.start ?? 0, hint);
  }
}
