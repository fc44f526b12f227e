import { SPEC_LIMITS } from "../limits.ts";
import type { Expr, FieldName, Scope, Value } from "./expr.ts";
import { sqlNumber, sqlText } from "./literal.ts";
import { DECIMAL_TEXT, WHOLE_TEXT } from "./numbers.ts";
import { CelProblem } from "./problem.ts";

/**
 * An expression as ClickHouse SQL over the table `spans`: one SQL expression for each type that its value may have,
 * null where it cannot have it. On a row at most one of them is not NULL: the value. All NULL means unknown.
 * Literals only, never query parameters: those share one queue per process on chDB.
 */
export interface Sql {
  readonly bool: string | null;
  readonly int: string | null;
  readonly float: string | null;
  readonly str: string | null;
}

const NONE: Sql = { bool: null, int: null, float: null, str: null };

/** Throws CelProblem where the SQL grows too long. What it gives must equal what evaluate.ts returns. */
export function compileSql(expr: Expr): Sql {
  const sql = compileNode(expr);
  if (Object.values(sql).reduce((sum, part) => sum + ((part as string | null)?.length ?? 0), 0) > SPEC_LIMITS.sqlChars) {
    throw new CelProblem("the expression is too complex to run on the store", 0, "Split the check into several bindings, or convert attributes with double() or string() inside ternaries.");
  }
  return sql;
}

/** The expression as a nullable boolean. */
export function sqlTruth(expr: Expr): string {
  return compileSql(expr).bool ?? "NULL";
}

/** The value as string() gives it; NULL where unknown. */
export function sqlString(sql: Sql): string {
  return firstOf([
    sql.int === null ? null : `toString(${sql.int})`,
    // Adding zero makes -0 a 0.
    sql.float === null ? null : `toString(${sql.float} + 0)`,
    sql.bool === null ? null : `multiIf(${sql.bool}, 'true', NOT ${sql.bool}, 'false', NULL)`,
    sql.str,
  ]);
}

export const FIELD_SQL: Readonly<Record<FieldName, Sql>> = {
  name: { ...NONE, str: "name" },
  kind: { ...NONE, str: "toString(kind)" },
  status: { ...NONE, str: "toString(status_code)" },
  duration_ms: { ...NONE, float: "(duration_ns / 1000000)" },
  service: { ...NONE, str: "service" },
  environment: { ...NONE, str: "environment" },
};

/** Column prefixes of the typed maps. */
export const MAP_PREFIX: Readonly<Record<Scope, string>> = { attributes: "attr", resource: "resource" };

export function sqlAttribute(scope: Scope, key: string): Sql {
  const value = (type: string): string => {
    const column = `${MAP_PREFIX[scope]}_${type}`;
    return `if(mapContains(${column}, ${sqlText(key)}), ${column}[${sqlText(key)}], NULL)`;
  };
  return { bool: `toUInt8(${value("bool")})`, int: value("int"), float: value("float"), str: value("str") };
}

export function sqlPresent(scope: Scope, key: string): string {
  return `(${["str", "int", "float", "bool", "json"].map((type) => `mapContains(${MAP_PREFIX[scope]}_${type}, ${sqlText(key)})`).join(" OR ")})`;
}

function compileNode(expr: Expr): Sql {
  switch (expr.op) {
    case "literal":
      return literal(expr.value);
    case "field":
      return FIELD_SQL[expr.name];
    case "attribute":
      return sqlAttribute(expr.scope, expr.key);
    case "present":
      return boolean(sqlPresent(expr.scope, expr.key));
    case "not":
      return boolean(`(NOT ${sqlTruth(expr.of)})`);
    case "negate":
      return { ...NONE, float: `negate(${floatOf(compileSql(expr.of))})` };
    case "size":
      return { ...NONE, int: `toInt64(lengthUTF8(${compileSql(expr.of).str ?? "NULL"}))` };
    case "convert":
      return convert(expr.to, compileSql(expr.of));
    case "and":
      return boolean(`(${sqlTruth(expr.left)} AND ${sqlTruth(expr.right)})`);
    case "or":
      return boolean(`(${sqlTruth(expr.left)} OR ${sqlTruth(expr.right)})`);
    case "equal":
      return boolean(equal(compileSql(expr.left), compileSql(expr.right)));
    case "less":
      return boolean(firstOf(compared("<", compileSql(expr.left), compileSql(expr.right))));
    case "lessEqual":
      return boolean(firstOf(compared("<=", compileSql(expr.left), compileSql(expr.right))));
    case "arithmetic":
      return arithmetic(expr.operator, compileSql(expr.left), compileSql(expr.right));
    case "choose":
      return choose(sqlTruth(expr.condition), compileSql(expr.yes), compileSql(expr.no));
    case "startsWith":
    case "endsWith":
      return boolean(`${expr.op}(${textOf(expr.of)}, ${textOf(expr.argument)})`);
    case "contains":
      return boolean(`(position(${textOf(expr.of)}, ${textOf(expr.argument)}) > 0)`);
    case "matches":
      // The engine's `.` would match a line break, which RE2's own does not.
      return boolean(`match(${textOf(expr.of)}, ${sqlText(`(?-s)${expr.pattern}`)})`);
  }
}

