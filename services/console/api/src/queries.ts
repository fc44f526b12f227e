import { membersOf, resolveGroup, type Finding, type GroupRules, type Incident } from "@firstfix/incident";
import type { Span } from "@firstfix/otlp";
import { inTraces, literal, ofGroup, readSpans, select, type Store } from "@firstfix/store";
import { CONSOLE_LIMITS } from "./deps.ts";
import type { FindingExposure, ServiceLine } from "./payload.ts";

// Statements of the interactive lane. Numbers are passed through Number(): an engine may give 64-bit integers as text.

const MINUTE = 60_000;
const EXPOSURE_LEAD = 15 * MINUTE;
const EXPOSURE_SPAN_MAX = 14 * 24 * 60 * MINUTE;

/** What each service ran in the last 24 hours and when it was last heard of. */
export async function serviceLines(store: Store): Promise<ServiceLine[]> {
  const rows = await select<Row<"service" | "environment" | "revision", "spans" | "errors" | "lastData">>(
    store.interactive,
    `SELECT service, environment, argMax(revision, minute) AS revision, sum(spans) AS spans, sum(errors) AS errors, toUnixTimestamp(max(minute)) * 1000 AS lastData
     FROM exposure WHERE minute > now() - INTERVAL 1 DAY
     GROUP BY service, environment ORDER BY service, environment LIMIT ${CONSOLE_LIMITS.servicesListed}`,
  );
  const seen = await select<Row<"service" | "environment", "lastSeen">>(
    store.interactive,
    `SELECT service, environment, toUnixTimestamp64Milli(max(last_seen)) AS lastSeen FROM deployments GROUP BY service, environment`,
  );
  const exact = new Map(seen.map((row) => [`${row.service}\n${row.environment}`, Number(row.lastSeen)]));
  return rows.map((row) => ({
    service: row.service,
    environment: row.environment,
    revision: row.revision,
    spans: Number(row.spans),
    errors: Number(row.errors),
    lastData: Math.max(Number(row.lastData), exact.get(`${row.service}\n${row.environment}`) ?? 0),
  }));
}

export interface RevisionExposure {
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly spans: number;
  readonly errors: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly repository: string;
}

/** The newest revisions that ran, newest first, with what they served. Reads the exposure of these alone, however long the history is. */
export async function revisionExposures(store: Store): Promise<RevisionExposure[]> {
  const rows = await select<Row<"service" | "environment" | "revision" | "repository", "spans" | "firstSeen" | "lastSeen">>(
    store.interactive,
    `SELECT service, environment, revision, anyLast(repository) AS repository, sum(spans) AS spans,
            toUnixTimestamp64Milli(min(first_seen)) AS firstSeen, toUnixTimestamp64Milli(max(last_seen)) AS lastSeen
     FROM deployments GROUP BY service, environment, revision ORDER BY firstSeen DESC, service, environment, revision LIMIT ${CONSOLE_LIMITS.deploymentsListed}`,
  );
  if (rows.length === 0) return [];
  const listed = rows.map(({ service, environment, revision }) => `(${literal(service)}, ${literal(environment)}, ${literal(revision)})`).join(", ");
  const since = Math.floor(Math.min(...rows.map((row) => Number(row.firstSeen))) / 1000) - 60;
  const failed = await select<Row<"service" | "environment" | "revision", "errors">>(
    store.interactive,
    `SELECT service, environment, revision, sum(errors) AS errors FROM exposure WHERE (service, environment, revision) IN (${listed}) AND minute >= toDateTime(${since}, 'UTC') GROUP BY service, environment, revision`,
  );
  const key = (row: Row<"service" | "environment" | "revision", never>): string => JSON.stringify([row.service, row.environment, row.revision]);
  const errors = new Map(failed.map((row) => [key(row), Number(row.errors)]));
  return rows.map((row) => ({ ...row, spans: Number(row.spans), errors: errors.get(key(row)) ?? 0, firstSeen: Number(row.firstSeen), lastSeen: Number(row.lastSeen) }));
}

/** How often each incident's first finding occurred, by incident id. Reads a row for each day, however often it did. */
export async function occurrences(store: Store, incidents: readonly Incident[], rules: GroupRules): Promise<Map<string, number>> {
  const groups = keysOf(incidents, "error").map((key) => membersOf(rules, key));
  const errors = [...new Set(groups.flatMap((one) => [...one.groups, ...one.with.map(([group]) => group)]))];
  const wanted = [["error", errors], ["violation", keysOf(incidents, "violation")]] as const;
  const where = wanted.filter(([, keys]) => keys.length > 0).map(([kind, keys]) => `(kind = '${kind}' AND key IN ${literal(keys)})`);
  const counts = new Map<string, number>();
  if (where.length > 0) {
    const rows = await select<Row<"kind" | "key" | "fingerprint" | "service" | "environment", "count">>(
      store.interactive,
      `SELECT kind, key, fingerprint, service, environment, uniqCombinedMerge(14)(occurrences) AS count FROM finding_counts WHERE ${where.join(" OR ")} GROUP BY kind, key, fingerprint, service, environment`,
    );
    for (const row of rows) {
      const key = JSON.stringify([row.kind, row.kind === "error" ? resolveGroup(rules, row.key, row.fingerprint) : row.key, row.service, row.environment]);
      counts.set(key, (counts.get(key) ?? 0) + Number(row.count));
    }
  }
  return new Map(
    incidents.map((one) => {
      const finding = one.findings[0];
      if (finding === undefined) return [one.incidentId, 0];
      const key = finding.kind === "error" ? resolveGroup(rules, finding.key) : finding.key;
      return [one.incidentId, Math.max(finding.count, counts.get(JSON.stringify([finding.kind, key, one.deployment.service, one.deployment.environment])) ?? 0)];
    }),
  );
}

