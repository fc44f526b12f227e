/**
 * Numbers of a span: `number`, and `bigint` for whole numbers that a number cannot hold. Comparing is exact across the
 * two; arithmetic is that of doubles. sql.ts says the same in SQL.
 */
export type Num = number | bigint;

export function sameNumber(left: Num, right: Num): boolean {
  // Loose on purpose: 1n == 1, and it is exact where a bigint meets a fraction.
  return left == right;
}

/** Whole numbers in full, others as the shortest text that gives the same double: what ClickHouse writes. */
export function numberText(value: Num): string {
  if (typeof value === "bigint") return value.toString();
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  return String(value + 0).replace("e+", "e");
}

/** The number as int(): fraction cut, unknown outside 64 bits. */
export function toWhole(value: Num): Num | undefined {
  if (typeof value === "bigint") return value;
  return value >= -(2 ** 63) && value < 2 ** 63 ? narrow(BigInt(Math.trunc(value))) : undefined;
}

/** Defined for whole numbers of 64 bits; the sign is the dividend's. */
export function remainder(left: Num, right: Num): Num | undefined {
  const a = exactWhole(left);
  const b = exactWhole(right);
  return a === undefined || b === undefined || b === 0n ? undefined : narrow(a % b);
}

/** As a number where that loses nothing. */
export function narrow(value: bigint): Num {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

// Both evaluators read the same texts as numbers, and no others: a decimal whose digits surely fit.
export const WHOLE_TEXT = "^-?[0-9]{1,18}$";
export const DECIMAL_TEXT = "^-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?$";
const WHOLE = new RegExp(WHOLE_TEXT, "u");
const DECIMAL = new RegExp(DECIMAL_TEXT, "u");

export function wholeOfText(text: string): Num | undefined {
  return WHOLE.test(text) ? narrow(BigInt(text)) : undefined;
}

export function doubleOfText(text: string): number | undefined {
  return DECIMAL.test(text) ? Number(text) : undefined;
}

function exactWhole(value: Num): bigint | undefined {
  if (typeof value === "bigint") return value;
  return value >= -(2 ** 63) && value < 2 ** 63 && Number.isInteger(value) ? BigInt(value) : undefined;
}
