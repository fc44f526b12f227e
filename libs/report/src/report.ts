import type { JournalState } from "@firstfix/incident";
import type { Store } from "@firstfix/store";
import { compare, comparable } from "./compare.ts";
import { readFacts } from "./facts/read.ts";
import { checkPeriod } from "./facts/window.ts";
import { REPORT_LIMITS } from "./limits.ts";
import { measuresOf } from "./measures.ts";
import { showValue } from "./render/numbers.ts";
import { sumOf, type Cell } from "./rows/cell.ts";
import { rowOf, weeksOf } from "./rows/figures.ts";
import { gather } from "./rows/gather.ts";
import type { Report, ReportQuery } from "./types.ts";

const MULTIPLE = { service: "A change that several services run counts for each of them, and once in the total.", team: "A change of several teams' files counts for each of them, and once in the total." } as const;

/** The report by one dimension: rows, largest first, and the total in which everything counts once. */
export async function readReport(store: Store, state: JournalState, query: ReportQuery, now: number): Promise<Report> {
  checkPeriod(query, now);
  const facts = await readFacts(store, state, query, now);
  const weeks = weeksOf(query, facts.observedSince, now);
  const { cells, total } = gather(facts, query);
  const all = [...cells.values()].sort((a, b) => b.commitLines.length - a.commitLines.length || b.deployed - a.deployed || sumOf(b.lines) - sumOf(a.lines) || (a.row.key < b.row.key ? -1 : 1));
  const rows = all.slice(0, REPORT_LIMITS.rows).map((cell) => rowOf(cell, total, query, weeks));
  const notes = [
    ...uncertain(total),
    ...facts.notes,
    ...(query.by === "service" || query.by === "team" ? [MULTIPLE[query.by]] : []),
    ...(all.length > rows.length ? [`${all.length - rows.length} smaller rows are not shown; the total has them.`] : []),
  ];
  return { query, generatedAt: now, measures: measuresOf(query.by), rows, total: rowOf(total, total, query, weeks), comparisons: compare(rows, measuresOf(query.by)), compared: comparable(rows).told, notes };
}

/** "0% by assistants" must not be read where nothing says who wrote most of it. */
function uncertain({ lines }: Cell): string[] {
  const all = sumOf(lines);
  if (all === 0 || lines.unknown / all < REPORT_LIMITS.unknownMin) return [];
  return [`Nothing says who wrote ${showValue(lines.unknown / all, "share")} of the lines: what assistants wrote or helped with lies anywhere between ${showValue(lines.ai / all, "share")} and ${showValue((all - lines.human) / all, "share")}.`];
}
