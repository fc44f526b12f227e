import { FirstfixError } from "@firstfix/kit";
import { sameAddress } from "@firstfix/provenance";
import { literal } from "@firstfix/store";
import { REPORT_LIMITS } from "../limits.ts";
import type { ReportQuery } from "../types.ts";

/** As the engine gives 64-bit integers: beyond 2^53 as bigint. Number() takes both. */
export type Count = number | bigint;

export type Filter = Omit<ReportQuery, "by">;

/** Statements of a report are bounded in time, because people's reads share a lane. */
export const BOUNDED = `SETTINGS max_execution_time = ${REPORT_LIMITS.statementSeconds}`;

/** A period that holds nothing would look like a quiet one. Throws bad_request. */
export function checkPeriod({ since, until }: Pick<Filter, "since" | "until">, now: number): void {
  if (since !== undefined && until === undefined && since > now) throw new FirstfixError("bad_request", `the period is empty: since ${moment(since)} lies in the future`, { hint: "since is the start, and must be earlier than now." });
  if (since === undefined || until === undefined || until > since) return;
  throw new FirstfixError("bad_request", `the period is empty: until ${moment(until)} is not after since ${moment(since)}`, { hint: "until is the end, and must be later than since, the start." });
}

function moment(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms);
}

/** Conditions on a column of DateTime64(3): from `since`, before `until`. */
export function during(column: string, { since, until }: Pick<Filter, "since" | "until">): string[] {
  return [...(since === undefined ? [] : [`${column} >= ${time(since)}`]), ...(until === undefined ? [] : [`${column} < ${time(until)}`])];
}

export function time(ms: number): string {
  return `fromUnixTimestamp64Milli(toInt64(${literal(Math.trunc(ms))}), 'UTC')`;
}

/** Conditions on service and environment. */
export function placed({ service, environment }: Filter): string[] {
  return [...(service === undefined ? [] : [`service = ${literal(service)}`]), ...(environment === undefined ? [] : [`environment = ${literal(environment)}`])];
}

/** Condition on a column that holds addresses as `sameAddress` writes them. */
export function ofRepository({ repository }: Filter): string[] {
  return repository === undefined ? [] : [`repository = ${literal(sameAddress(repository))}`];
}

export function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? "" : `WHERE ${conditions.map((one) => `(${one})`).join(" AND ")}`;
}

export function inPeriod(at: number, { since, until }: Pick<Filter, "since" | "until">): boolean {
  return at >= (since ?? -Infinity) && at < (until ?? Infinity);
}

export function changeId(repository: string, commit: string): string {
  return `${repository}\n${commit}`;
}

export function placeKey({ service, environment, revision }: { readonly service: string; readonly environment: string; readonly revision: string }): string {
  return JSON.stringify([service, environment, revision]);
}
