import type { Incident, JournalState } from "@firstfix/incident";
import { sameAddress } from "@firstfix/provenance";
import type { IncidentFact } from "./types.ts";
import { changeId, inPeriod, type Filter } from "./window.ts";

/** Incidents of the queried places, whenever they were opened. */
export function incidentFacts(state: JournalState, query: Filter): IncidentFact[] {
  const wanted = query.repository === undefined ? null : sameAddress(query.repository);
  const facts: IncidentFact[] = [];
  for (const incident of state.incidents.values()) {
    // Its group was merged into another one's: there it is counted.
    if (incident.mergedInto !== null) continue;
    const { service, environment } = incident.deployment;
    const repository = sameAddress(incident.deployment.repository);
    if (query.service !== undefined && query.service !== service) continue;
    if (query.environment !== undefined && query.environment !== environment) continue;
    if (wanted !== null && wanted !== repository) continue;
    const commit = blamedCommit(incident)?.commit;
    facts.push({ incident, service, repository, blamed: commit === undefined ? null : changeId(repository, commit), inPeriod: inPeriod(incident.openedAt, query) });
  }
  return facts;
}

/** The suspect that an incident blames: ranked first, and the ranking did not abstain. */
export function blamedCommit({ ranking }: Incident): NonNullable<Incident["ranking"]>["suspects"][number] | undefined {
  return ranking === null || ranking.abstained !== null ? undefined : ranking.suspects[0];
}

/** Redeploys until one held; null for an incident that is open, or that closed without any. */
export function cyclesToHold(incident: Incident): number | null {
  return incident.status === "closed" && incident.cycles.length > 0 ? incident.cycles.length : null;
}

/** From opening to closing; null while it is open. */
export function recoveryOf({ status, openedAt, closedAt }: Incident): number | null {
  return status !== "closed" || closedAt === null ? null : Math.max(0, closedAt - openedAt);
}
