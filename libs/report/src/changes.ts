import { currentEpisode, type Incident, type JournalState } from "@firstfix/incident";
import { FirstfixError } from "@firstfix/kit";
import { literal, select, type Store } from "@firstfix/store";
import { ALLOWED, type ORDERS } from "./allowed.ts";
import { authorOf } from "./facts/changes.ts";
import { NO_EXPOSURE, readExposure } from "./facts/deployments.ts";
import { blamedCommit, cyclesToHold, incidentFacts, recoveryOf } from "./facts/incidents.ts";
import type { Exposure, IncidentFact } from "./facts/types.ts";
import { BOUNDED, changeId, checkPeriod, during, inPeriod, ofRepository, placed, placeKey, where, type Count, type Filter } from "./facts/window.ts";
import { REPORT_LIMITS } from "./limits.ts";
import { CHANGE_MEASURES } from "./measures.ts";
import type { ChangeReport, ChangeRow } from "./types.ts";

export interface ChangesQuery extends Filter {
  readonly limit: number;
  readonly order: (typeof ORDERS)[number];
}

type Deployment = ChangeRow["deployments"][number];

/** Commits of the period with what production says of them: those that broke most first, or the newest. */
export async function readChanges(store: Store, state: JournalState, query: ChangesQuery, now: number): Promise<ChangeReport> {
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > REPORT_LIMITS.listed) throw new FirstfixError("bad_request", `limit ${query.limit} is not allowed`, { hint: `limit is ${ALLOWED["limit"]}.` });
  checkPeriod(query, now);
  const incidents = incidentFacts(state, query);
  const blames = Map.groupBy(incidents.filter((one) => one.blamed !== null), (one) => one.blamed as string);
  const { ids, count } = await idsOf(store, query, blames);
  const facts = await detailsOf(store, ids);
  const deployments = await deploymentsOf(store, query, ids);
  const places = [...new Map([...deployments.values()].flat().map((one) => [placeKey(one), one])).values()];
  // Exposure counts from the deployment on, however short the period is: it says how much the change was used.
  const { since: _since, until: _until, ...place } = query;
  const exposure = places.length === 0 ? new Map<string, Exposure>() : await readExposure(store, place, `(${places.map((one) => literal([one.service, one.environment, one.revision])).join(", ")})`);
  // A commit that an incident blames and whose facts nobody looked up: what the ranking says of it.
  const judged = (await unread(store, blames, query)).slice(0, Math.max(0, query.limit - (query.order === "incidents" ? 0 : ids.length)));
  const rows = [...facts.values()].map((one) => rowOf(one, deployments.get(changeId(one.repository, one.commit)) ?? [], exposure, blames.get(changeId(one.repository, one.commit)) ?? []));
  const all = [...rows, ...judged.map((some) => rowOf(ofRanking(some), [], exposure, some))].sort(query.order === "incidents" ? (a, b) => b.incidents.length - a.incidents.length || newest(a, b) : newest);
  const shown = all.slice(0, query.limit);
  return { generatedAt: now, measures: CHANGE_MEASURES, rows: shown, more: Math.max(0, count + judged.length - shown.length), notes: notesOf(shown, judged.length) };
}

type Details = Omit<ChangeRow, "deployments" | "leadMs" | "exposure" | "incidents" | "redeploys">;

/** The commits to show. Blamed ones are asked for by id; the others are found in order of time. */
async function idsOf(store: Store, query: ChangesQuery, blames: ReadonlyMap<string, readonly IncidentFact[]>): Promise<{ ids: [string, string][]; count: number }> {
  const place = placed(query);
  const deployed = place.length === 0 ? [] : [`(repository, commit) IN (SELECT repository, commit FROM deployed_changes ${where([...place, ...ofRepository(query)])})`];
  const conditions = ["NOT merge", ...ofRepository(query), ...during("committed_at", query), ...deployed];
  const read = (more: readonly string[], limit: number): Promise<{ repository: string; commit: string }[]> => select(store.interactive, `SELECT repository, commit FROM changes FINAL ${where([...conditions, ...more])} ORDER BY committed_at DESC, repository, commit LIMIT ${limit} ${BOUNDED}`);
  const [counted] = await select<{ n: Count }>(store.interactive, `SELECT count() AS n FROM changes FINAL ${where(conditions)} ${BOUNDED}`);
  const worst = [...blames].sort((a, b) => b[1].length - a[1].length).slice(0, REPORT_LIMITS.blamed).map(([id]) => id.split("\n"));
  const blamed = query.order === "newest" || worst.length === 0 ? [] : await read([`(repository, commit) IN (${worst.map(literal).join(", ")})`], worst.length);
  const often = (one: { repository: string; commit: string }): number => blames.get(changeId(one.repository, one.commit))?.length ?? 0;
  const first = blamed.toSorted((a, b) => often(b) - often(a)).slice(0, query.limit);
  const known = new Set(first.map((one) => changeId(one.repository, one.commit)));
  const rest = first.length >= query.limit ? [] : await read([], query.limit);
  const rows = [...first, ...rest.filter((one) => !known.has(changeId(one.repository, one.commit)))].slice(0, query.limit);
  return { ids: rows.map((one) => [one.repository, one.commit]), count: Number(counted?.n ?? 0) };
}

