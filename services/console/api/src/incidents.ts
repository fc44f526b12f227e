import { NO_SUSPECTS, type Incident, type IncidentEvent, type IncidentStatus, type JournalState } from "@firstfix/incident";
import type { Store } from "@firstfix/store";
import { CONSOLE_LIMITS } from "./deps.ts";
import { groupHistory } from "./group-history.ts";
import type { Blamed, HistoryLine, IncidentDetail, IncidentLine, IncidentRef } from "./payload.ts";
import { findingExposure, occurrences } from "./queries.ts";

/** Incidents by status. One that was merged into another counts nowhere: the other tells of it. */
export function statusCounts(state: Pick<JournalState, "incidents">): Record<IncidentStatus, number> {
  const counts: Record<IncidentStatus, number> = { open: 0, fixing: 0, proposed: 0, approved: 0, committed: 0, verifying: 0, closed: 0 };
  for (const incident of state.incidents.values()) if (incident.mergedInto === null) counts[incident.status] += 1;
  return counts;
}

/** The newest incidents, newest first; one that is not closed is listed however old it is, as far as the bound allows. */
export async function incidentLines(store: Store, state: JournalState): Promise<IncidentLine[]> {
  const newest = [...state.incidents.values()].sort((a, b) => b.openedAt - a.openedAt);
  const open = newest.filter((one) => one.status !== "closed");
  const incidents = newest.length <= CONSOLE_LIMITS.incidentsListed ? newest : [...open, ...newest.filter((one) => one.status === "closed")].slice(0, CONSOLE_LIMITS.incidentsListed).sort((a, b) => b.openedAt - a.openedAt);
  const counts = await occurrences(store, incidents, state.groups);
  return incidents.map((one) => ({
    ...incidentRef(one),
    kind: one.findings[0]?.kind ?? "error",
    service: one.deployment.service,
    environment: one.deployment.environment,
    revision: one.deployment.revision,
    suspect: blamed(one),
    abstained: one.ranking?.abstained ?? null,
    openedAt: one.openedAt,
    closedAt: one.closedAt,
    mergedInto: one.mergedInto,
    occurrences: counts.get(one.incidentId) ?? 0,
    cycles: one.cycles.length,
    verifiedProposals: one.proposals.filter((proposal) => proposal.verified).length,
    progress: one.status === "fixing" ? (one.progress.at(-1)?.says ?? null) : null,
    problems: one.problems.length,
  }));
}

export async function incidentDetail(store: Store, state: JournalState, incident: Incident, now: number): Promise<IncidentDetail> {
  const deployments = [...state.deployments.values()].filter((one) => one.service === incident.deployment.service && one.environment === incident.deployment.environment);
  const exposure = await Promise.all(
    incident.findings.map(async (finding) => {
      const chart = await findingExposure(store, incident, finding, state.groups, now);
      return { ...chart, deployments: deployments.filter((one) => one.firstSeen >= chart.from && one.firstSeen < chart.to).sort((a, b) => a.firstSeen - b.firstSeen) };
    }),
  );
  const entries = await store.journal.read({ subject: incident.incidentId });
  const own = entries.map((entry): HistoryLine => ({
    at: entry.at,
    actor: entry.actor,
    kind: entry.kind,
    says: sentence({ ...(entry.data as object), kind: entry.kind } as IncidentEvent),
  }));
  const history = [...(await groupHistory(store, state, incident)), ...own].sort((a, b) => a.at - b.at).slice(-CONSOLE_LIMITS.historyEntries);
  // The page shows the ranking that stands; those of the episodes hold diffs too, and would double the answer.
  const episodes = incident.episodes.map((one) => ({ ...one, ranking: null }));
  const blamedThen = incident.episodes.map(({ ranking, ...one }) => ({ ...one, suspect: blamed({ ranking }), abstained: ranking?.abstained ?? null }));
  return { incident: { ...incident, episodes }, suspect: blamed(incident), blind: incident.problems.some((one) => one.says.startsWith(NO_SUSPECTS)), episodes: blamedThen, exposure, history };
}

export function incidentRef(incident: Incident): IncidentRef {
  return { incidentId: incident.incidentId, title: incident.findings[0]?.title ?? incident.incidentId, status: incident.status };
}

/** The commit that the incident names as guilty; null while there is none or the ranking abstained. */
export function blamed(incident: Pick<Incident, "ranking">): Blamed | null {
  const { ranking } = incident;
  const first = ranking?.suspects[0];
  if (ranking === null || ranking.abstained !== null || first === undefined) return null;
  const { authorship, agent, model, confidence } = first.attribution;
  return { commit: first.commit, subject: first.subject, authorName: first.authorName, authorship, agent, model, confidence, score: first.score };
}

function sentence(event: IncidentEvent): string {
  switch (event.kind) {
    case "deployment.seen":
      return `Revision ${short(event.deployment.revision)} of ${event.deployment.service} seen in ${event.deployment.environment}`;
    case "incident.opened":
      return `Opened: ${event.finding.title}`;
    case "incident.finding-added":
      return event.says;
    case "suspects.ranked": {
      const first = event.ranking.suspects[0];
      if (event.ranking.abstained !== null || first === undefined) return `No commit named: ${event.ranking.abstained ?? "there was no candidate"}`;
      return `Commit ${short(first.commit)} is suspected first of ${event.ranking.candidates}`;
    }
    case "spec-gap.reported":
      return "No requirement covers this failure; a requirement was drafted";
    case "problem.reported":
      return event.says;
    case "fix.started":
      return `Round ${event.round} of looking for a fix began`;
    case "reproduction.recorded":
      return event.reproduction.says;
    case "fix.progress":
      return event.says;
    case "proposal.made":
      return `${event.proposal.verified ? "Verified proposal" : "Proposal"}: ${event.proposal.title}`;
    case "fix.ended":
      return event.says;
    case "proposal.approved":
      return "Proposal approved";
    case "proposal.committed":
      return `Committed as ${short(event.commit)} on ${event.branch}`;
    case "proposal.commit-failed":
      return `The commit failed: ${event.says}`;
    case "cycle.started":
      return `Cycle ${event.cycle} began with revision ${short(event.deployment.revision)}`;
    case "cycle.judged":
      return `Cycle ${event.cycle}: ${event.verdict} after ${event.test.trials} trials with ${event.test.failures} failures`;
    case "incident.closed":
      return `Closed after ${event.cycles} ${event.cycles === 1 ? "cycle" : "cycles"}`;
    case "incident.onset-moved":
      return event.says;
    case "incident.reopened":
      return `Reopened: ${event.says}`;
    case "incident.merged":
      return event.says;
    case "spec.problem":
      return event.problem.says;
    default:
      return "";
  }
}

function short(revision: string): string {
  return revision.slice(0, 8);
}
