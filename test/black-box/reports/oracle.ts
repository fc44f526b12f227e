import type { ReportQuery } from "@firstfix/report";
import { DAY, type RawArrival, type RawChange, type RawIncident, type World } from "./world.ts";

/**
 * Every figure of a row once more, from the raw rows, each by a plain loop of its own and without the product's code.
 * A figure is [numerator, denominator]; of medians and means the values.
 */
export interface Expected {
  readonly changes: number;
  readonly deployed: number;
  readonly exposure: number;
  readonly shares: Readonly<Record<string, readonly [number, number]>>;
  readonly values: Readonly<Record<string, readonly number[]>>;
}

type Line = RawChange["lines"][number];
type Key = string | null;

/** `key` null: the total. */
export function expected(world: World, query: ReportQuery, key: Key): Expected {
  const { by } = query;
  const within = (at: number): boolean => (query.since === undefined || at >= query.since) && (query.until === undefined || at < query.until);
  const here = (one: { service: string; environment: string }): boolean => (query.service === undefined || one.service === query.service) && (query.environment === undefined || one.environment === query.environment);
  const repo = (address: string): boolean => query.repository === undefined || address.replace(/\.git$/, "") === query.repository.replace(/\.git$/, "");
  const change = (commit: string): RawChange | undefined => world.changes.find((one) => one.commit === commit);

  const before = world.arrivals.filter((one) => here(one) && repo(one.repository) && (query.until === undefined || one.deployed_at < query.until) && change(one.commit)?.merge !== true);
  // Only commits that arrived somewhere in the period are looked at.
  const arrived = before.filter((one) => before.some((other) => other.commit === one.commit && within(other.deployed_at)));
  const arrivalsOf = (commit: string): RawArrival[] => arrived.filter((one) => one.commit === commit);
  const author = (who: { authorship: string; agent: string; model: string } | undefined): string => {
    if (who === undefined) return "unknown";
    if (by === "authorship") return who.authorship;
    if (who.authorship !== "ai") return who.authorship;
    return `ai:${by === "model" ? who.model : who.agent}`;
  };
  const blamer = (commit: string): RawIncident | undefined => world.incidents.findLast((one) => one.blames === commit && repo(one.repository) && here(one));
  const keysOf = (commit: string, repository: string, rows: readonly RawArrival[] = arrivalsOf(commit)): string[] => {
    const known = change(commit);
    if (by === "repository") return [`name:${repository}`];
    if (by === "team") return known === undefined || known.teams.length === 0 ? ["name:"] : known.teams.map((team) => `name:${team}`);
    if (by === "service") return rows.length === 0 ? ["undeployed"] : rows.map((one) => `service:${one.service}`);
    if (by === "bound") return rows.length === 0 ? ["undeployed"] : [rows.some((one) => one.bound) ? "bound" : "unbound"];
    return [author(known ?? blamer(commit)?.by)];
  };
  const mine = (keys: readonly string[]): boolean => key === null || keys.includes(key);

  const written = world.changes.filter((one) => !one.merge && repo(one.repository) && within(one.committed_at) && ((query.service === undefined && query.environment === undefined) || arrivalsOf(one.commit).length > 0));
  const commits = written.filter((one) => mine(keysOf(one.commit, one.repository)));
  const lines = written.flatMap((one): (Line & { of: RawChange })[] => {
    const named = one.lines.reduce((sum, part) => sum + part.count, 0);
    return [...one.lines, { authorship: "unknown", agent: "", model: "", count: one.lines_added - named }].map((part) => ({ ...part, of: one }));
  });
  const byAuthor = by === "assistant" || by === "model" || by === "authorship";
  const myLines = lines.filter((part) => (byAuthor ? mine([author(part)]) : mine(keysOf(part.of.commit, part.of.repository)))).filter((part) => part.count > 0);
  const count = (parts: readonly { count: number }[]): number => parts.reduce((sum, part) => sum + part.count, 0);

  const noPlace = query.service === undefined && query.environment === undefined;
  const stands = world.shares.filter((one) => one.revision === "new" && repo(one.repository) && noPlace).map((one) => ({ ...one, count: one.lines }));
  const myStands = stands.filter((one) => {
    if (key === null) return true;
    if (byAuthor) return author(one) === key;
    if (by === "repository") return `name:${one.repository}` === key;
    if (by === "team") return one.teams.length === 0 ? key === "name:" : one.teams.some((team) => `name:${team}` === key);
    return false;
  });

  // In a row of a service, a change is first deployed when it is there.
  const inRow = (one: { service: string }): boolean => by !== "service" || key === null || `service:${one.service}` === key;
  const incidents = world.incidents.filter((one) => here(one) && repo(one.repository));
  const blamed = (commit: string): RawIncident[] => incidents.filter((one) => one.blames === commit && inRow(one));
  const deployedIds = [...new Set(arrived.map((one) => one.commit))].filter((commit) => {
    const rows = arrivalsOf(commit).filter(inRow);
    return rows.length > 0 && within(Math.min(...rows.map((one) => one.deployed_at))) && mine(keysOf(commit, rows[0]?.repository ?? ""));
  });
  const isAi = (commit: string): boolean => (change(commit)?.authorship ?? blamer(commit)?.by.authorship) === "ai";
  const leads = deployedIds.flatMap((commit) => {
    const known = change(commit);
    // One that is dated later than its deployment has no lead time.
    return known === undefined ? [] : [Math.min(...arrivalsOf(commit).filter(inRow).map((one) => one.deployed_at)) - known.committed_at].filter((lead) => lead >= 0);
  });

  const deployments = world.deployments.filter((one) => {
    if (!here(one) || !repo(one.repository) || !within(one.first_seen)) return false;
    if (by === "service") return mine([`service:${one.service}`]);
    if (by === "repository") return mine([`name:${one.repository.replace(/\.git$/, "")}`]);
    const rows = arrived.filter((row) => row.revision === one.revision);
    return rows.length === 0 ? mine(["none"]) : rows.some((row) => mine(keysOf(row.commit, row.repository, [row])));
  });
  // Weeks of the period in which anything could be seen here.
  const seen = world.deployments.filter((one) => here(one) && repo(one.repository)).map((one) => one.first_seen);
  const weeks = Math.max(1, (Math.min(query.until ?? world.now, world.now) - Math.max(query.since ?? 0, ...(seen.length === 0 ? [world.now] : [Math.min(...seen)]))) / DAY) / 7;
  const at = <T extends { revision: string }>(rows: readonly T[]): T[] => rows.filter((row) => deployments.some((one) => one.revision === row.revision) && (query.since === undefined || (row as unknown as { minute: number }).minute >= Math.floor(query.since / 60_000) * 60_000));
  const total = <T>(rows: readonly T[], of: (row: T) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  const failing = (revision: string): RawIncident[] => incidents.filter((one) => one.revision === revision);
  const recovered = deployments.filter((one) => failing(one.revision).length > 0 && failing(one.revision).every((incident) => incident.closedAt !== null));

  const opened = incidents.filter((one) => {
    if (!within(one.openedAt)) return false;
    if (by === "service") return mine([`service:${one.service}`]);
    if (by === "repository") return mine([`name:${one.repository.replace(/\.git$/, "")}`]);
    return one.blames === null || one.blames === "" ? mine(["none"]) : mine(keysOf(one.blames, one.repository.replace(/\.git$/, "")));
  });
  const closed = opened.filter((one) => one.closedAt !== null && one.cycles.length > 0);
  const took = (test: (cycles: number) => boolean): number => closed.filter((one) => test(one.cycles.length)).length;

  return {
    changes: commits.length,
    deployed: deployedIds.length,
    exposure: total(at(world.exposure), (row) => row.entries),
    shares: {
      ...(byAuthor ? { linesShare: [count(myLines), count(lines)], standingShare: [count(myStands), count(stands)], commitsShare: [commits.length, written.length] } : {}),
      aiLines: [count(myLines.filter((part) => part.authorship === "ai")), count(myLines)],
      aiStanding: [count(myStands.filter((part) => part.authorship === "ai")), count(myStands)],
      aiCommits: [commits.filter((one) => one.authorship === "ai").length, commits.length],
      unknownLines: [count(myLines.filter((part) => part.authorship === "unknown")), count(myLines)],
      debugged: [deployedIds.filter((commit) => blamed(commit).length > 0).length, deployedIds.length],
      debuggedAi: [deployedIds.filter((commit) => isAi(commit) && blamed(commit).length > 0).length, deployedIds.filter(isAi).length],
      incidents: [total(deployedIds, (commit) => blamed(commit).length), deployedIds.length],
      oneCycle: [took((cycles) => cycles === 1), closed.length],
      twoOrThreeCycles: [took((cycles) => cycles === 2 || cycles === 3), closed.length],
      fourOrMoreCycles: [took((cycles) => cycles >= 4), closed.length],
      errors: [total(at(world.exposure), (row) => row.errors), total(at(world.exposure), (row) => row.spans)],
      violations: [total(at(world.checks), (row) => row.violated), total(at(world.checks), (row) => row.evaluated)],
      changeFail: [deployments.filter((one) => failing(one.revision).length > 0).length, deployments.length],
      rework: [deployments.filter((one) => world.incidents.some((incident) => incident.cycles.some((cycle) => cycle.revision === one.revision))).length, deployments.length],
    },
    values: {
      commitLines: commits.map((one) => one.lines_added + one.lines_deleted),
      redeploys: opened.map((one) => one.cycles.length),
      leadTime: leads,
      // Lines added and deleted of each deployed change; negative for one that an incident blames.
      sizes: deployedIds.flatMap((commit) => (change(commit) === undefined ? [] : [((change(commit)?.lines_added ?? 0) + (change(commit)?.lines_deleted ?? 0)) * (blamed(commit).length > 0 ? -1 : 1)])),
      recovery: recovered.map((one) => covered(failing(one.revision))),
      deployments: deployments.map(() => 1),
      perWeek: [deployments.length / weeks],
    },
  };
}

/** How much of time at least one of them covers: from each border to the next, or not. */
function covered(times: readonly RawIncident[]): number {
  const borders = [...new Set(times.flatMap((one) => [one.openedAt, one.closedAt ?? 0]))].sort((a, b) => a - b);
  return borders.reduce((sum, border, i) => sum + (times.some((one) => one.openedAt <= border && (one.closedAt ?? 0) > border) ? (borders[i + 1] ?? border) - border : 0), 0);
}
