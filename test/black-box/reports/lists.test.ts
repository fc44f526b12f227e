import { DIMENSIONS, ORDERS, readChanges, readCycles, readHistory, readReport, readTrend, type ChangeRow } from "@firstfix/report";
import { insertRows, openStore, select, type Store } from "@firstfix/store";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY, makeWorld, stateOf, writeWorld, type RawChange, type World } from "./world.ts";

const NOW = Date.UTC(2026, 5, 30, 12);

let store: Store;
let folder: string;
let world: World;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firstfix-reports-"));
  store = await openStore({ path: folder });
  world = makeWorld(21, 150, NOW);
  await writeWorld(store, world);
});

afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const blaming = (commit: string): World["incidents"] => world.incidents.filter((one) => one.blames === commit);

describe("commits", () => {
  const since = NOW - 40 * DAY;
  const listed = (limit: number, order: "incidents" | "newest", more: object = {}): ReturnType<typeof readChanges> => readChanges(store, stateOf(world), { since, limit, order, ...more }, NOW);
  const inPeriod = (): RawChange[] => world.changes.filter((one) => !one.merge && one.committed_at >= since).sort((a, b) => b.committed_at - a.committed_at);

  it("newest: exactly those of the period, in order, and how many more", async () => {
    const { rows, more } = await listed(20, "newest");
    expect(rows.map((row) => row.commit)).toEqual(inPeriod().slice(0, 20).map((one) => one.commit));
    expect(more).toBe(inPeriod().length - 20);
  });

  it("by incidents: those that broke most first, then the newest", async () => {
    const { rows } = await listed(1_000, "incidents");
    const known = rows.filter((row) => world.changes.some((one) => one.commit === row.commit));
    expect(known.map((row) => row.commit)).toEqual(inPeriod().sort((a, b) => blaming(b.commit).length - blaming(a.commit).length || b.committed_at - a.committed_at).map((one) => one.commit));
    // Blamed, and no facts: shown by what the ranking says.
    expect(rows.filter((row) => !known.includes(row)).map((row) => row.subject)).toEqual(rows.filter((row) => !known.includes(row)).map(() => "guilty"));
    const [few] = [await listed(5, "incidents")];
    expect(few.rows).toEqual(rows.slice(0, 5));
    expect(few.more).toBe(rows.length - 5);
  });

  it("each with its deployments, lead time, exposure, incidents, cycles and redeploys", async () => {
    const { rows } = await listed(1_000, "newest");
    let deployed = 0;
    for (const row of rows) deployed += check(row);
    expect(deployed).toBeGreaterThan(10);
    expect(rows.flatMap((row) => row.incidents).length).toBeGreaterThan(10);
  });

  it("of one service: those that it ran, with what it served", async () => {
    const { rows } = await listed(1_000, "newest", { service: "cart" });
    const ran = new Set(world.arrivals.filter((one) => one.service === "cart").map((one) => one.commit));
    expect(rows.filter((row) => row.subject !== "guilty").map((row) => row.commit)).toEqual(inPeriod().filter((one) => ran.has(one.commit)).map((one) => one.commit));
    expect(new Set(rows.flatMap((row) => row.deployments.map((one) => one.service)))).toEqual(new Set(["cart"]));
  });

  it.each([0, -1, 1.5, 1_001, Number.NaN])("refuses a limit of %d", async (limit) => {
    await expect(listed(limit, "newest")).rejects.toMatchObject({ code: "bad_request" });
  });

  /** What each order goes by, of the rows themselves; null is last. */
  const sortedBy: Readonly<Record<(typeof ORDERS)[number], (row: ChangeRow) => number | string | null>> = {
    incidents: (row) => row.incidents.length,
    newest: (row) => row.committedAt,
    author: (row) => `${row.authorship} ${row.agent} ${row.model}`.toLowerCase(),
    lines: (row) => (row.subject === "guilty" ? null : row.linesAdded + row.linesDeleted),
    deployed: (row) => row.deployments[0]?.deployedAt ?? null,
    served: (row) => (row.deployments.length === 0 ? null : row.exposure.entries),
    errors: (row) => (row.deployments.length === 0 ? null : row.exposure.errors),
    violations: (row) => (row.deployments.length === 0 ? null : row.exposure.violations),
    cycles: (row) => row.incidents.reduce<number | null>((most, one) => (one.cycles === null ? most : Math.max(most ?? 0, one.cycles)), null),
    recovery: (row) => row.incidents.reduce<number | null>((most, one) => (one.recoveryMs === null ? most : Math.max(most ?? 0, one.recoveryMs)), null),
    redeploys: (row) => (row.incidents.length === 0 ? null : row.redeploys),
  };

  it.each(ORDERS.flatMap((order) => [[order, false], [order, true]] as const))("of all pages together are sorted by %s, reversed: %s", async (order, reverse) => {
    const pages = [];
    for (let offset = 0; offset === 0 || pages.at(-1)?.more !== 0; offset += 7) pages.push(await readChanges(store, stateOf(world), { since, limit: 7, offset, order, reverse }, NOW));
    const rows = pages.flatMap((page) => page.rows);
    expect(new Set(rows.map((row) => row.commit)).size).toBe(rows.length);
    expect(pages.map((page) => page.matching)).toEqual(pages.map(() => rows.length));
    const sign = (order === "author") === reverse ? -1 : 1;
    const compare = (a: number | string, b: number | string): number => (a < b ? -sign : a > b ? sign : 0);
    const expected = rows.map((row) => ({ row, by: sortedBy[order](row) })).sort((a, b) => (a.by === null || b.by === null ? Number(a.by === null) - Number(b.by === null) : compare(a.by, b.by)) || b.row.committedAt - a.row.committedAt || (a.row.repository + a.row.commit < b.row.repository + b.row.commit ? -1 : 1));
    expect(rows.map((row) => row.commit)).toEqual(expected.map(({ row }) => row.commit));
    expect(new Set(expected.map(({ by }) => by)).size).toBeGreaterThan(2);
  });

  it("each says how many came with the revision that brought it", async () => {
    const { rows } = await listed(1_000, "newest");
    const merges = new Set(world.changes.filter((one) => one.merge).map((one) => one.commit));
    const found = rows.flatMap((row) => row.deployments.map(({ service, environment, revision, commits }) => [commits, new Set(world.arrivals.filter((one) => one.repository === row.repository && one.service === service && one.environment === environment && one.revision === revision && !merges.has(one.commit)).map((one) => one.commit)).size]));
    expect(found.map(([commits]) => commits)).toEqual(found.map(([, right]) => right));
    expect(Math.max(...found.map(([commits]) => commits ?? 0))).toBeGreaterThan(2);
  });

  function check(row: ChangeRow): number {
    const arrivals = world.arrivals.filter((one) => one.commit === row.commit);
    const first = new Map<string, (typeof arrivals)[number]>();
    for (const one of arrivals.toSorted((a, b) => a.deployed_at - b.deployed_at)) if (!first.has(`${one.service} ${one.environment}`)) first.set(`${one.service} ${one.environment}`, one);
    expect(row.deployments).toHaveLength(first.size);
    expect(new Set(row.deployments.map((one) => one.revision))).toEqual(new Set([...first.values()].map((one) => one.revision)));
    // One that is dated later than its deployment has no lead time.
    const lead = Math.min(...arrivals.map((one) => one.deployed_at)) - row.committedAt;
    expect(row.leadMs).toBe(first.size === 0 || lead < 0 ? null : lead);
    const revisions = [...first.values()].map((one) => one.revision);
    const served = world.exposure.filter((one) => revisions.includes(one.revision));
    const sum = (of: (one: (typeof served)[number]) => number): number => served.reduce((all, one) => all + of(one), 0);
    const judged = world.checks.filter((one) => revisions.includes(one.revision));
    const violations = judged.reduce((all, one) => all + one.violated, 0);
    const evaluations = judged.reduce((all, one) => all + one.evaluated, 0);
    expect(row.exposure).toEqual({ entries: sum((one) => one.entries), spans: sum((one) => one.spans), errors: sum((one) => one.errors), evaluations, violations });
    const guilt = blaming(row.commit);
    expect(row.incidents.map((one) => one.incidentId).sort()).toEqual(guilt.map((one) => one.id).sort());
    expect(row.redeploys).toBe(guilt.reduce((all, one) => all + one.cycles.length, 0));
    for (const one of row.incidents) {
      const raw = guilt.find(({ id, openedAt }) => id === one.incidentId && openedAt === one.openedAt);
      expect(one.recoveryMs).toBe(raw?.closedAt == null ? null : raw.closedAt - raw.openedAt);
      expect(one.cycles).toBe(raw?.closedAt == null || raw.cycles.length === 0 ? null : raw.cycles.length);
    }
    return revisions.length;
  }
});