function keysOf(incidents: readonly Incident[], kind: Finding["kind"]): string[] {
  return [...new Set(incidents.flatMap((one) => (one.findings[0]?.kind === kind ? [one.findings[0].key] : [])))];
}

/** Tries and failures around the deployment that brought the finding, in at most exposurePoints buckets. */
export async function findingExposure(store: Store, incident: Incident, finding: Finding, rules: GroupRules, now: number): Promise<Omit<FindingExposure, "deployments">> {
  const { service, environment } = incident.deployment;
  const lastChange = Math.max(incident.closedAt ?? 0, ...incident.cycles.map((one) => one.judgedAt ?? 0));
  const end = incident.status === "closed" ? Math.min(now, lastChange + 5 * MINUTE) : now;
  const start = Math.max(Math.min(incident.deployment.firstSeen, finding.firstSeen, incident.openedAt) - EXPOSURE_LEAD, end - EXPOSURE_SPAN_MAX);
  const bucketMs = Math.max(1, Math.ceil((end - start) / MINUTE / CONSOLE_LIMITS.exposurePoints)) * MINUTE;
  const from = Math.floor(start / bucketMs) * bucketMs;
  const to = Math.floor(end / bucketMs) * bucketMs + bucketMs;

  const within = (column: string): string => `service = ${literal(service)} AND environment = ${literal(environment)} AND ${column} >= toDateTime(${from / 1000}, 'UTC') AND ${column} < toDateTime(${to / 1000}, 'UTC')`;
  const bucket = (column: string): string => `intDiv(toUnixTimestamp(${column}), ${bucketMs / 1000}) * ${bucketMs}`;
  const trials = new Map<number, number>();
  const failures = new Map<number, number>();
  let scope = "";
  if (finding.kind === "error") {
    const served = await select<Row<never, "at" | "own" | "all">>(
      store.interactive,
      `SELECT ${bucket("minute")} AS at, sumIf(entries, operation = ${literal(finding.witness.operation)}) AS own, sum(entries) AS all FROM exposure WHERE ${within("minute")} GROUP BY at ORDER BY at`,
    );
    // An error in a span that is no entry has no requests of its own: then those of the whole service are the tries.
    const own = served.some((row) => Number(row.own) > 0);
    scope = own ? finding.witness.operation : service;
    const failed = await select<Row<never, "at" | "failures">>(
      store.interactive,
      `SELECT ${bucket("time")} AS at, count() AS failures FROM errors FINAL WHERE ${ofGroup(rules, finding.key)} AND ${within("time")} GROUP BY at ORDER BY at`,
    );
    for (const row of served) trials.set(Number(row.at), Number(own ? row.own : row.all));
    for (const row of failed) failures.set(Number(row.at), Number(row.failures));
  } else {
    const judged = await select<Row<never, "at" | "trials" | "failures">>(
      store.interactive,
      `SELECT ${bucket("minute")} AS at, sum(evaluated) AS trials, sum(violated) AS failures FROM check_exposure FINAL WHERE check_key = ${literal(finding.key)} AND ${within("minute")} GROUP BY at ORDER BY at`,
    );
    for (const row of judged) {
      trials.set(Number(row.at), Number(row.trials));
      failures.set(Number(row.at), Number(row.failures));
    }
  }
  const points: { at: number; trials: number; failures: number }[] = [];
  for (let at = from; at < to; at += bucketMs) points.push({ at, trials: Math.max(trials.get(at) ?? 0, failures.get(at) ?? 0), failures: failures.get(at) ?? 0 });
  // What lies before the first data and the deployment says nothing; one empty bucket shows that it is the beginning.
  const first = points.findIndex((one) => one.trials > 0 || one.at + bucketMs > incident.deployment.firstSeen);
  const shown = first > 1 ? points.slice(first - 1) : points;
  return {
    key: finding.key,
    kind: finding.kind,
    trialWord: finding.kind === "error" ? "requests" : "evaluations",
    failureWord: finding.kind === "error" ? "errors" : "violations",
    scope,
    bucketMs,
    from: shown[0]?.at ?? from,
    to,
    points: shown,
    occurrences: points.reduce((sum, one) => sum + one.failures, 0),
  };
}

/** The spans of a trace in order of start, traceSpans at most, and how many there are in all. */
export async function boundedTrace(store: Store, traceId: string): Promise<{ spans: Span[]; total: number }> {
  const where = inTraces([traceId]);
  const spans = await readSpans(store.interactive, where, CONSOLE_LIMITS.traceSpans + 1);
  if (spans.length <= CONSOLE_LIMITS.traceSpans) return { spans, total: spans.length };
  const [row] = await select<Row<never, "total">>(store.interactive, `SELECT count() AS total FROM spans WHERE ${where}`);
  return { spans: spans.slice(0, CONSOLE_LIMITS.traceSpans), total: Number(row?.total ?? spans.length) };
}

type Row<Texts extends string, Numbers extends string> = { readonly [name in Texts]: string } & { readonly [name in Numbers]: number | string };
