import { sameAddress } from "@firstfix/provenance";
import { literal, select, type Store } from "@firstfix/store";
import { REPORT_LIMITS } from "../limits.ts";
import { failedFor } from "./incidents.ts";
import type { Arrival, DeploymentFact, Exposure, IncidentFact } from "./types.ts";
import { BOUNDED, changeId, during, ofRepository, placed, placeKey, time, where, type Count, type Filter } from "./window.ts";

interface Place {
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
}

export const NO_EXPOSURE: Exposure = { entries: 0, spans: 0, errors: 0, evaluated: 0, violated: 0 };

/** Arrivals by change, oldest first, of every change that arrived somewhere in the period; of these commits only, where they are given. */
export async function readArrivals(store: Store, query: Filter, commits?: readonly string[]): Promise<{ arrivals: Map<string, Arrival[]>; cut: boolean }> {
  const place = [...placed(query), ...ofRepository(query), ...(commits === undefined ? [] : [`commit IN ${literal(commits)}`])];
  const { until, since } = query;
  const rows = await select<Place & { repository: string; commit: string; at: number; bound: boolean }>(
    store.interactive,
    `SELECT repository, commit, service, environment, revision, toUnixTimestamp64Milli(deployed_at) AS at, bound
     FROM deployed_changes FINAL
     ${where([...place, ...during("deployed_at", until === undefined ? {} : { until }), ...(since === undefined ? [] : [`(repository, commit) IN (SELECT repository, commit FROM deployed_changes ${where([...place, ...during("deployed_at", query)])})`])])}
     ORDER BY at DESC, service, environment, revision, commit LIMIT ${REPORT_LIMITS.arrivals + 1} ${BOUNDED}`,
  );
  const arrivals = new Map<string, Arrival[]>();
  for (const { repository, commit, service, environment, revision, at, bound } of rows.slice(0, REPORT_LIMITS.arrivals).reverse()) {
    const id = changeId(repository, commit);
    const known = arrivals.get(id);
    const arrival = { id, service, environment, revision, at, bound };
    if (known === undefined) arrivals.set(id, [arrival]);
    else known.push(arrival);
  }
  return { arrivals, cut: rows.length > REPORT_LIMITS.arrivals };
}

/** Deployments first seen in the period, with what they served, whether they failed, and whether they are among those that claimed to mend an incident. */
export async function readDeployments(store: Store, query: Filter, arrivals: Iterable<readonly Arrival[]>, incidents: readonly IncidentFact[], mending: ReadonlySet<string>): Promise<{ deployments: DeploymentFact[]; cut: boolean }> {
  const having = during("min(first_seen)", query);
  const seen = `FROM deployments ${where([...placed(query), "revision != ''"])} GROUP BY service, environment, revision ${having.length === 0 ? "" : `HAVING ${having.join(" AND ")}`}`;
  const rows = await select<Place & { repository: string; firstSeen: number }>(
    store.interactive,
    `SELECT service, environment, revision, argMin(repository, (repository = '', first_seen, repository)) AS repository, toUnixTimestamp64Milli(min(first_seen)) AS firstSeen ${seen}
     ORDER BY firstSeen DESC, service, environment, revision LIMIT ${REPORT_LIMITS.deployments + 1} ${BOUNDED}`,
  );
  const served = await readExposure(store, query, `(SELECT service, environment, revision ${seen})`);
  const brought = Map.groupBy([...arrivals].flat(), placeKey);
  const bad = Map.groupBy(incidents, ({ episode }) => placeKey(episode.deployment));
  const wanted = query.repository === undefined ? null : sameAddress(query.repository);
  const deployments: DeploymentFact[] = [];
  for (const row of rows.slice(0, REPORT_LIMITS.deployments)) {
    const repository = sameAddress(row.repository);
    if (wanted !== null && wanted !== repository) continue;
    const key = placeKey(row);
    const failures = bad.get(key) ?? [];
    deployments.push({ ...row, repository, ...(served.get(key) ?? NO_EXPOSURE), brought: brought.get(key) ?? [], failed: failures.length > 0, rework: mending.has(key), recoveryMs: failedFor(failures.map(({ episode }) => episode)) });
  }
  return { deployments, cut: rows.length > REPORT_LIMITS.deployments };
}

/** When anything was first deployed in the queried places, before the period too: of what came before, nothing was seen. */
export async function readObservedSince(store: Store, query: Filter): Promise<number | null> {
  const rows = await select<{ repository: string; firstSeen: number }>(store.interactive, `SELECT repository, toUnixTimestamp64Milli(min(first_seen)) AS firstSeen FROM deployments ${where([...placed(query), "revision != ''"])} GROUP BY repository ${BOUNDED}`);
  const wanted = query.repository === undefined ? null : sameAddress(query.repository);
  const times = rows.filter((row) => wanted === null || sameAddress(row.repository) === wanted).map((row) => row.firstSeen);
  return times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b));
}

/** Of the deployments those whose changes were not looked up yet, and those that brought more than were listed. */
export async function readLookups(store: Store, query: Filter, deployments: readonly Place[]): Promise<{ unread: number; capped: number }> {
  if (deployments.length === 0) return { unread: 0, capped: 0 };
  const rows = await select<Place & { capped: boolean }>(store.interactive, `SELECT service, environment, revision, capped FROM deployed_revisions FINAL ${where([...placed(query), ...ofRepository(query)])} ORDER BY deployed_at DESC LIMIT ${REPORT_LIMITS.arrivals} ${BOUNDED}`);
  const capped = new Map(rows.map((row) => [placeKey(row), row.capped]));
  return { unread: deployments.filter((one) => !capped.has(placeKey(one))).length, capped: deployments.filter((one) => capped.get(placeKey(one)) === true).length };
}

/** What revisions served: of `places`, a tuple list or a statement that gives (service, environment, revision). */
export async function readExposure(store: Store, query: Filter, places: string): Promise<Map<string, Exposure>> {
  // By the sorting key, and by partition where the period has a start: exposure is never read whole for a report of a month.
  const conditions = where([...placed(query), ...(query.since === undefined ? [] : [`minute >= toStartOfMinute(${time(query.since)})`]), `(service, environment, revision) IN ${places}`]);
  const [served, judged] = await Promise.all([
    select<Place & Readonly<Record<"entries" | "spans" | "errors", Count>>>(store.interactive, `SELECT service, environment, revision, sum(entries) AS entries, sum(spans) AS spans, sum(errors) AS errors FROM exposure ${conditions} GROUP BY service, environment, revision ${BOUNDED}`),
    select<Place & Readonly<Record<"evaluated" | "violated", Count>>>(store.interactive, `SELECT service, environment, revision, sum(evaluated) AS evaluated, sum(violated) AS violated FROM check_exposure FINAL ${conditions} GROUP BY service, environment, revision ${BOUNDED}`),
  ]);
  const exposure = new Map<string, Exposure>();
  for (const row of served) exposure.set(placeKey(row), { ...NO_EXPOSURE, entries: Number(row.entries), spans: Number(row.spans), errors: Number(row.errors) });
  for (const row of judged) exposure.set(placeKey(row), { ...(exposure.get(placeKey(row)) ?? NO_EXPOSURE), evaluated: Number(row.evaluated), violated: Number(row.violated) });
  return exposure;
}