describe("the trend", () => {
  it("counts each week as plain SQL over the raw tables does, without gaps", async () => {
    const points = await readTrend(store, stateOf(world), {}, NOW);
    points.forEach((point, i) => expect(point.week).toBe((points[0]?.week ?? 0) + i * 7 * DAY));
    expect(new Date(points[0]?.week ?? 0).getUTCDay()).toBe(1);
    const rows = await select<{ week: number; commits: number; ai: number; unknown: number; added: number }>(
      store.background,
      `SELECT toUnixTimestamp(toDateTime(toMonday(committed_at), 'UTC')) * 1000 AS week, uniqExact(commit) AS commits, sumIf(part.4, part.1 = 'ai') AS ai, sumIf(part.4, part.1 = 'unknown') AS unknown, sum(part.4) AS added
       FROM (SELECT commit, committed_at, arrayJoin(arrayPushBack(lines, ('rest', '', '', toUInt32(0)))) AS part FROM changes WHERE version = 2 AND NOT merge) GROUP BY week ORDER BY week`,
    );
    expect(rows.map(({ week, commits, ai }) => ({ week, commits, linesAi: ai }))).toEqual(points.filter((one) => one.commits > 0).map(({ week, commits, linesAi }) => ({ week, commits, linesAi })));
    const total = (of: (point: (typeof points)[number]) => number): number => points.reduce((all, one) => all + of(one), 0);
    expect(total((one) => one.linesAi + one.linesMixed + one.linesHuman + one.linesUnknown)).toBe(world.changes.filter((one) => !one.merge).reduce((all, one) => all + one.lines_added, 0));
    expect(total((one) => one.deployments)).toBe(world.deployments.length);
    expect(total((one) => one.failedDeployments)).toBe(new Set(world.incidents.map((one) => one.revision)).size);
    expect(total((one) => one.commitsAi)).toBe(world.changes.filter((one) => !one.merge && one.authorship === "ai").length);
  });

  it("is not led into the next century by a clock that was wrong", async () => {
    const wrong = { ...world, changes: world.changes.map((one, i) => (i < 3 ? { ...one, committed_at: Date.UTC(2290, 0, 1) } : one)) };
    await writeWorld(store, wrong);
    expect((await readTrend(store, stateOf(world), {}, NOW)).at(-1)?.week).toBeLessThanOrEqual(NOW);
    await writeWorld(store, world);
  });
});

