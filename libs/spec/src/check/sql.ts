import type { Expr } from "../cel/expr.ts";
import { sqlText } from "../cel/literal.ts";
import { compileSql, FIELD_SQL, MAP_PREFIX, sqlString, sqlTruth } from "../cel/sql.ts";
import { EVENTUALLY_GRACE_MS, SPEC_LIMITS } from "../limits.ts";
import type { Check } from "../types.ts";
import { COMPOSITE_TEXT, MISSING_TEXT } from "./detail.ts";
import type { Program, Seen } from "./program.ts";

export interface CheckSql {
  /**
   * A SELECT with one row per span of `where` that the check applies to, or cannot be applied to for want of an
   * attribute: trace_hex, span_hex, start_time, name, service, environment, revision, repository, verdict (satisfied |
   * violated | pending | inconclusive), subject, detail. `where` is a trusted SQL condition over the columns of `spans`;
   * partners of an `eventually` are looked for in all of `spans`. `nowNs` tells pending from violated (default: the
   * engine's clock). Everything that a repository wrote stands in it as escaped literals; there are no parameters.
   */
  evaluations(options: { readonly where: string; readonly nowNs?: bigint }): string;
}

export function compileCheckSql(check: Check, program: Program): CheckSql {
  return program.kind === "invariant" ? invariantSql(check, program) : eventuallySql(check, program);
}

type Form<K extends Program["kind"]> = Extract<Program, { readonly kind: K }>;

const COLUMNS = "trace_hex, span_hex, start_time, name, service, environment, revision, repository";

function invariantSql(check: Check, program: Form<"invariant">): CheckSql {
  const witnesses = `${sqlTruth(program.when)} AS check_when, ${sqlTruth(program.require)} AS check_require, ${detailSql(program.seen)} AS check_detail`;
  return {
    evaluations: ({ where }) => `SELECT ${COLUMNS},
  multiIf(check_when IS NULL OR check_require IS NULL, 'inconclusive', check_require, 'satisfied', 'violated') AS verdict,
  trace_hex AS subject, check_detail AS detail
FROM (
  SELECT ${COLUMNS}, ${witnesses}
  FROM spans WHERE ${applies(check, program.when, where)}
)`,
  };
}

/**
 * Triggers keep their own row; the partners of each join key are gathered into two arrays of start times, those that
 * hold for certain and those of which it is unknown, so that a key with many spans makes no product of rows.
 */
function eventuallySql(check: Check, program: Form<"eventually">): CheckSql {
  const key = program.key === null ? "trace_hex" : sqlString(compileSql(program.key));
  const scope = program.key === null ? "''" : "environment";
  const when = sqlTruth(program.when);
  const holds = sqlTruth(program.eventually);
  return {
    evaluations: ({ where, nowNs }) => `WITH triggers AS (
  SELECT ${COLUMNS}, trace_id, ${when} AS check_when, ${key} AS check_key, ${scope} AS check_scope,
    toUnixTimestamp64Nano(start_time) AS from_ns,
    from_ns + toInt64(least(duration_ns, ${SPEC_LIMITS.spanDurationNs})) + ${program.withinNs} AS deadline_ns,
    ${detailSql(program.seen)} AS check_detail
  FROM spans WHERE ${applies(check, program.when, where)}
), partners AS (
  SELECT check_key, check_scope, groupArrayIf(partner_ns, holds) AS certain, groupArrayIf(partner_ns, holds IS NULL) AS possible
  FROM (
    SELECT ${key} AS check_key, ${scope} AS check_scope, toUnixTimestamp64Nano(start_time) AS partner_ns, ${holds} AS holds
    FROM spans
    WHERE start_time >= (SELECT min(start_time) FROM triggers)
      AND start_time <= (SELECT fromUnixTimestamp64Nano(max(deadline_ns), 'UTC') FROM triggers)
      ${program.key === null ? "AND trace_id IN (SELECT trace_id FROM triggers)" : ""}
      AND ifNull(${holds}, 1)
  )
  WHERE check_key IS NOT NULL
  GROUP BY check_key, check_scope
)
SELECT ${COLUMNS},
  multiIf(
    check_when IS NULL OR check_key IS NULL, 'inconclusive',
    arrayExists(at -> at >= from_ns AND at <= deadline_ns, certain), 'satisfied',
    ${nowNs ?? "toUnixTimestamp64Nano(now64(9))"} < deadline_ns + ${BigInt(EVENTUALLY_GRACE_MS) * 1_000_000n}, 'pending',
    arrayExists(at -> at >= from_ns AND at <= deadline_ns, possible), 'inconclusive',
    'violated') AS verdict,
  ifNull(check_key, '') AS subject, check_detail AS detail
FROM triggers LEFT JOIN partners USING (check_key, check_scope)`,
  };
}

/** Spans that `when` holds for, or may hold for. */
function applies(check: Check, when: Expr, where: string): string {
  const own = check.service === "" ? "" : ` AND service = ${sqlText(check.service)}`;
  return `(${where})${own} AND ifNull(${sqlTruth(when)}, 1)`;
}

/** detail.ts in SQL. */
function detailSql(seen: readonly Seen[]): string {
  const parts = seen.flatMap((one, index) => [sqlText(`${index === 0 ? "" : ", "}${one.label} `), stateSql(one)]);
  return parts.length === 0 ? "''" : `concat(${parts.join(", ")})`;
}

function stateSql(one: Seen): string {
  if (one.op === "field") {
    const sql = FIELD_SQL[one.name];
    return sql.str === null ? `concat('= ', ${sqlString(sql)})` : quoted(sql.str);
  }
  const column = (type: string): string => `${MAP_PREFIX[one.scope]}_${type}`;
  const has = (type: string): string => `mapContains(${column(type)}, ${sqlText(one.key)})`;
  const value = (type: string): string => `${column(type)}[${sqlText(one.key)}]`;
  const cases = [
    [has("str"), quoted(value("str"))],
    [has("int"), `concat('= ', toString(${value("int")}))`],
    [has("float"), `concat('= ', toString(${value("float")} + 0))`],
    [has("bool"), `if(${value("bool")}, '= true', '= false')`],
    [has("json"), sqlText(COMPOSITE_TEXT)],
  ];
  return `multiIf(${cases.flat().join(", ")}, ${sqlText(MISSING_TEXT)})`;
}

function quoted(text: string): string {
  const chars = SPEC_LIMITS.detailValueChars;
  return `concat('= "', if(lengthUTF8(${text}) <= ${chars}, ${text}, concat(substringUTF8(${text}, 1, ${chars}), '…')), '"')`;
}
