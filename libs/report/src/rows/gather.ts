import { cyclesToHold } from "../facts/incidents.ts";
import type { Arrival, ChangeFact, DeploymentFact, Facts, IncidentFact } from "../facts/types.ts";
import { inPeriod, type Filter } from "../facts/window.ts";
import { AUTHOR_DIMENSIONS } from "../measures.ts";
import { classOf } from "../stratified.ts";
import type { Dimension, ReportQuery } from "../types.ts";
import { addLines, Cell } from "./cell.ts";
import { keyOfWriter, keysOfChange, NO_CHANGE, plain, serviceKey, type RowKey } from "./keys.ts";

const TOTAL: RowKey = { key: "total", label: "All", authorship: null };

/** Counts every fact for its rows and once for the total. */
export function gather(facts: Facts, query: ReportQuery): { readonly cells: ReadonlyMap<string, Cell>; readonly total: Cell } {
  const { total, cells, cellsOf } = empty();
  const { by } = query;
  written(facts, by, total, cellsOf);
  standing(facts, by, total, cellsOf);
  deployed(facts, query, total, cellsOf);
  for (const one of facts.deployments) for (const at of [total, ...cellsOf(keysOfDeployment(facts, by, one))]) at.deployments.push(one);
  incidents(facts, by, total, cellsOf);
  return { cells, total };
}

/** The same of incidents alone. */
export function gatherIncidents(facts: Blames, by: Dimension): { readonly cells: ReadonlyMap<string, Cell>; readonly total: Cell } {
  const { total, cells, cellsOf } = empty();
  incidents(facts, by, total, cellsOf);
  return { cells, total };
}

type Blames = Pick<Facts, "changes" | "arrivals" | "incidents">;

function empty(): { readonly total: Cell; readonly cells: Map<string, Cell>; readonly cellsOf: CellsOf } {
  const cells = new Map<string, Cell>();
  const cell = (row: RowKey): Cell => {
    const known = cells.get(row.key) ?? new Cell(row);
    cells.set(row.key, known);
    return known;
  };
  return { total: new Cell(TOTAL), cells, cellsOf: (keys) => keys.map(cell) };
}

function incidents(facts: Blames, by: Dimension, total: Cell, cellsOf: CellsOf): void {
  for (const one of facts.incidents.filter(({ inPeriod }) => inPeriod)) for (const at of [total, ...cellsOf(keysOfIncident(facts, by, one))]) addIncident(at, one);
}

type CellsOf = (keys: readonly RowKey[]) => Cell[];

function written(facts: Facts, by: Dimension, total: Cell, cellsOf: CellsOf): void {
  for (const change of facts.changes.values()) {
    if (!change.written) continue;
    const rows = cellsOf(keysOfChange(by, change, facts.arrivals.get(change.id) ?? []));
    for (const at of [total, ...rows]) {
      at.commitLines.push(change.linesAdded + change.linesDeleted);
      if (change.authorship === "ai") at.commitsAi += 1;
    }
    for (const part of change.lines) {
      const lineRows = AUTHOR_DIMENSIONS.includes(by) ? cellsOf([keyOfWriter(by, part)]) : rows;
      for (const at of [total, ...lineRows]) addLines(at, change.id, part.authorship, part.count);
    }
  }
}

function standing(facts: Facts, by: Dimension, total: Cell, cellsOf: CellsOf): void {
  for (const one of facts.standing) {
    for (const at of [total, ...cellsOf(keysOfStanding(by, one))]) at.standing[one.authorship] += one.count;
  }
}

function keysOfStanding(by: Dimension, one: Facts["standing"][number]): readonly RowKey[] {
  if (AUTHOR_DIMENSIONS.includes(by)) return [keyOfWriter(by, one)];
  if (by === "repository") return [plain(one.repository, "No repository")];
  if (by === "team") return one.teams.length === 0 ? [plain("", "No owner")] : one.teams.map((team) => plain(team, "No owner"));
  return [];
}

function deployed(facts: Facts, query: ReportQuery, total: Cell, cellsOf: CellsOf): void {
  const blames = Map.groupBy(facts.incidents.filter((one) => one.blamed !== null), (one) => one.blamed as string);
  for (const [id, arrivals] of facts.arrivals) {
    const change = facts.changes.get(id);
    if (change === undefined) continue;
    const blaming = blames.get(id) ?? [];
    addDeployed([total], change, arrivals, blaming, query);
    // By service a change has a first deployment, and incidents, in each of them.
    if (query.by !== "service") addDeployed(cellsOf(keysOfChange(query.by, change, arrivals)), change, arrivals, blaming, query);
    else for (const [service, own] of Map.groupBy(arrivals, (one) => one.service)) addDeployed(cellsOf([serviceKey(service)]), change, own, blaming.filter((one) => one.service === service), query);
  }
}

function addDeployed(cells: readonly Cell[], change: ChangeFact, arrivals: readonly Arrival[], blaming: readonly IncidentFact[], query: Filter): void {
  const first = arrivals[0];
  if (first === undefined || !inPeriod(first.at, query)) return;
  for (const at of cells) {
    const ai = change.authorship === "ai";
    at.deployed += 1;
    if (ai) at.deployedAi += 1;
    if (blaming.length > 0) at.debugged += 1;
    if (blaming.length > 0 && ai) at.debuggedAi += 1;
    at.blames += blaming.length;
    const lines = change.linesAdded + change.linesDeleted;
    const size = change.known ? at.sizes[classOf(lines)] : undefined;
    if (size !== undefined) size.deployed += 1;
    if (change.known) at.deployedLines.push(lines);
    if (size !== undefined && blaming.length > 0) size.debugged += 1;
    if (change.committedAt > 0 && change.committedAt <= first.at) at.leadMs.push(first.at - change.committedAt);
  }
}

/** A deployment counts for every row that has a change in it. */
function keysOfDeployment(facts: Facts, by: Dimension, one: DeploymentFact): readonly RowKey[] {
  if (by === "service") return [serviceKey(one.service)];
  if (by === "repository") return [plain(one.repository, "No repository")];
  const keys = new Map<string, RowKey>();
  for (const arrival of one.brought) {
    const change = facts.changes.get(arrival.id);
    if (change !== undefined) for (const key of keysOfChange(by, change, [arrival])) keys.set(key.key, key);
  }
  return keys.size === 0 ? [NO_CHANGE] : [...keys.values()];
}

/** An incident counts where it happened, and else for the rows of the change that it blames. */
function keysOfIncident(facts: Blames, by: Dimension, one: IncidentFact): readonly RowKey[] {
  if (by === "service") return [serviceKey(one.service)];
  if (by === "repository") return [plain(one.repository, "No repository")];
  const change = one.blamed === null ? undefined : facts.changes.get(one.blamed);
  return change === undefined ? [NO_CHANGE] : keysOfChange(by, change, facts.arrivals.get(change.id) ?? []);
}

function addIncident(at: Cell, { episode }: IncidentFact): void {
  at.redeploys.push(episode.cycles.length);
  const cycles = cyclesToHold(episode);
  if (cycles !== null) at.cycles.push(cycles);
}
