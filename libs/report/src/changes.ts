import { currentEpisode, type Incident, type JournalState } from "@firstfix/incident";
import { literal, select, type Store } from "@firstfix/store";
import { authorOf } from "./facts/changes.ts";
import { NO_EXPOSURE, readExposure } from "./facts/deployments.ts";
import { blamedCommit, committedAtOf, cyclesToHold, incidentFacts, recoveryOf } from "./facts/incidents.ts";
import { noCommits } from "./facts/read.ts";
import type { Exposure, IncidentFact } from "./facts/types.ts";
import { BOUNDED, changeId, checkPeriod, inPeriod, ofRepository, placed, placeKey, where, type Count, type Filter } from "./facts/window.ts";
import { REPORT_LIMITS } from "./limits.ts";
import { checkListed, listChanges, type Blames, type ChangesQuery } from "./listed.ts";
import { CHANGE_MEASURES } from "./measures.ts";
import type { ChangeReport, ChangeRow } from "./types.ts";

type Deployment = ChangeRow["deployments"][number];
type Details = Omit<ChangeRow, "deployments" | "leadMs" | "exposure" | "incidents" | "redeploys">;

/** Commits of the period with what production says of them, a page of them in the order asked for. */
export async function readChanges(store: Store, state: JournalState, query: ChangesQuery, now: number): Promise<ChangeReport> {
  checkListed(query);
  checkPeriod(query, now);
  const blames: Blames = Map.groupBy(incidentFacts(state, query).filter((one) => one.blamed !== null), (one) => one.blamed as string);
  const unread = await unreadOf(store, blames, query);
  const { ids, matching, all, left } = await listChanges(store, query, blames, unread);
  const known = ids.filter(([repository, commit]) => !unread.has(changeId(repository, commit)));
  const facts = await detailsOf(store, known);
  const deployments = await deploymentsOf(store, query, known);
  const places = [...new Map([...deployments.values()].flat().map((one) => [placeKey(one), one])).values()];
  // Exposure counts from the deployment on, however short the period is: it says how much the change was used.
  const { since: _since, until: _until, ...place } = query;
  const exposure = new Map((await inParts(places, async (some) => [...(await readExposure(store, place, `(${some.map((one) => literal([one.service, one.environment, one.revision])).join(", ")})`))])));
  const rows = ids.flatMap(([repository, commit]) => {
    const id = changeId(repository, commit);
    const some = blames.get(id) ?? [];
    // A commit that an incident blames and whose facts nobody looked up: what the ranking says of it.
    const details = facts.get(id) ?? (unread.has(id) ? ofRanking(some) : undefined);
    return details === undefined ? [] : [rowOf(details, deployments.get(id) ?? [], exposure, some)];
  });
  const judged = ids.length - known.length;
  return { generatedAt: now, measures: CHANGE_MEASURES, rows, matching, all, more: Math.max(0, matching - (query.offset ?? 0) - ids.length), notes: notesOf(query, all, judged, left, blames.size) };
}

/** The engine takes a statement up to a size, and each row asked for stands in it. */
async function inParts<T, R>(all: readonly T[], read: (some: readonly T[]) => Promise<readonly R[]>): Promise<R[]> {
  const found: R[] = [];
  for (let from = 0; from < all.length; from += REPORT_LIMITS.lookup) found.push(...(await read(all.slice(from, from + REPORT_LIMITS.lookup))));
  return found;
}

/** By the primary key, so that wide columns are read of these commits only. */
async function detailsOf(store: Store, ids: readonly [string, string][]): Promise<Map<string, Details>> {
  const rows = await inParts(ids, (some) => select<Omit<Details, "authorship" | "teams"> & { authorship: string; teams: readonly string[] }>(
    store.interactive,
    `SELECT repository, commit, subject, author_name AS authorName, toUnixTimestamp64Milli(committed_at) AS committedAt, authorship, agent, model, round(confidence, 4) AS confidence, conflict, teams, files, lines_added AS linesAdded, lines_deleted AS linesDeleted
     FROM changes FINAL WHERE (repository, commit) IN (${some.map(literal).join(", ")}) ${BOUNDED}`,
  ));
  return new Map(rows.map((row) => [changeId(row.repository, row.commit), { ...row, authorship: authorOf(row.authorship) }]));
}

/** Where each was deployed first, by service and environment, and how many commits came with it. */
async function deploymentsOf(store: Store, query: Filter, ids: readonly [string, string][]): Promise<Map<string, Deployment[]>> {
  const rows = await inParts(ids, (some) => select<Omit<Deployment, "commits"> & { repository: string; commit: string }>(
    store.interactive,
    `SELECT repository, commit, service, environment, argMin(revision, (deployed_at, revision)) AS revision, toUnixTimestamp64Milli(min(deployed_at)) AS deployedAt
     FROM deployed_changes FINAL ${where([...placed(query), `(repository, commit) IN (${some.map(literal).join(", ")})`])}
     GROUP BY repository, commit, service, environment ORDER BY deployedAt, service, environment ${BOUNDED}`,
  ));
  const company = await companyOf(store, query, rows);
  const found = new Map<string, Deployment[]>();
  for (const { repository, commit, ...deployment } of rows) {
    const commits = company.get(`${repository}\n${placeKey(deployment)}`) ?? 1;
    found.set(changeId(repository, commit), [...(found.get(changeId(repository, commit)) ?? []), { ...deployment, commits }]);
  }
  return found;
}

