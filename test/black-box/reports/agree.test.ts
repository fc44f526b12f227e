import { DIMENSIONS, readReport, type Figure, type Report, type ReportQuery, type ReportRow } from "@firstfix/report";
import { openStore, type Store } from "@firstfix/store";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expected } from "./oracle.ts";
import { DAY, makeWorld, stateOf, writeWorld, type World } from "./world.ts";

const NOW = Date.UTC(2026, 5, 30, 12);
const SEEDS = [11, 12, 13];
const PERIODS: readonly Omit<ReportQuery, "by">[] = [
  {},
  { since: NOW - 30 * DAY, until: NOW - 7 * DAY },
  { service: "cart" },
  { environment: "production", since: NOW - 45 * DAY },
  { repository: "https://git.example/shop.git" },
];

let store: Store;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firstfix-reports-"));
  store = await openStore({ path: folder });
});

afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

describe.each(SEEDS)("reports on a made-up history (seed %i)", (seed) => {
  let world: World;
  beforeAll(async () => {
    world = makeWorld(seed, 120, NOW);
    await writeWorld(store, world);
  });

  it.each(DIMENSIONS)("by %s agree with figures counted from the raw rows", async (by) => {
    for (const period of PERIODS) {
      const query: ReportQuery = { by, ...period };
      const report = await readReport(store, stateOf(world), query, NOW);
      const places = JSON.stringify(query);
      expect(report.rows.length, places).toBeGreaterThan(1 - Number(query.repository !== undefined || query.service !== undefined));
      for (const row of [...report.rows, report.total]) check(world, query, row, `${places} ${row.key}`);
      sums(report);
    }
  });

  it("filters by a service as its row does", async () => {
    const rows = (await readReport(store, stateOf(world), { by: "service" }, NOW)).rows;
    for (const service of ["cart", "checkout", "mail"]) {
      const row = rows.find((one) => one.key === `service:${service}`);
      const { total } = await readReport(store, stateOf(world), { by: "service", service }, NOW);
      // Blame of a whole revision is no service's, and the period of a row is that of the whole report.
      const comparable = ({ size, figures }: ReportRow): object => ({ size, figures: { ...figures, deploymentFrequency: null } });
      expect(comparable(row as ReportRow)).toEqual(comparable(total));
    }
  });
});

