/**
 * Numbers of a span: `number`, and `bigint` for whole numbers that a number cannot hold. Comparing is exact across the
 * two; arithmetic is that of doubles. sql.ts says the same in SQL.
 */
export type Num = number | bigint;

export function sameNumber(left: Num, right: Num): boolean {
  // Loose on purpose: 1n == 1, and it is exact where a bigint meets a fraction.
  return left == right;
}

/** Whole when it is whole, otherwise the shortest text that gives the same double: what ClickHouse writes. */
export function numberText(value: Num): string {
  if (typeof value === "bigint") return value.toString();
  return String(value + 0).replace("e+", "e");
}

/** The number as int(): fraction cut, unknown outside 64 bits. */
export function toWhole(value: Num): Num | undefined {
  if (typeof value === "bigint") return value;
  return Math.abs(value) < 2 ** 63 ? Math.trunc(value) : undefined;
}

// Both evaluators read the same texts as numbers, and no others: a decimal whose digits surely fit.
export const WHOLE_TEXT = "^-?[0-9]{1,18}$";
export const DECIMAL_TEXT = "^-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?$";
const WHOLE = new RegExp(WHOLE_TEXT, "u");
const DECIMAL = new RegExp(DECIMAL_TEXT, "u");

export function wholeOfText(text: string): Num | undefined {
  if (!WHOLE.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number + 0 : BigInt(text);
}

export function doubleOfText(text: string): number | undefined {
  return DECIMAL.test(text) ? Number(text) : undefined;
}

/** Whole operands below 2^53 only: beyond it a double's remainder says nothing. */
export function remainder(left: number, right: number): number | undefined {
  if (right === 0 || !isExactWhole(left) || !isExactWhole(right)) return undefined;
  return left - right * Math.trunc(left / right);
}

function isExactWhole(value: number): boolean {
  return Math.abs(value) < 2 ** 53 && Math.trunc(value) === value;
}
