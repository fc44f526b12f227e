import type { JournalState } from "@firstfix/incident";
import type { Store } from "@firstfix/store";
import { readBlames } from "./facts/read.ts";
import { checkPeriod } from "./facts/window.ts";
import { REPORT_LIMITS } from "./limits.ts";
import type { Cell } from "./rows/cell.ts";
import { gatherIncidents } from "./rows/gather.ts";
import type { CycleSpread, ReportQuery } from "./types.ts";

/** How many redeploys closed incidents took: all first, then by the queried dimension, most incidents first. The rows are those of `readReport`. */
export async function readCycles(store: Store, state: JournalState, query: ReportQuery, now: number): Promise<CycleSpread[]> {
  checkPeriod(query, now);
  const { cells, total } = gatherIncidents(await readBlames(store, state, query, now), query.by);
  const spreads = [...cells.values()].map(spread).filter((one) => one.closed > 0);
  return [spread(total), ...spreads.sort((a, b) => b.closed - a.closed || a.label.localeCompare(b.label)).slice(0, REPORT_LIMITS.rows)];
}

function spread({ row, cycles }: Cell): CycleSpread {
  return { label: row.label, closed: cycles.length, one: cycles.filter((one) => one === 1).length, twoOrThree: cycles.filter((one) => one === 2 || one === 3).length, fourOrMore: cycles.filter((one) => one > 3).length };
}