/** By the primary key, so that wide columns are read of these commits only. */
async function detailsOf(store: Store, ids: readonly [string, string][]): Promise<Map<string, Details>> {
  if (ids.length === 0) return new Map();
  const rows = await select<Omit<Details, "authorship" | "teams"> & { authorship: string; teams: readonly string[] }>(
    store.interactive,
    `SELECT repository, commit, subject, author_name AS authorName, toUnixTimestamp64Milli(committed_at) AS committedAt, authorship, agent, model, round(confidence, 4) AS confidence, conflict, teams, files, lines_added AS linesAdded, lines_deleted AS linesDeleted
     FROM changes FINAL WHERE (repository, commit) IN (${ids.map(literal).join(", ")}) ${BOUNDED}`,
  );
  return new Map(rows.map((row) => [changeId(row.repository, row.commit), { ...row, authorship: authorOf(row.authorship) }]));
}

/** Where each was deployed first, by service and environment. */
async function deploymentsOf(store: Store, query: Filter, ids: readonly [string, string][]): Promise<Map<string, Deployment[]>> {
  if (ids.length === 0) return new Map();
  const rows = await select<Deployment & { repository: string; commit: string }>(
    store.interactive,
    `SELECT repository, commit, service, environment, argMin(revision, (deployed_at, revision)) AS revision, toUnixTimestamp64Milli(min(deployed_at)) AS deployedAt
     FROM deployed_changes FINAL ${where([...placed(query), `(repository, commit) IN (${ids.map(literal).join(", ")})`])}
     GROUP BY repository, commit, service, environment ORDER BY deployedAt, service, environment ${BOUNDED}`,
  );
  const found = new Map<string, Deployment[]>();
  for (const { repository, commit, ...deployment } of rows) found.set(changeId(repository, commit), [...(found.get(changeId(repository, commit)) ?? []), deployment]);
  return found;
}

function rowOf(details: Details, deployments: readonly Deployment[], exposure: ReadonlyMap<string, Exposure>, facts: readonly IncidentFact[]): ChangeRow {
  const served = deployments.map((one) => exposure.get(placeKey(one)) ?? NO_EXPOSURE);
  const sum = (key: keyof Exposure): number => served.reduce((total, one) => total + one[key], 0);
  const first = deployments[0];
  const episodes = facts.toSorted((a, b) => b.episode.openedAt - a.episode.openedAt);
  return {
    ...details,
    deployments,
    leadMs: first === undefined ? null : Math.max(0, first.deployedAt - details.committedAt),
    exposure: { entries: sum("entries"), spans: sum("spans"), errors: sum("errors"), violations: sum("violated") },
    incidents: episodes.map(({ incident, episode }) => ({ incidentId: incident.incidentId, openedAt: episode.openedAt, title: titleOf(incident), status: episode === currentEpisode(incident.episodes) ? incident.status : "closed", cycles: cyclesToHold(episode), recoveryMs: recoveryOf(episode) })),
    redeploys: episodes.reduce((total, { episode }) => total + episode.cycles.length, 0),
  };
}

/** What is blamed in the period and has no row of facts, neither shown nor hidden. */
async function unread(store: Store, blames: ReadonlyMap<string, readonly IncidentFact[]>, query: Filter): Promise<(readonly IncidentFact[])[]> {
  const blamed = [...blames].filter(([, some]) => inPeriod(suspectOf(some)?.authoredAt ?? 0, query)).slice(0, REPORT_LIMITS.blamed);
  if (blamed.length === 0) return [];
  const rows = await select<{ repository: string; commit: string }>(store.interactive, `SELECT DISTINCT repository, commit FROM changes WHERE (repository, commit) IN (${blamed.map(([id]) => literal(id.split("\n"))).join(", ")}) ${BOUNDED}`);
  const known = new Set(rows.map((one) => changeId(one.repository, one.commit)));
  return blamed.filter(([id]) => !known.has(id)).map(([, some]) => some);
}

function ofRanking(some: readonly IncidentFact[]): Details {
  const suspect = suspectOf(some);
  const { authorship = "unknown", agent = "", model = "", confidence = 0 } = suspect?.attribution ?? {};
  return { repository: some[0]?.repository ?? "", commit: suspect?.commit ?? "", subject: suspect?.subject ?? "", authorName: suspect?.authorName ?? "", committedAt: suspect?.authoredAt ?? 0, authorship, agent, model, confidence, conflict: false, teams: [], files: 0, linesAdded: 0, linesDeleted: 0 };
}

function suspectOf(some: readonly IncidentFact[]): ReturnType<typeof blamedCommit> {
  return some[0] === undefined ? undefined : blamedCommit(some[0].episode);
}

function titleOf(incident: Incident): string {
  return incident.findings[0]?.title ?? incident.incidentId;
}

function newest(a: ChangeRow, b: ChangeRow): number {
  return b.committedAt - a.committedAt || (a.commit < b.commit ? -1 : 1);
}

function notesOf(rows: readonly ChangeRow[], unread: number): string[] {
  return [
    ...(rows.length === 0 ? ["No commits of this period are in the store: backfill the repositories (firstfix backfill)."] : []),
    ...(unread > 0 ? [`${unread} blamed commits are shown by what the ranking found: their size was not looked up (firstfix backfill).`] : []),
  ];
}
