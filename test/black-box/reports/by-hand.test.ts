import { fold } from "@firstfix/incident";
import { readChanges, readCycles, readReport, readTrend, type Report } from "@firstfix/report";
import { openStore, type Store } from "@firstfix/store";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY, stateOf, writeWorld, type RawArrival, type RawChange, type World } from "./world.ts";

// A fortnight small enough to count on fingers: four changes, three deployments, two incidents.
//   day 1  Claude writes c1 (30 lines), day 2 Ada writes c2 (10 lines), deployed together on day 4 as r1: an error
//   day 5  Claude writes c3 (20 lines: 15 hers, 5 Ada's), deployed on day 6 as r2, which claims to mend it, and fails
//   day 7  Ada writes c4 (40 lines), deployed on day 8 as r3, which claims to mend it, and holds: closed on day 9
//   the error blames c1; on r2 a requirement is violated too, which blames nobody and stays open
const HOUR = DAY / 24;
const START = Date.UTC(2026, 2, 2);
const NOW = START + 14 * DAY;
const REPOSITORY = "https://git.example/shop";
const day = (count: number): number => START + count * DAY;
const place = (revision: string): { service: string; environment: string; revision: string } => ({ service: "shop", environment: "production", revision });

const CLAUDE = { authorship: "ai", agent: "Claude Code", model: "opus" } as const;
const ADA = { authorship: "human", agent: "", model: "" } as const;
const change = (commit: string, at: number, who: typeof CLAUDE | typeof ADA, lines: RawChange["lines"]): RawChange => ({ repository: REPOSITORY, commit, committed_at: at, merge: false, ...who, lines_added: lines.reduce((sum, one) => sum + one.count, 0), lines_deleted: 0, lines, teams: ["@shop"] });
const arrival = (revision: string, commit: string, at: number): RawArrival => ({ repository: REPOSITORY, ...place(revision), commit, deployed_at: at, bound: false });
const deployment = (revision: string, at: number): World["deployments"][number] => ({ ...place(revision), repository: REPOSITORY, first_seen: at });

const WORLD: World = {
  changes: [change("c1", day(1), CLAUDE, [{ ...CLAUDE, count: 30 }]), change("c2", day(2), ADA, [{ ...ADA, count: 10 }]), change("c3", day(5), CLAUDE, [{ ...CLAUDE, count: 15 }, { ...ADA, count: 5 }]), change("c4", day(7), ADA, [{ ...ADA, count: 40 }])],
  arrivals: [arrival("r1", "c1", day(4)), arrival("r1", "c2", day(4)), arrival("r2", "c3", day(6)), arrival("r3", "c4", day(8))],
  deployments: [deployment("r1", day(4)), deployment("r2", day(6)), deployment("r3", day(8))],
  exposure: [{ minute: day(4), ...place("r1"), operation: "GET /", entries: 100, spans: 1_000, errors: 50 }, { minute: day(6), ...place("r2"), operation: "GET /", entries: 10, spans: 200, errors: 10 }, { minute: day(8), ...place("r3"), operation: "GET /", entries: 40, spans: 800, errors: 0 }],
  checks: [{ batch_id: 1, minute: day(6), check_key: "k", ...place("r2"), evaluated: 50, violated: 5 }],
  backfills: [{ repository: REPOSITORY, revision: "r3", what: "lines", total: 2, done: 2, at: day(9) }],
  shares: [{ repository: REPOSITORY, revision: "r3", path: "a.ts", ...CLAUDE, teams: [], lines: 40 }, { repository: REPOSITORY, revision: "r3", path: "b.ts", ...ADA, teams: [], lines: 120 }],
  incidents: [
    { id: "inc_a", repository: REPOSITORY, ...place("r1"), openedAt: day(4) + HOUR, closedAt: day(9) + HOUR, blames: "c1", by: CLAUDE, cycles: [place("r2"), place("r3")] },
    { id: "inc_b", repository: REPOSITORY, ...place("r2"), openedAt: day(6) + HOUR, closedAt: null, blames: "", by: CLAUDE, cycles: [] },
  ],
  now: NOW,
};

