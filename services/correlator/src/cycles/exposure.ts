import type { Finding } from "@firstfix/incident";
import { literal, select } from "@firstfix/store";
import { TABLES, where } from "../incidents/seen.ts";
import type { Room } from "../room.ts";

/** Where a finding is counted: a service in an environment, at some revisions. */
export interface Scope {
  readonly service: string;
  readonly environment: string;
  readonly revisions: readonly string[];
}

/**
 * How often the finding could have occurred. Errors: entries of the witness's operation; where the store never saw that
 * operation enter (`anyOperation`), entries of all. Violations: evaluations of the check; of an eventually-check only
 * triggers whose deadline has passed are counted.
 */
export async function trialsOf(room: Room, { kind, key, witness }: Finding, scope: Scope, anyOperation: boolean): Promise<number> {
  const sql =
    kind === "error"
      ? `SELECT sum(entries) AS n FROM exposure WHERE ${scopeSql(scope)}${anyOperation ? "" : ` AND operation = ${literal(witness.operation)}`}`
      : `SELECT sum(evaluated) AS n FROM check_exposure FINAL WHERE check_key = ${literal(key)} AND ${scopeSql(scope)}`;
  return count(room, sql);
}

export async function failuresOf(room: Room, { kind, key }: Finding, scope: Scope): Promise<number> {
  const sql =
    kind === "error"
      ? `SELECT uniqExact(${TABLES.error.id}) AS n FROM errors WHERE ${where(room, { kind, key, ...scope })} AND revision IN ${literal(scope.revisions)}`
      : `SELECT sum(violated) AS n FROM check_exposure FINAL WHERE check_key = ${literal(key)} AND ${scopeSql(scope)}`;
  return count(room, sql);
}

function scopeSql({ service, environment, revisions }: Scope): string {
  return `service = ${literal(service)} AND environment = ${literal(environment)} AND revision IN ${literal(revisions)}`;
}

async function count(room: Room, sql: string): Promise<number> {
  const [row] = await select<{ n: number }>(room.store.background, sql);
  return row?.n ?? 0;
}