/** How many commits each of these revisions brought: what it served is said of all of them alike. */
async function companyOf(store: Store, query: Filter, places: readonly { readonly repository: string; readonly service: string; readonly environment: string; readonly revision: string }[]): Promise<Map<string, number>> {
  const tuples = new Set(places.map((one) => literal([one.repository, one.service, one.environment, one.revision])));
  const rows = await inParts([...tuples], (some) => select<{ repository: string; service: string; environment: string; revision: string; many: Count }>(
    store.interactive,
    `SELECT repository, service, environment, revision, uniqExact(commit) AS many
     FROM deployed_changes ${where([...placed(query), `(repository, service, environment, revision) IN (${some.join(", ")})`, `(repository, commit) NOT IN (SELECT repository, commit FROM changes FINAL ${where(["merge", ...ofRepository(query)])})`])}
     GROUP BY repository, service, environment, revision ${BOUNDED}`,
  ));
  return new Map(rows.map(({ repository, many, ...place }) => [`${repository}\n${placeKey(place)}`, Math.max(1, Number(many))]));
}

function rowOf(details: Details, deployments: readonly Deployment[], exposure: ReadonlyMap<string, Exposure>, facts: readonly IncidentFact[]): ChangeRow {
  const served = deployments.map((one) => exposure.get(placeKey(one)) ?? NO_EXPOSURE);
  const sum = (key: keyof Exposure): number => served.reduce((total, one) => total + one[key], 0);
  const first = deployments[0];
  const episodes = facts.toSorted((a, b) => b.episode.openedAt - a.episode.openedAt);
  return {
    ...details,
    deployments,
    leadMs: first === undefined || first.deployedAt < details.committedAt ? null : first.deployedAt - details.committedAt,
    exposure: { entries: sum("entries"), spans: sum("spans"), errors: sum("errors"), evaluations: sum("evaluated"), violations: sum("violated") },
    incidents: episodes.map(({ incident, episode }) => ({ incidentId: incident.incidentId, openedAt: episode.openedAt, title: titleOf(incident), status: episode === currentEpisode(incident.episodes) ? incident.status : "closed", cycles: cyclesToHold(episode), recoveryMs: recoveryOf(episode) })),
    redeploys: episodes.reduce((total, { episode }) => total + episode.cycles.length, 0),
  };
}

/** What is blamed in the period and has no row of facts, neither shown nor hidden: those that are blamed most often. */
async function unreadOf(store: Store, blames: Blames, query: Filter): Promise<Map<string, readonly IncidentFact[]>> {
  const blamed = [...blames].filter(([, some]) => inPeriod(committedAtOf(suspectOf(some)), query)).sort((a, b) => b[1].length - a[1].length).slice(0, REPORT_LIMITS.blamed);
  if (blamed.length === 0) return new Map();
  const rows = await inParts(blamed, (some) => select<{ repository: string; commit: string }>(store.interactive, `SELECT DISTINCT repository, commit FROM changes WHERE (repository, commit) IN (${some.map(([id]) => literal(id.split("\n"))).join(", ")}) ${BOUNDED}`));
  const known = new Set(rows.map((one) => changeId(one.repository, one.commit)));
  return new Map(blamed.filter(([id]) => !known.has(id)));
}

function ofRanking(some: readonly IncidentFact[]): Details {
  const suspect = suspectOf(some);
  const { authorship = "unknown", agent = "", model = "", confidence = 0 } = suspect?.attribution ?? {};
  return { repository: some[0]?.repository ?? "", commit: suspect?.commit ?? "", subject: suspect?.subject ?? "", authorName: suspect?.authorName ?? "", committedAt: committedAtOf(suspect), authorship, agent, model, confidence, conflict: false, teams: [], files: 0, linesAdded: 0, linesDeleted: 0 };
}

function suspectOf(some: readonly IncidentFact[]): ReturnType<typeof blamedCommit> {
  return some[0] === undefined ? undefined : blamedCommit(some[0].episode);
}

function titleOf(incident: Incident): string {
  return incident.findings[0]?.title ?? incident.incidentId;
}

function notesOf(query: Filter, all: number, unread: number, left: number, blamed: number): string[] {
  return [
    ...(all === 0 ? [noCommits(query)] : []),
    ...(unread > 0 ? [`${unread} blamed commits are shown by what the ranking found: their size was not looked up (firstfix backfill).`] : []),
    ...(left > 0 ? [`${left} more blamed commits are known from a ranking only and are not listed (firstfix backfill).`] : []),
    ...(blamed > REPORT_LIMITS.ranked ? [`There are ${blamed} blamed commits: only the ${REPORT_LIMITS.ranked} with most are sorted by what incidents say of them.`] : []),
  ];
}
