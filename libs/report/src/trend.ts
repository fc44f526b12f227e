import type { JournalState } from "@firstfix/incident";
import { sameAddress } from "@firstfix/provenance";
import { select, type Store } from "@firstfix/store";
import { incidentFacts } from "./facts/incidents.ts";
import { BOUNDED, checkPeriod, during, ofRepository, placed, placeKey, where, type Count, type Filter } from "./facts/window.ts";
import { DAY_MS, REPORT_LIMITS, WEEK_MS } from "./limits.ts";
import type { TrendPoint } from "./types.ts";

/** 1970-01-05 was a Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** Week by week, from the first to the last with anything in it, without gaps; at most the newest `weeks`. */
export async function readTrend(store: Store, state: JournalState, query: Filter, now: number): Promise<TrendPoint[]> {
  checkPeriod(query, now);
  const points = new Map<number, Point>();
  const oldest = mondayOf(now) - (REPORT_LIMITS.weeks - 1) * WEEK_MS;
  // A clock that was wrong may date a commit in the next century, and the chart would end there.
  const bounded = { ...query, since: Math.max(query.since ?? oldest, oldest), until: Math.min(query.until ?? Infinity, mondayOf(now) + WEEK_MS) };
  for (const row of await writtenByWeek(store, bounded)) Object.assign(pointAt(points, row.week), row);
  for (const one of await deploymentsOf(store, state, bounded)) {
    const point = pointAt(points, mondayOf(one.firstSeen));
    point.deployments += 1;
    if (one.failed) point.failedDeployments += 1;
  }
  return withoutGaps(points);
}

export function mondayOf(ms: number): number {
  return Math.floor((ms - FIRST_MONDAY_MS) / WEEK_MS) * WEEK_MS + FIRST_MONDAY_MS;
}

type Point = { -readonly [Key in keyof TrendPoint]: TrendPoint[Key] };

function pointAt(points: Map<number, Point>, week: number): Point {
  const point = points.get(week) ?? { week, linesAi: 0, linesMixed: 0, linesHuman: 0, linesUnknown: 0, commits: 0, commitsAi: 0, deployments: 0, failedDeployments: 0 };
  points.set(week, point);
  return point;
}

async function writtenByWeek(store: Store, query: Filter): Promise<Pick<TrendPoint, "week" | "linesAi" | "linesMixed" | "linesHuman" | "linesUnknown" | "commits" | "commitsAi">[]> {
  const place = placed(query);
  const deployed = place.length === 0 ? [] : [`(repository, commit) IN (SELECT repository, commit FROM deployed_changes ${where([...place, ...ofRepository(query), ...during("deployed_at", query.until === undefined ? {} : { until: query.until })])})`];
  const of = (author: string): string => `sum(arraySum(arrayMap((who, n) -> if(who = '${author}', n, 0), lines.authorship, lines.count)))`;
  const rows = await select<Readonly<Record<"week" | "ai" | "mixed" | "human" | "every" | "commits" | "commitsAi", Count>>>(
    store.interactive,
    `SELECT intDiv(toUnixTimestamp64Milli(committed_at) - ${FIRST_MONDAY_MS}, ${WEEK_MS}) * ${WEEK_MS} + ${FIRST_MONDAY_MS} AS week,
            ${of("ai")} AS ai, ${of("mixed")} AS mixed, ${of("human")} AS human, sum(greatest(lines_added, arraySum(lines.count))) AS every,
            count() AS commits, countIf(authorship = 'ai') AS commitsAi
     FROM changes FINAL ${where(["NOT merge", ...ofRepository(query), ...during("committed_at", query), ...deployed])}
     GROUP BY week ORDER BY week ${BOUNDED}`,
  );
  return rows.map(({ week, ai, mixed, human, every, commits, commitsAi }) => ({
    week: Number(week),
    linesAi: Number(ai),
    linesMixed: Number(mixed),
    linesHuman: Number(human),
    // Lines that nobody is named for are unknown as well.
    linesUnknown: Math.max(0, Number(every) - Number(ai) - Number(mixed) - Number(human)),
    commits: Number(commits),
    commitsAi: Number(commitsAi),
  }));
}

async function deploymentsOf(store: Store, state: JournalState, query: Filter): Promise<{ firstSeen: number; failed: boolean }[]> {
  const rows = await select<{ service: string; environment: string; revision: string; repository: string; firstSeen: number }>(
    store.interactive,
    `SELECT service, environment, revision, argMin(repository, (repository = '', first_seen, repository)) AS repository, toUnixTimestamp64Milli(min(first_seen)) AS firstSeen
     FROM deployments ${where([...placed(query), "revision != ''"])} GROUP BY service, environment, revision
     ${having(during("min(first_seen)", query))} ORDER BY firstSeen DESC LIMIT ${REPORT_LIMITS.deployments} ${BOUNDED}`,
  );
  const failed = new Set(incidentFacts(state, query).map(({ episode }) => placeKey(episode.deployment)));
  const wanted = query.repository === undefined ? null : sameAddress(query.repository);
  return rows.filter((row) => wanted === null || sameAddress(row.repository) === wanted).map((row) => ({ firstSeen: row.firstSeen, failed: failed.has(placeKey(row)) }));
}

function having(conditions: readonly string[]): string {
  return conditions.length === 0 ? "" : `HAVING ${conditions.join(" AND ")}`;
}

function withoutGaps(points: Map<number, Point>): TrendPoint[] {
  const weeks = [...points.keys()].sort((a, b) => a - b);
  const [first, last] = [weeks[0], weeks.at(-1)];
  if (first === undefined || last === undefined) return [];
  const filled: TrendPoint[] = [];
  for (let week = first; week <= last; week += WEEK_MS) filled.push(pointAt(points, week));
  return filled;
}