function boolean(sql: string): Sql {
  return { ...NONE, bool: sql };
}

function textOf(expr: Expr): string {
  return compileSql(expr).str ?? "NULL";
}

function literal(value: Value): Sql {
  if (typeof value === "string") return { ...NONE, str: sqlText(value) };
  if (typeof value === "boolean") return boolean(value ? "toUInt8(1)" : "toUInt8(0)");
  return { ...NONE, ...sqlNumber(value) };
}

/** The first that is not NULL. */
function firstOf(parts: readonly (string | null)[]): string {
  const some = parts.filter((part) => part !== null);
  return some.length > 1 ? `coalesce(${some.join(", ")})` : (some[0] ?? "NULL");
}

function floatOf(sql: Sql): string {
  return firstOf([sql.int === null ? null : `toFloat64(${sql.int})`, sql.float]);
}

/** A whole number, exactly; NULL where it has a fraction or does not fit 64 bits. */
function exactIntOf(sql: Sql): string {
  return firstOf([sql.int, sql.float === null ? null : `accurateCastOrNull(${sql.float}, 'Int64')`]);
}

/** Numbers are compared pairwise by type: the engine compares Int64 with Float64 exactly, a cast would not. */
function compared(operator: "=" | "<" | "<=", left: Sql, right: Sql): string[] {
  const pairs: [string | null, string | null][] = [[left.int, right.int], [left.int, right.float], [left.float, right.int], [left.float, right.float], [left.str, right.str]];
  if (operator === "=") pairs.push([left.bool, right.bool]);
  return pairs.flatMap(([a, b]) => (a === null || b === null ? [] : [`(${a} ${operator} ${b})`]));
}

/** Values of different types are known to differ, as in CEL. */
function equal(left: Sql, right: Sql): string {
  const parts = compared("=", left, right);
  const kinds = [left, right].map((sql) => [sql.bool, sql.int ?? sql.float, sql.str].map((part) => part !== null));
  const sameKind = kinds[0]?.filter(Boolean).length === 1 && kinds[0].every((has, index) => has === kinds[1]?.[index]);
  if (!sameKind) parts.push(`if(${known(left)} AND ${known(right)}, toUInt8(0), NULL)`);
  return firstOf(parts);
}

function known(sql: Sql): string {
  return `(${[sql.bool, sql.int, sql.float, sql.str].flatMap((part) => (part === null ? [] : [`${part} IS NOT NULL`])).join(" OR ")})`;
}

function arithmetic(operator: "+" | "-" | "*" | "/" | "%", left: Sql, right: Sql): Sql {
  // …OrZero also covers the one quotient that overflows; a zero divisor is NULL before it gets there.
  if (operator === "%") return { ...NONE, int: `moduloOrZero(${exactIntOf(left)}, nullIf(${exactIntOf(right)}, 0))` };
  const hasNumbers = (left.int ?? left.float) !== null && (right.int ?? right.float) !== null;
  const divisor = operator === "/" ? `nullIf(${floatOf(right)}, 0)` : floatOf(right);
  const float = hasNumbers ? `(${floatOf(left)} ${operator} ${divisor})` : null;
  const str = operator === "+" && left.str !== null && right.str !== null ? `concat(${left.str}, ${right.str})` : null;
  return { ...NONE, float, str };
}

function convert(to: "int" | "double" | "string", of: Sql): Sql {
  if (to === "string") return { ...NONE, str: sqlString(of) };
  if (to === "double") {
    // Read as JSON, because that is correctly rounded; the engine's own fast parser is not.
    const parsed = of.str === null ? null : `if(match(${of.str}, ${sqlText(DECIMAL_TEXT)}), JSONExtract(${of.str}, 'Nullable(Float64)'), NULL)`;
    return { ...NONE, float: firstOf([of.int === null ? null : `toFloat64(${of.int})`, of.float, parsed]) };
  }
  const cut = of.float === null ? null : `accurateCastOrNull(trunc(${of.float}), 'Int64')`;
  const parsed = of.str === null ? null : `if(match(${of.str}, ${sqlText(WHOLE_TEXT)}), toInt64OrNull(${of.str}), NULL)`;
  return { ...NONE, int: firstOf([of.int, cut, parsed]) };
}

function choose(condition: string, yes: Sql, no: Sql): Sql {
  const pick = (a: string | null, b: string | null): string | null => (a === null && b === null ? null : `multiIf(${condition}, ${a ?? "NULL"}, NOT ${condition}, ${b ?? "NULL"}, NULL)`);
  return { bool: pick(yes.bool, no.bool), int: pick(yes.int, no.int), float: pick(yes.float, no.float), str: pick(yes.str, no.str) };
}