let store: Store;
let folder: string;
let report: Report;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firstfix-reports-"));
  store = await openStore({ path: folder });
  await writeWorld(store, WORLD);
  report = await readReport(store, stateOf(WORLD), { by: "assistant", since: START, until: NOW }, NOW);
});

afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Values of a row, by measure. */
function values(key: string): Record<string, number | null> {
  const row = key === "total" ? report.total : report.rows.find((one) => one.key === key);
  return Object.fromEntries(Object.entries(row?.figures ?? {}).map(([measure, { value }]) => [measure, value === null ? null : Number(value.toFixed(6))]));
}

describe("a fortnight counted by hand", () => {
  it("in all", () => {
    expect(report.total.size).toMatchObject({ changes: 4, deployed: 4, linesAdded: 100, medianLines: 25, exposure: 150 });
    expect(values("total")).toEqual({
      linesShare: 1, standingShare: 1, commitsShare: 1, aiLines: 0.45, aiStanding: 0.25, aiCommits: 0.5, unknownLines: 0,
      debugged: 0.25, debuggedAi: 0.5, incidents: 250,
      oneCycle: 0, twoOrThreeCycles: 1, fourOrMoreCycles: 0, redeploys: 1,
      errors: 30, violations: 100,
      // Three in the ten days since the first of them: before that nothing was observed. Lead times 3, 2, 1, 1 days; two of three failed, two of three mended; the first recovered after 5 days.
      deploymentFrequency: 2.1, leadTime: 1.5 * DAY, changeFail: 0.666667, rework: 0.666667, recovery: 5 * DAY,
    });
  });

  it("of Claude: a mixed change is hers as a commit, and its lines are whose they are", () => {
    expect(report.rows.find((one) => one.key === "ai:Claude Code")?.size).toMatchObject({ changes: 2, deployed: 2, linesAdded: 45, medianLines: 25, exposure: 110 });
    expect(values("ai:Claude Code")).toMatchObject({ linesShare: 0.45, standingShare: 0.25, commitsShare: 0.5, debugged: 0.5, incidents: 500, twoOrThreeCycles: 1, redeploys: 2, errors: 50, violations: 100, deploymentFrequency: 1.4, leadTime: 2 * DAY, changeFail: 1, rework: 0.5, recovery: 5 * DAY });
  });

  it("of people: the deployment that failed counts for everybody with a change in it", () => {
    expect(report.rows.find((one) => one.key === "human")?.size).toMatchObject({ changes: 2, deployed: 2, linesAdded: 55, medianLines: 25, exposure: 140 });
    expect(values("human")).toMatchObject({ linesShare: 0.55, debugged: 0, debuggedAi: null, incidents: 0, oneCycle: null, redeploys: null, errors: 27.777778, violations: null, deploymentFrequency: 1.4, leadTime: 1.5 * DAY, changeFail: 0.5, rework: 0.5, recovery: 5 * DAY });
  });

  it("of what blames no change: a row of its own", () => {
    expect(values("none")).toMatchObject({ redeploys: 0, oneCycle: null, debugged: null });
    expect(report.notes.join(" ")).toContain("1 of 2 incidents blame no change");
  });

  it("says how far the share of assistants may be off where nothing says who wrote the rest", async () => {
    const world = { ...WORLD, changes: WORLD.changes.map((one) => (one.commit === "c4" ? { ...one, authorship: "unknown", lines: [] } : one)) };
    await writeWorld(store, world);
    // 45 by Claude, 15 by Ada, 40 by nobody knows.
    expect((await readReport(store, stateOf(world), report.query, NOW)).notes[0]).toBe("Nothing says who wrote 40% of the lines: what assistants wrote or helped with lies anywhere between 45% and 85%.");
    await writeWorld(store, WORLD);
  });

  it("counts an incident once whose group was merged into another's", async () => {
    const finding = { kind: "error", key: "g", title: "the same", witness: { traceId: "", spanId: "", operation: "", time: day(4) }, count: 1, firstSeen: day(4) } as const;
    const twin = fold(stateOf(WORLD), [
      { entryId: "jrn_1", at: day(4), actor: "correlator", event: { kind: "incident.opened", incidentId: "inc_twin", deployment: { ...place("r3"), repository: REPOSITORY, firstSeen: day(8) }, finding } },
      { entryId: "jrn_2", at: day(5), actor: "correlator", event: { kind: "incident.merged", incidentId: "inc_twin", into: "inc_a", says: "merged" } },
    ]);
    expect(await readReport(store, twin, report.query, NOW)).toEqual(report);
  });

  it("counts an incident that came back as what it was: two short failures of two deployments, not one long one", async () => {
    const [first] = WORLD.incidents;
    const [opened, again] = [day(4) + HOUR, day(8) + HOUR];
    const incidents = [{ ...first, openedAt: opened, closedAt: opened + 99_000, cycles: [place("r2")] }, { ...first, ...place("r3"), openedAt: again, closedAt: again + 51_000, blames: "c4", by: ADA, cycles: [place("r4")] }] as World["incidents"];
    const state = stateOf({ ...WORLD, incidents });
    expect(state.incidents.size).toBe(1);
    const found = await readReport(store, state, report.query, NOW);
    const of = (key: string, row = found.total): unknown => [row.figures[key]?.numerator, row.figures[key]?.denominator, row.figures[key]?.value];
    expect(of("changeFail")).toEqual([2, 3, 2 / 3]);
    expect(of("debugged")).toEqual([2, 4, 0.5]);
    expect(of("oneCycle")).toEqual([2, 2, 1]);
    expect(of("redeploys")).toEqual([2, 2, 1]);
    expect(of("recovery")).toEqual([null, 2, 75_000]);
    expect(of("debugged", found.rows.find((one) => one.key === "ai:Claude Code"))).toEqual([1, 2, 0.5]);
    expect(of("debugged", found.rows.find((one) => one.key === "human"))).toEqual([1, 2, 0.5]);
    const listed = await readChanges(store, state, { limit: 10, order: "newest" }, NOW);
    expect(listed.rows.map((row) => [row.commit, row.incidents.map(({ recoveryMs, cycles, status }) => [recoveryMs, cycles, status]), row.redeploys])).toEqual([["c4", [[51_000, 1, "closed"]], 1], ["c3", [], 0], ["c2", [], 0], ["c1", [[99_000, 1, "closed"]], 1]]);
    expect((await readTrend(store, state, {}, NOW)).map((one) => one.failedDeployments)).toEqual([1, 1]);
    expect(await readCycles(store, state, { by: "team" }, NOW)).toMatchObject([{ label: "All", closed: 2, one: 2 }, { label: "@shop", closed: 2, one: 2 }]);
  });

  it("takes two incidents of one deployment for the time that either was open, not for the time between them", async () => {
    const [first] = WORLD.incidents;
    const of = async (...times: [number, number][]): Promise<unknown> => {
      const incidents = times.map(([from, to], i) => ({ ...first, id: `inc_${i}`, openedAt: day(5) + from, closedAt: day(5) + to })) as World["incidents"];
      return (await readReport(store, stateOf({ ...WORLD, incidents }), report.query, NOW)).total.figures["recovery"]?.value;
    };
    expect(await of([0, 60], [5 * DAY, 5 * DAY + 40])).toBe(100);
    expect(await of([0, 60], [40, 100], [50, 55])).toBe(100);
  });

  it("says that the whole is no sample of itself, and since when deployments were seen", () => {
    for (const key of ["linesShare", "standingShare", "commitsShare"]) expect(report.total.figures[key], key).toMatchObject({ value: 1, interval: null, warning: null });
    expect(report.rows[0]?.figures["commitsShare"]?.interval).not.toBeNull();
    expect(report.notes).toContain("The first deployment was seen on 2026-03-06, after the period begins: deployments per week are of the time since then.");
  });

  it("does not count as written what is dated in the future, and says so", async () => {
    await writeWorld(store, { ...WORLD, changes: [...WORLD.changes, change("f".repeat(40), Date.UTC(2096, 0, 1), CLAUDE, [{ ...CLAUDE, count: 1_000 }])] });
    const found = await readReport(store, stateOf(WORLD), { by: "assistant", since: START }, NOW);
    expect(found.total.size).toMatchObject({ changes: report.total.size.changes, linesAdded: report.total.size.linesAdded });
    expect(found.notes).toContain("1 commit is dated in the future, by a clock that was wrong: not counted as written.");
    await writeWorld(store, WORLD);
  });

  it("says of a name that selects nothing that it may be wrong", async () => {
    const found = await readReport(store, stateOf(WORLD), { by: "assistant", repository: "nope", service: "shop\n" }, NOW);
    expect(found.notes[0]).toBe('No commits of this period are in the store for repository "nope" and service "shop\\n": check the name, or backfill the repository (firstfix backfill).');
  });

  it("says how much is too long to be blamed, and so not among the lines that stand", async () => {
    const long = [["large.txt", 500], ["larger.txt", 700]] as const;
    const shares = [...WORLD.shares, ...long.map(([path, left_out]) => ({ repository: REPOSITORY, revision: "r3", path, authorship: "unknown", agent: "", model: "", teams: [], lines: 0, left_out }))];
    await writeWorld(store, { ...WORLD, shares });
    const found = await readReport(store, stateOf(WORLD), report.query, NOW);
    expect(found.total.figures["aiStanding"]).toEqual(report.total.figures["aiStanding"]);
    expect(found.notes.filter((one) => !report.notes.includes(one))).toEqual(["2 files of 1,200 lines together are too long to be blamed: what was written in them counts as written and not as standing."]);
    await writeWorld(store, WORLD);
  });

  it.each([[NOW, NOW], [NOW, START]])("refuses a period from %i until %i, naming both", async (since, until) => {
    const refused = { code: "bad_request", message: `the period is empty: until ${new Date(until).toISOString()} is not after since ${new Date(since).toISOString()}` };
    const state = stateOf(WORLD);
    await expect(readReport(store, state, { by: "team", since, until }, NOW)).rejects.toMatchObject(refused);
    await expect(readChanges(store, state, { since, until, limit: 1, order: "newest" }, NOW)).rejects.toMatchObject(refused);
    await expect(readTrend(store, state, { since, until }, NOW)).rejects.toMatchObject(refused);
    await expect(readCycles(store, state, { by: "bound", since, until }, NOW)).rejects.toMatchObject(refused);
  });

  it("refuses a period that begins in the future", async () => {
    await expect(readReport(store, stateOf(WORLD), { by: "team", since: NOW + 1 }, NOW)).rejects.toMatchObject({ code: "bad_request", message: expect.stringContaining("lies in the future") as string });
  });

  it("compares nothing: so few cases show nothing", () => {
    expect(report.comparisons.length).toBeGreaterThan(0);
    expect(report.comparisons.filter((one) => one.different)).toEqual([]);
    for (const row of report.rows) for (const [key, figure] of Object.entries(row.figures)) if (figure.value !== null && !key.startsWith("standing") && key !== "aiStanding") expect(figure.warning, key).toMatch(/^only \d+ /);
  });
});

it("says that an incident blames a change deployed before the period", async () => {
  const later = await readReport(store, stateOf(WORLD), { by: "assistant", since: day(4) + HOUR / 2, until: NOW }, NOW);
  expect(later.notes).toContainEqual("1 of 2 incidents blames a change that was not first deployed in the period, as far as is known: these are no part of the changes that needed debugging.");
  expect(report.notes.join(" ")).not.toContain("not first deployed in the period");
});
