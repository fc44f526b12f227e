import type { JournalState } from "@firstfix/incident";
import { authorOf } from "./facts/changes.ts";
import { blamedCommit, cyclesToHold, incidentFacts } from "./facts/incidents.ts";
import type { IncidentFact } from "./facts/types.ts";
import { REPORT_LIMITS } from "./limits.ts";
import { keyOfWriter, NO_CHANGE } from "./rows/keys.ts";
import type { CycleSpread, ReportQuery } from "./types.ts";

/**
 * How many redeploys closed incidents took: all first, then by the queried dimension, most incidents first. By team and
 * by bound requirements only the line of all, because the journal does not say those: `readReport` does.
 */
export function readCycles(state: JournalState, query: ReportQuery): CycleSpread[] {
  const facts = incidentFacts(state, query).filter((one) => one.inPeriod);
  const rows = Map.groupBy(facts, (one) => labelOf(query.by, one));
  rows.delete(null);
  const spreads = [...rows].map(([label, some]) => spread(label ?? "", some)).filter((one) => one.closed > 0);
  return [spread("All", facts), ...spreads.sort((a, b) => b.closed - a.closed || a.label.localeCompare(b.label)).slice(0, REPORT_LIMITS.rows)];
}

function labelOf(by: ReportQuery["by"], { incident, service, repository }: IncidentFact): string | null {
  if (by === "team" || by === "bound") return null;
  if (by === "service") return service;
  if (by === "repository") return repository;
  const attribution = blamedCommit(incident)?.attribution;
  return attribution === undefined ? NO_CHANGE.label : keyOfWriter(by, { ...attribution, authorship: authorOf(attribution.authorship) }).label;
}

function spread(label: string, facts: readonly IncidentFact[]): CycleSpread {
  const cycles = facts.flatMap(({ incident }) => cyclesToHold(incident) ?? []);
  return { label, closed: cycles.length, one: cycles.filter((one) => one === 1).length, twoOrThree: cycles.filter((one) => one === 2 || one === 3).length, fourOrMore: cycles.filter((one) => one > 3).length };
}
