import { membersOf, normaliseMessage, parseStack, resolveGroup, titleOf, type JournalState } from "@firstfix/incident";
import type { ClickHouseClient } from "@clickhouse/client";
import { FirstfixError } from "@firstfix/kit";
import { ofGroup, resolvedGroup } from "./groups.ts";
import { literal, select } from "./sql.ts";

export const GROUP_LIMITS = {
  /** Groups of one list, fingerprints of one group. */
  listed: 100,
  /** Groups and fingerprints that one call merges or splits. */
  atOnce: 100,
  similar: 8,
  similarRead: 300,
  framesShown: 5,
  /** Groups are listed, and similar ones looked for, this far back. */
  days: 30,
} as const;

export interface GroupLine {
  readonly groupId: string;
  readonly title: string;
  readonly count: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly services: readonly string[];
  /** The open incident of the group, null where there is none. */
  readonly incidentId: string | null;
}

export interface GroupDetail {
  readonly groupId: string;
  readonly title: string;
  /** Its open incident, null where there is none. */
  readonly incidentId: string | null;
  /** What can be split off: the commonest first. "" stands for errors recorded before there were fingerprints. */
  readonly fingerprints: readonly { readonly fingerprint: string; readonly title: string; readonly count: number; readonly lastSeen: number; readonly frames: readonly string[] }[];
  /** Groups that were merged into it; splitting one off by its id undoes that. */
  readonly merged: readonly string[];
  readonly similar: readonly { readonly groupId: string; readonly title: string; readonly count: number; readonly incidentId: string | null }[];
}

interface Row {
  readonly group: string;
  readonly lastType: string;
  readonly lastMessage: string;
  readonly lastFile: string;
  readonly lastFunction: string;
  readonly count: number | string;
  readonly first: number | string;
  readonly last: number | string;
}

const COLUMNS = "count() AS count, toUnixTimestamp64Milli(toDateTime64(min(time), 3, 'UTC')) AS first, toUnixTimestamp64Milli(toDateTime64(max(time), 3, 'UTC')) AS last, argMax(type, time) AS lastType, argMax(substring(message, 1, 500), time) AS lastMessage";

/** Error groups of the last 30 days, seen last first. */
export async function listGroups(client: ClickHouseClient, state: JournalState, filter: { readonly service?: string; readonly limit: number }): Promise<GroupLine[]> {
  const service = filter.service === undefined ? "" : ` AND service = ${literal(filter.service)}`;
  const rows = await select<Row & { services: string[] }>(
    client,
    `SELECT ${resolvedGroup(state.groups)} AS group, ${COLUMNS}, groupUniqArray(20)(toString(service)) AS services, '' AS lastFile, '' AS lastFunction
     FROM errors FINAL WHERE time >= now() - INTERVAL ${GROUP_LIMITS.days} DAY${service} GROUP BY group ORDER BY last DESC LIMIT ${filter.limit}`,
  );
  return rows.map((row) => ({ groupId: row.group, title: titleOf(row.lastType, row.lastMessage), count: Number(row.count), firstSeen: Number(row.first), lastSeen: Number(row.last), services: row.services.toSorted(), incidentId: incidentOf(state, row.group) }));
}

/** Throws not_found where no error of the group is stored. */
export async function readGroup(client: ClickHouseClient, state: JournalState, key: string): Promise<GroupDetail> {
  const { groupId, groups } = membersOf(state.groups, key);
  const rows = await select<Row & { fingerprint: string; lastStack: string }>(
    client,
    `SELECT '' AS group, fingerprint, ${COLUMNS}, argMax(stacktrace, time) AS lastStack, argMax(file, time) AS lastFile, argMax(function, time) AS lastFunction
     FROM errors FINAL WHERE ${ofGroup(state.groups, groupId)} GROUP BY fingerprint ORDER BY count DESC, fingerprint LIMIT ${GROUP_LIMITS.listed}`,
  );
  const [first] = rows;
  if (first === undefined) throw new FirstfixError("not_found", `no error of the group ${key} is stored`, { hint: "firstfix groups list names those that are." });
  const fingerprints = rows.map((row) => ({ fingerprint: row.fingerprint, title: titleOf(row.lastType, row.lastMessage), count: Number(row.count), lastSeen: Number(row.last), frames: framesOf(row.lastStack, row.lastType) }));
  return { groupId, title: titleOf(first.lastType, first.lastMessage), incidentId: incidentOf(state, groupId), fingerprints, merged: groups.filter((group) => group !== groupId && state.groups.aliases.has(group)), similar: await similarTo(client, state, groupId, rows) };
}

/** The open incident whose first finding is the group's, whatever it was called when the incident was opened. */
function incidentOf(state: JournalState, groupId: string): string | null {
  for (const { incidentId, status, findings } of state.incidents.values()) {
    const [first] = findings;
    if (status !== "closed" && first?.kind === "error" && resolveGroup(state.groups, first.key) === groupId) return incidentId;
  }
  return null;
}

function framesOf(stacktrace: string, type: string): string[] {
  const frames = parseStack(stacktrace, { type });
  const own = frames.filter((frame) => frame.inApp);
  return (own.length === 0 ? frames : own).slice(0, GROUP_LIMITS.framesShown).map(({ function: name, file, line }) => `${name === "" ? "" : `${name} `}${file}${line === 0 ? "" : `:${line}`}`);
}

/** Groups of the same services that a person may want to merge: out of the same place, or with the same words. */
async function similarTo(client: ClickHouseClient, state: JournalState, groupId: string, mine: readonly Row[]): Promise<GroupDetail["similar"]> {
  const types = [...new Set(mine.map((row) => row.lastType))];
  const places = mine.filter((row) => row.lastFile !== "").map((row) => [row.lastFile, row.lastFunction] as const);
  const wanted = [`type IN ${literal(types)}`, ...(places.length === 0 ? [] : [`(file, function) IN (${places.map((place) => literal(place)).join(", ")})`])];
  const rows = await select<Row>(
    client,
    `SELECT ${resolvedGroup(state.groups)} AS group, ${COLUMNS}, argMax(file, time) AS lastFile, argMax(function, time) AS lastFunction FROM errors FINAL
     WHERE time >= now() - INTERVAL ${GROUP_LIMITS.days} DAY AND (${wanted.join(" OR ")}) AND NOT ${ofGroup(state.groups, groupId)}
       AND service IN (SELECT DISTINCT service FROM errors WHERE ${ofGroup(state.groups, groupId)})
     GROUP BY group ORDER BY last DESC LIMIT ${GROUP_LIMITS.similarRead}`,
  );
  const words = new Set(mine.map((row) => normaliseMessage(row.lastMessage)));
  const score = (row: Row): number =>
    (types.includes(row.lastType) ? 1 : 0) + (words.has(normaliseMessage(row.lastMessage)) ? 3 : 0) + (places.some(([file]) => file === row.lastFile) ? 1 : 0) + (places.some(([file, name]) => file === row.lastFile && name === row.lastFunction) ? 2 : 0);
  return rows
    .map((row) => ({ row, score: score(row) }))
    .filter((one) => one.score >= 3)
    .sort((a, b) => b.score - a.score || Number(b.row.count) - Number(a.row.count))
    .slice(0, GROUP_LIMITS.similar)
    .map(({ row }) => ({ groupId: row.group, title: titleOf(row.lastType, row.lastMessage), count: Number(row.count), incidentId: incidentOf(state, row.group) }));
}