describe("reports on little", () => {
  it.each(["x' OR 1 = 1 --", "\\", "' UNION ALL SELECT 1", "\0", "%", "{x:String}"])("take the name %j for a name", async (name) => {
    await writeWorld(store, makeWorld(3, 20, NOW));
    for (const filter of [{ service: name }, { environment: name }, { repository: name }]) {
      const { total } = await readReport(store, stateOf(makeWorld(3, 20, NOW)), { by: "assistant", ...filter }, NOW);
      expect(total.size).toEqual({ changes: 0, deployed: 0, linesAdded: 0, medianLines: null, deployedMedian: null, deployedMean: null, exposure: 0 });
    }
  });

  it("say of an empty store that there is nothing: null, with a warning, never NaN", async () => {
    await writeWorld(store, { ...makeWorld(1, 8, NOW), changes: [], arrivals: [], deployments: [], exposure: [], checks: [], backfills: [], shares: [], incidents: [] });
    for (const by of DIMENSIONS) {
      const report = await readReport(store, stateOf({ incidents: [] } as unknown as World), { by }, NOW);
      expect(report.rows).toEqual([]);
      expect(report.comparisons).toEqual([]);
      expect(report.notes.length).toBeGreaterThan(0);
      for (const [key, figure] of Object.entries(report.total.figures)) {
        expect(figure, key).toMatchObject({ value: null, denominator: 0, interval: null, method: null });
        expect(figure.warning, key).not.toBeNull();
      }
      expect(JSON.stringify(report)).not.toMatch(/NaN|Infinity/);
    }
  });

  it("bear the greatest numbers and names that a table holds", async () => {
    const world = makeWorld(2, 8, NOW);
    const most = 2 ** 32 - 1;
    const changes = world.changes.map((one) => ({ ...one, merge: false, agent: `${"x".repeat(5_000)}'\\\n`, authorship: "ai", committed_at: one.committed_at < NOW - 30 * DAY ? 0 : Date.UTC(2299, 0, 1), lines_added: most, lines: [{ authorship: "ai", agent: "\u0000", model: "", count: most }] }));
    const exposure = world.exposure.map((one) => ({ ...one, entries: 2 ** 53, spans: 2 ** 53, errors: 2 ** 52 }));
    await writeWorld(store, { ...world, changes, exposure });
    for (const by of DIMENSIONS) {
      const report = await readReport(store, stateOf(world), { by, until: Date.UTC(2299, 0, 2) }, NOW);
      expect(report.total.size.linesAdded).toBe(most * 8);
      expect(JSON.stringify(report)).not.toMatch(/NaN|Infinity|":-\d/);
      for (const row of report.rows) expect(row.label.length).toBeLessThanOrEqual(200);
    }
  });
});

function check(world: World, query: ReportQuery, row: ReportRow, where: string): void {
  const right = expected(world, query, row.key === "total" ? null : row.key);
  const { changes, deployed, exposure, medianLines } = row.size;
  expect({ changes, deployed, exposure, medianLines }, where).toEqual({ changes: right.changes, deployed: right.deployed, exposure: right.exposure, medianLines: middle(right.values["commitLines"] ?? []) });
  const figure = (key: string): Figure => row.figures[key] as Figure;
  for (const [key, [numerator, denominator]] of Object.entries(right.shares)) {
    const found = figure(key);
    expect([found.numerator ?? 0, found.denominator], `${where} ${key}`).toEqual([denominator === 0 ? 0 : numerator, denominator]);
    const scale = ["errors", "violations", "incidents"].includes(key) ? 1_000 : 1;
    if (denominator === 0) expect(found.value, `${where} ${key}`).toBeNull();
    else expect(found.value, `${where} ${key}`).toBeCloseTo((numerator / denominator) * scale, 9);
    if (found.interval !== null) expect(found.interval[0] <= (found.value ?? 0) + 1e-9 && found.interval[1] >= (found.value ?? 0) - 1e-9, `${where} ${key}`).toBe(true);
  }
  for (const key of ["leadTime", "recovery"]) expect([figure(key).value, figure(key).denominator], `${where} ${key}`).toEqual([middle(right.values[key] ?? []), right.values[key]?.length]);
  const sizes = right.values["sizes"] ?? [];
  const linesOfDeployed = sizes.map(Math.abs);
  expect(row.size.deployedMedian, where).toBe(middle(linesOfDeployed));
  if (linesOfDeployed.length > 0) expect(row.size.deployedMean, where).toBeCloseTo(linesOfDeployed.reduce((sum, lines) => sum + lines, 0) / linesOfDeployed.length, 6);
  let above = -1;
  for (const { linesMax, deployed, debugged } of row.sizes) {
    const within = sizes.filter((lines) => Math.abs(lines) > above && Math.abs(lines) <= (linesMax ?? Infinity));
    expect([deployed, debugged], `${where} up to ${linesMax} lines`).toEqual([within.length, within.filter((lines) => lines < 0).length]);
    above = linesMax ?? Infinity;
  }
  const redeploys = right.values["redeploys"] ?? [];
  expect([figure("redeploys").numerator ?? 0, figure("redeploys").denominator], where).toEqual([redeploys.reduce((a, b) => a + b, 0), redeploys.length]);
  expect(figure("deploymentFrequency").numerator ?? 0, where).toBe(right.values["deployments"]?.length);
  expect(figure("deploymentFrequency").value ?? 0, where).toBeCloseTo(right.values["perWeek"]?.[0] ?? NaN, 9);
}

/** Where a thing has exactly one row, the rows together are the total. */
function sums({ query, rows, total }: Report): void {
  const sum = (of: (row: ReportRow) => number): number => rows.reduce((all, row) => all + of(row), 0);
  if (query.by === "team" || query.by === "service") return;
  expect(sum((row) => row.size.changes)).toBe(total.size.changes);
  expect(sum((row) => row.size.deployed)).toBe(total.size.deployed);
  expect(sum((row) => row.size.linesAdded)).toBe(total.size.linesAdded);
  for (const key of ["aiLines", "debugged", "debuggedAi", "incidents", "oneCycle", "fourOrMoreCycles"]) {
    expect(sum((row) => row.figures[key]?.numerator ?? 0), key).toBe(total.figures[key]?.numerator ?? 0);
    expect(sum((row) => row.figures[key]?.denominator ?? 0), key).toBe(total.figures[key]?.denominator);
  }
}

function middle(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
