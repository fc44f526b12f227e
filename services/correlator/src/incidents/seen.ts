import { resolveGroup, type GroupRules, type Incident, type JournalState } from "@firstfix/incident";
import { literal, ofGroup, resolvedGroup, select } from "@firstfix/store";
import type { Room } from "../room.ts";

export type FindingKind = "error" | "violation";

/** A finding as the store counts it in one service and environment. */
export interface Seen {
  readonly kind: FindingKind;
  readonly key: string;
  readonly service: string;
  readonly environment: string;
}

/** Where findings of a kind stand: table and id column. An id counts once, however often it is written. */
export const TABLES = {
  error: { table: "errors", id: "error_id" },
  violation: { table: "violations", id: "violation_id" },
} as const;

/** Findings that occurred at or after a time of telemetry. */
export async function seenSince(room: Room, fromMs: number): Promise<Seen[]> {
  const one = (kind: FindingKind): string => {
    const { table } = TABLES[kind];
    return `SELECT DISTINCT ${literal(kind)} AS kind, ${keyOf(room, kind)} AS key, toString(service) AS service, toString(environment) AS environment FROM ${table} WHERE time >= ${at(fromMs)}`;
  };
  return select<Seen>(room.store.background, `SELECT * FROM (${one("error")} UNION ALL ${one("violation")}) ORDER BY kind, key, service, environment`);
}

export interface AtRevision {
  readonly revision: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

/** How often a finding occurred at each revision, ever. */
export async function byRevision(room: Room, seen: Seen): Promise<AtRevision[]> {
  const { table, id } = TABLES[seen.kind];
  return select<AtRevision>(
    room.store.background,
    `SELECT revision, toUInt32(uniqExact(${id})) AS count, toUnixTimestamp64Milli(toDateTime64(min(time), 3, 'UTC')) AS first, toUnixTimestamp64Milli(toDateTime64(max(time), 3, 'UTC')) AS last
     FROM ${table} WHERE ${where(room, seen)} GROUP BY revision ORDER BY first`,
  );
}

/** What people merged and split counts for errors of the past as well. */
export function where(room: Room, { kind, key, service, environment }: Seen): string {
  return `${kind === "error" ? ofGroup(room.tail.state.groups, key) : `check_key = ${literal(key)}`} AND service = ${literal(service)} AND environment = ${literal(environment)}`;
}

/** Expression for a row's key, as far as merges and splits have changed it. */
export function keyOf(room: Room, kind: FindingKind): string {
  return kind === "error" ? resolvedGroup(room.tail.state.groups) : "toString(check_key)";
}

/** A finding's key as it counts now: its error group may have been merged since. */
export function currentKey(groups: GroupRules, { kind, key }: { readonly kind: FindingKind; readonly key: string }): string {
  return kind === "error" ? resolveGroup(groups, key) : key;
}

export function at(ms: number): string {
  return `fromUnixTimestamp64Milli(toInt64(${Math.floor(ms)}), 'UTC')`;
}

/** Incidents of the finding's service and environment, newest first. */
export function incidentsOf(state: JournalState, { service, environment }: Pick<Seen, "service" | "environment">): Incident[] {
  return [...state.incidents.values()].filter((one) => one.deployment.service === service && one.deployment.environment === environment).sort((a, b) => b.openedAt - a.openedAt);
}

export interface Holding {
  readonly incident: Incident;
  /** Whether the finding opened the incident (else it was joined to it). */
  readonly primary: boolean;
}

/** The incident that holds a finding: the one it opened before one it was joined to, an open one before a closed one. */
export function holding(state: JournalState, seen: Seen): Holding | null {
  const holders = incidentsOf(state, seen).flatMap((incident): Holding[] => {
    const index = incident.findings.findIndex((one) => one.kind === seen.kind && currentKey(state.groups, one) === currentKey(state.groups, seen));
    return index < 0 ? [] : [{ incident, primary: index === 0 }];
  });
  const order = ({ incident, primary }: Holding): number => (primary ? 0 : 1) + (incident.status === "closed" ? 2 : 0) + (incident.mergedInto === null ? 0 : 4);
  return holders.sort((a, b) => order(a) - order(b))[0] ?? null;
}
