import type { Incident } from "@firstfix/incident";
import { literal, ofGroup, select } from "@firstfix/store";
import type { Room } from "../room.ts";
import { at, currentKey, keyOf, TABLES, where, type FindingKind, type Seen } from "./seen.ts";

/** How two findings occur together. */
export interface Together {
  readonly tracesMine: number;
  readonly tracesOther: number;
  readonly traces: number;
  readonly spansMine: number;
  readonly spansOther: number;
  readonly spans: number;
}

const SHARE_MIN = 0.8;
const SAME_SPAN_MIN = 3;
/** A joined finding that occurs this often without the error it was joined to, and in most traces, is its own fault. */
export const ALONE_MIN = 3;
export const ALONE_SHARE = 0.5;
const WINDOW_MS = 24 * 3600_000;

/**
 * Whether two findings are one fault. An error and a violation are, when nearly all traces that violate have the error:
 * then the error is its cause; a violation that mostly occurs without the error has a cause of its own. Two findings of
 * one kind are, when they occur on the same spans nearly always, and often enough that it is no chance. Joining two
 * faults would hide one, so doubt keeps them apart.
 */
export function belongTogether(mine: FindingKind, other: FindingKind, together: Together): boolean {
  if (together.traces === 0) return false;
  if (mine !== other) return together.traces / Math.max(1, mine === "violation" ? together.tracesMine : together.tracesOther) >= SHARE_MIN;
  return together.spans >= SAME_SPAN_MIN && together.spans / Math.max(together.spansMine, together.spansOther) >= SHARE_MIN;
}

/** How a finding occurs together with every finding of the given incidents, by incident. */
export async function relate(room: Room, mine: Seen, incidents: readonly Incident[], now: number): Promise<{ incident: Incident; kind: FindingKind; key: string; together: Together }[]> {
  const others = incidents.flatMap((incident) => incident.findings.map(({ kind, key }) => ({ incident, kind, key })));
  if (others.length === 0) return [];
  const since = `time >= ${at(now - WINDOW_MS)}`;
  const { groups } = room.tail.state;
  const keysOf = (kind: FindingKind, keys: readonly string[]): string => (keys.length === 0 ? "1 = 0" : kind === "violation" ? `check_key IN ${literal(keys)}` : `(${keys.map((key) => ofGroup(groups, key)).join(" OR ")})`);
  const self = TABLES[mine.kind].table;
  const ids = (column: string): string => `(SELECT ${column} FROM ${self} WHERE ${where(room, mine)} AND ${since} AND ${column} != '')`;
  const one = (kind: FindingKind): string => {
    const keys = others.filter((other) => other.kind === kind).map((other) => currentKey(groups, other));
    return `SELECT ${literal(kind)} AS kind, ${keyOf(room, kind)} AS key, trace_hex, span_hex FROM ${TABLES[kind].table} WHERE ${keysOf(kind, keys)} AND service = ${literal(mine.service)} AND environment = ${literal(mine.environment)} AND ${since}`;
  };
  const rows = await select<{ kind: FindingKind; key: string } & Together>(
    room.store.background,
    `SELECT kind, key,
      (SELECT toUInt32(uniqExact(trace_hex)) FROM ${self} WHERE ${where(room, mine)} AND ${since}) AS tracesMine,
      (SELECT toUInt32(uniqExact(span_hex)) FROM ${self} WHERE ${where(room, mine)} AND ${since}) AS spansMine,
      toUInt32(uniqExact(trace_hex)) AS tracesOther, toUInt32(uniqExactIf(trace_hex, trace_hex IN ${ids("trace_hex")})) AS traces,
      toUInt32(uniqExact(span_hex)) AS spansOther, toUInt32(uniqExactIf(span_hex, span_hex IN ${ids("span_hex")})) AS spans
     FROM (${one("error")} UNION ALL ${one("violation")}) GROUP BY kind, key`,
  );
  return others.flatMap((other) => {
    const row = rows.find((candidate) => candidate.kind === other.kind && candidate.key === currentKey(groups, other));
    return row === undefined ? [] : [{ ...other, together: row }];
  });
}
