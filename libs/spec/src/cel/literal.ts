/**
 * A text as a SQL string literal. The texts come from a repository or from telemetry, so whatever could end the
 * literal or the statement is escaped: quotes and backslashes, and control characters (a NUL ends a C string).
 */
export function sqlText(text: string): string {
  const escaped = text.toWellFormed().replace(/[\\'\p{Cc}]/gu, (character) => {
    const code = character.charCodeAt(0);
    if (code >= 128) return character;
    return code < 32 || code === 127 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\${character}`;
  });
  return `'${escaped}'`;
}

/** Whole numbers as Int64, others as Float64, so that types do not depend on how a number is written. */
export function sqlNumber(value: number | bigint): { readonly int: string | null; readonly float: string | null } {
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return { int: `toInt64(${BigInt(value)})`, float: null };
  return { int: null, float: `toFloat64(${value})` };
}