describe("cycles", () => {
  it("of all incidents, and by who wrote what they blame", async () => {
    const [all, ...rows] = await readCycles(store, stateOf(world), { by: "authorship" }, NOW);
    const closed = world.incidents.filter((one) => one.closedAt !== null && one.cycles.length > 0);
    expect(all).toEqual({ label: "All", closed: closed.length, one: closed.filter((one) => one.cycles.length === 1).length, twoOrThree: closed.filter((one) => [2, 3].includes(one.cycles.length)).length, fourOrMore: closed.filter((one) => one.cycles.length > 3).length });
    expect(rows.reduce((sum, one) => sum + one.closed, 0)).toBe(closed.length);
    expect(rows.find((one) => one.label === "People")?.closed).toBe(closed.filter((one) => one.blames !== null && one.blames !== "" && one.by.authorship === "human").length);
  });
});

describe("cycles by every dimension", () => {
  it.each(DIMENSIONS)("%s are those of the report's rows", async (by) => {
    const query = { by, since: NOW - 45 * DAY };
    const { rows } = await readReport(store, stateOf(world), query, NOW);
    const expected = rows.flatMap(({ label, figures }) => {
      const closed = figures["oneCycle"]?.denominator ?? 0;
      return closed === 0 ? [] : [{ label, closed, one: figures["oneCycle"]?.numerator, twoOrThree: figures["twoOrThreeCycles"]?.numerator, fourOrMore: figures["fourOrMoreCycles"]?.numerator }];
    });
    const [, ...found] = await readCycles(store, stateOf(world), query, NOW);
    const byLabel = (a: { label: string }, b: { label: string }): number => (a.label < b.label ? -1 : 1);
    expect(found.toSorted(byLabel)).toEqual(expected.toSorted(byLabel));
    expect(found.length).toBeGreaterThan(1);
  });
});

describe("the history of files", () => {
  it("names the incidents that blamed commits which changed them", async () => {
    const guilty = world.incidents.find((one) => world.changes.some((change) => change.commit === one.blames));
    const change = world.changes.find((one) => one.commit === guilty?.blames);
    await insertRows(store.background, "changes", [{ repository: change?.repository, commit: change?.commit, paths: ["src/pay.ts", "it's.ts"], version: 9 }]);
    const found = await readHistory(store, stateOf(world), { repository: change?.repository ?? "", paths: ["src/other.ts", "it's.ts"] });
    expect(found.map((one) => one.path)).toEqual(["it's.ts"]);
    expect(found[0]?.incidents.map((one) => one.incidentId).sort()).toEqual([...new Set(blaming(change?.commit ?? "").map((one) => one.id))].sort());
    expect(await readHistory(store, stateOf(world), { repository: "https://git.example/other", paths: ["it's.ts"] })).toEqual([]);
  });
});
