import type { SgNode } from "@ast-grep/napi";
import { brief, named, replace, type Edit, type Hints, type Template } from "./api.ts";

const NEIGHBOUR: Readonly<Record<string, string>> = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };
const PARAMETERS_MAX = 4;
const HOLDERS = new Set(["variable_declarator", "assignment_expression", "return_statement", "pair", "arguments", "augmented_assignment_expression", "arrow_function"]);

/** A number goes past where it may: clamp it, or move the comparison that should have kept it by one. */
export const boundary: Template = {
  name: "boundary",
  kinds: ["binary_expression", "call_expression", "number", "return_statement", "arrow_function"],
  prior: (hints) => (hints.kind === "invariant" ? 1.5 : hints.kind === "eventually" ? 0.8 : 0.5),
  apply: (node, hints) => {
    if (node.kind() === "number") return offByOne(node);
    if (node.kind() === "return_statement") return bounded(node.child(1), hints);
    if (node.kind() === "arrow_function") return bounded(node.field("body"), hints);
    if (node.kind() === "call_expression") return isHeld(node) && isNumeric(node) ? clamp(node, hints) : [];
    const operator = node.field("operator")?.text() ?? "";
    const other = NEIGHBOUR[operator];
    if (other !== undefined) return [withOperator(node, other)];
    if (!/^[-+*/%]$/.test(operator)) return [];
    return [...(isHeld(node) || operator === "-" ? clamp(node, hints) : []), ...(operator === "-" ? capped(node) : [])];
  },
};

function clamp(node: SgNode, hints: Hints): Edit[] {
  const name = heldAs(node);
  const fit = name !== "" && [...hints.names].some((one) => one.toLowerCase() === name.toLowerCase()) ? 1.8 : isHeld(node) ? 1 : 0.7;
  return [replace(node, `Math.max(0, ${node.text()})`, `never lets ${brief(node)} fall below zero`, fit)];
}

/** `a - b` takes at most what is there. */
function capped(node: SgNode): Edit[] {
  const left = node.field("left");
  const right = node.field("right");
  if (left === null || right === null || !/^(?:identifier|member_expression)$/.test(String(left.kind()))) return [];
  return [replace(right, `Math.min(${right.text()}, ${left.text()})`, `takes at most ${brief(left)} away`, 1)];
}

/** What a function gives back is at most, or at least, one of the numbers that it was given, and not below zero. */
function bounded(value: SgNode | null, hints: Hints): Edit[] {
  if (value === null || hints.kind !== "invariant" || !/^(?:call_expression|member_expression|subscript_expression|identifier)$/.test(String(value.kind())) || value.text().startsWith("Math.")) return [];
  const names = value.ancestors().flatMap((one) => named(one.field("parameters") ?? one.field("parameter") ?? null)).filter((one) => one.kind() === "identifier").map((one) => one.text());
  const others = [...new Set(names)].filter((name) => name !== value.text()).slice(0, PARAMETERS_MAX);
  return [
    ...others.map((name) => replace(value, `Math.min(${value.text()}, ${name})`, `gives at most ${name} in place of ${brief(value)}`, value.text().includes(`${name}.`) ? 0.5 : 1.2)),
    replace(value, `Math.max(0, ${value.text()})`, `never gives less than zero for ${brief(value)}`, 0.7),
  ];
}

function withOperator(node: SgNode, other: string): Edit {
  const left = node.field("left")?.text() ?? "";
  const right = node.field("right")?.text() ?? "";
  return replace(node, `${left} ${other} ${right}`, `compares ${brief(node)} with ${other}`);
}

function offByOne(node: SgNode): Edit[] {
  const value = Number(node.text());
  const parent = node.parent();
  if (!Number.isInteger(value) || parent?.kind() !== "binary_expression") return [];
  return [value + 1, value - 1].map((other) => replace(node, String(other), `uses ${other} in place of ${value} in ${brief(parent)}`, 0.3));
}

function isHeld(node: SgNode): boolean {
  return HOLDERS.has(String(node.parent()?.kind()));
}

/** Name of the variable, property or attribute that takes the value. */
function heldAs(node: SgNode): string {
  const parent = node.parent();
  return (parent?.field("name") ?? parent?.field("key") ?? parent?.field("left"))?.text().split(".").at(-1)?.replace(/['"`]/g, "") ?? "";
}

function isNumeric(node: SgNode): boolean {
  return /^(?:Math\.(?:round|floor|ceil|trunc)|Number)$|\.reduce$/.test(node.field("function")?.text() ?? "");
}
