import type { SgNode } from "@ast-grep/napi";

/** A replacement of one stretch of a file's text. Indexes count UTF-16 units, as JavaScript's own do. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** What it does, for a person; the place is added by the caller. */
  readonly says: string;
  /** Multiplies the template's prior for this one edit. */
  readonly fit?: number;
}

/** What is known about the failure and may steer a template. */
export interface Hints {
  readonly kind: "error" | "invariant" | "eventually";
  /** Property whose reading failed: `reading 'x'`. */
  readonly property: string | null;
  /** Names that the violated check or the error message speaks of. */
  readonly names: ReadonlySet<string>;
  /** Strings that stand in the captured request. */
  readonly literals: readonly string[];
}

/**
 * A repair pattern over JavaScript and TypeScript. `apply` is called with each node of the listed kinds at an
 * implicated place, and returns edits that may help; the same text from two templates is tried once.
 */
export interface Template {
  readonly name: string;
  readonly kinds: readonly string[];
  /** Share of real bugs that such an edit mended, from studies of JavaScript bugs; a scale, not a probability. */
  readonly prior: (hints: Hints) => number;
  readonly apply: (node: SgNode, hints: Hints) => readonly Edit[];
}

/** Replaces the whole node. */
export function replace(node: SgNode, text: string, says: string, fit = 1): Edit {
  const { start, end } = node.range();
  return { from: start.index, to: end.index, text, says, fit };
}

/** A node's text on one line, short enough for a sentence. */
export function brief(node: SgNode): string {
  const text = node.text().replace(/\s+/g, " ");
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

/** The named operands of a node, without punctuation and comments. */
export function named(node: SgNode | null): SgNode[] {
  if (node === null) return [];
  if (node.kind() === "identifier") return [node];
  return node.children().filter((child) => child.isNamed() && child.kind() !== "comment");
}

/** Whether the node stands where a value is written to, where `?.` and wrapping are no expressions. */
export function isTarget(node: SgNode): boolean {
  const parent = node.parent();
  if (parent === null) return false;
  if (parent.kind() === "assignment_expression" || parent.kind() === "augmented_assignment_expression") return parent.field("left")?.id() === node.id();
  return parent.kind() === "update_expression" || (parent.kind() === "unary_expression" && parent.text().startsWith("delete"));
}

const FUNCTIONS = new Set(["function_declaration", "function_expression", "arrow_function", "method_definition", "generator_function_declaration", "generator_function"]);

/** The function that the node's code belongs to; null at the top of a module. */
export function functionOf(node: SgNode): SgNode | null {
  return node.ancestors().find((one) => FUNCTIONS.has(String(one.kind()))) ?? null;
}

export function isAsync(scope: SgNode | null): boolean {
  return scope !== null && scope.children().some((child) => child.kind() === "async");
}
