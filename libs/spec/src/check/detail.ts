import type { Span } from "@firstfix/otlp";
import { attributeValue, FIELD_READERS, scalarOf, textOf } from "../cel/evaluate.ts";
import type { Value } from "../cel/expr.ts";
import { SPEC_LIMITS } from "../limits.ts";
import type { Seen } from "./program.ts";

/** What the check saw, for a person: `shop.order.total = -20, shop.coupon = "SAVE10"`. sql-check.ts says the same in SQL. */
export function detailOf(span: Span, seen: readonly Seen[]): string {
  return seen.map((one) => `${one.label} ${stateOf(span, one)}`).join(", ");
}

export const MISSING_TEXT = "is missing";
export const COMPOSITE_TEXT = "= (list or map)";

function stateOf(span: Span, one: Seen): string {
  if (one.op === "field") return `= ${shown(FIELD_READERS[one.name](span))}`;
  const value = attributeValue(span, one.scope, one.key);
  if (value === undefined) return MISSING_TEXT;
  const scalar = scalarOf(value);
  return scalar === undefined ? COMPOSITE_TEXT : `= ${shown(scalar)}`;
}

function shown(value: Value): string {
  return typeof value === "string" ? `"${cut(value)}"` : textOf(value);
}

/** Cut by code points, as the engine's substringUTF8 does. */
function cut(text: string): string {
  if (text.length <= SPEC_LIMITS.detailValueChars) return text;
  const points = Array.from(text.slice(0, 2 * SPEC_LIMITS.detailValueChars + 2));
  return points.length <= SPEC_LIMITS.detailValueChars ? text : `${points.slice(0, SPEC_LIMITS.detailValueChars).join("")}…`;
}
