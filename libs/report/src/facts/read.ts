import type { JournalState } from "@firstfix/incident";
import type { Store } from "@firstfix/store";
import { REPORT_LIMITS } from "../limits.ts";
import { showCount } from "../render/numbers.ts";
import { blamedCommits, countFuture, readChangeFacts } from "./changes.ts";
import { readArrivals, readDeployments, readLookups, readObservedSince } from "./deployments.ts";
import { incidentFacts } from "./incidents.ts";
import { readStanding } from "./standing.ts";
import type { Facts } from "./types.ts";
import { inPeriod, placeKey, type Filter } from "./window.ts";

/** Reads what a report is made of: bounded, of the queried period and places. */
export async function readFacts(store: Store, state: JournalState, query: Filter, now: number): Promise<Facts> {
  const incidents = incidentFacts(state, query);
  const { arrivals, cut: arrivalsCut } = await readArrivals(store, query);
  const { changes, merges, cut } = await readChangeFacts(store, query, now, arrivals, incidents);
  for (const id of merges) arrivals.delete(id);
  const { deployments, cut: deploymentsCut } = await readDeployments(store, query, arrivals.values(), incidents, mendingPlaces(state));
  const { standing, leftOut } = await readStanding(store, query);
  const facts = { changes, arrivals, deployments, standing, leftOut, incidents, observedSince: await readObservedSince(store, query) };
  const { unread, capped } = await readLookups(store, query, deployments);
  const notes = [
    ...(cut ? [`There are more than ${REPORT_LIMITS.changes} changes: only the newest are counted. Give a shorter period.`] : []),
    ...(arrivalsCut ? [`There are more than ${REPORT_LIMITS.arrivals} deployed changes: only the newest are counted. Give a shorter period.`] : []),
    ...(deploymentsCut ? [`There are more than ${REPORT_LIMITS.deployments} deployments: only the newest are counted. Give a shorter period.`] : []),
  ];
  const future = await countFuture(store, query, now);
  if (future > 0) notes.push(`${showCount(future)} ${future === 1 ? "commit is" : "commits are"} dated in the future, by a clock that was wrong: not counted as written.`);
  if (unread > 0) notes.push(`What ${unread} of ${deployments.length} deployments brought was not looked up: not yet, or their repository cannot be read.`);
  if (capped > 0) notes.push(`${capped} deployments brought more commits than are listed: only the newest of them are counted.`);
  return { ...facts, notes: [...notes, ...notesOf(facts, query)] };
}

/** Only what tells whose the incidents of the period are: small, however long the history is. */
export async function readBlames(store: Store, state: JournalState, query: Filter, now: number): Promise<Pick<Facts, "changes" | "arrivals" | "incidents">> {
  const incidents = incidentFacts(state, query).filter((one) => one.inPeriod);
  const commits = blamedCommits(incidents);
  if (commits.length === 0) return { changes: new Map(), arrivals: new Map(), incidents };
  const { arrivals } = await readArrivals(store, query, commits);
  const { changes } = await readChangeFacts(store, query, now, arrivals, incidents, true);
  return { changes, arrivals, incidents };
}

/** Deployments that claimed to resolve an incident, of whatever place. */
function mendingPlaces({ incidents }: JournalState): Set<string> {
  return new Set([...incidents.values()].flatMap((incident) => incident.cycles.map((cycle) => placeKey(cycle.deployment))));
}

/** Where a name was given, it may be another one. */
export function noCommits({ repository, service, environment }: Filter): string {
  const given = [["repository", repository], ["service", service], ["environment", environment]].flatMap(([what, name]) => (name === undefined ? [] : [`${what} ${JSON.stringify(name.slice(0, 80))}`]));
  return given.length === 0 ? "No commits of this period are in the store: backfill the repositories (firstfix backfill)." : `No commits of this period are in the store for ${given.join(" and ")}: check the name, or backfill the repository (firstfix backfill).`;
}

/** What a reader must know before believing a figure. */
function notesOf({ changes, arrivals, deployments, standing, leftOut, incidents, observedSince }: Omit<Facts, "notes">, query: Filter): string[] {
  const notes: string[] = [];
  if (![...changes.values()].some((one) => one.written)) notes.push(noCommits(query));
  const unread = [...arrivals.keys()].filter((id) => changes.get(id)?.known === false).length;
  if (unread > 0) notes.push(`Who wrote ${unread} of the deployed changes was not looked up: they count as unknown, with no lines.`);
  if (query.service !== undefined || query.environment !== undefined) notes.push("Standing lines are counted by repository only, not by service or environment.");
  else if (standing.length === 0) notes.push("No blame of a whole revision is in the store, so standing lines are not counted (firstfix backfill).");
  if (leftOut.files > 0) notes.push(`${showCount(leftOut.files)} files of ${showCount(leftOut.lines)} lines together are too long to be blamed: what was written in them counts as written and not as standing.`);
  const early = [...arrivals].filter(([id, [first]]) => first !== undefined && inPeriod(first.at, query) && (changes.get(id)?.committedAt ?? 0) > first.at).length;
  if (early > 0) notes.push(`${showCount(early)} deployed ${early === 1 ? "change is" : "changes are"} dated later than ${early === 1 ? "its" : "their"} deployment, by a clock that was wrong or a deployment that named another revision: not counted in lead time.`);
  const environments = new Set(deployments.map((one) => one.environment));
  if (environments.size > 1) notes.push(`Deployments of ${environments.size} environments are counted together; give an environment to see one.`);
  const nowhere = deployments.filter((one) => one.repository === "").length;
  if (nowhere > 0) notes.push(`${nowhere} of ${deployments.length} deployments name no repository, so their changes are not known.`);
  if (observedSince !== null && query.since !== undefined && query.since < observedSince && deployments.length > 0) notes.push(`The first deployment was seen on ${new Date(observedSince).toISOString().slice(0, 10)}, after the period begins: deployments per week are of the time since then.`);
  const opened = incidents.filter((one) => one.inPeriod);
  const unblamed = opened.filter((one) => one.blamed === null).length;
  if (unblamed > 0) notes.push(`${unblamed} of ${opened.length} incidents blame no change: the ranking abstained or found none.`);
  const elsewhere = opened.filter(({ blamed }) => blamed !== null && !(arrivals.get(blamed) ?? []).some((one) => inPeriod(one.at, query))).length;
  if (elsewhere > 0) notes.push(`${elsewhere} of ${opened.length} incidents ${elsewhere === 1 ? "blames a change that was" : "blame changes that were"} not first deployed in the period, as far as is known: these are no part of the changes that needed debugging.`);
  return notes;
}
