import type { JournalState } from "@firstfix/incident";
import { incidentRef } from "./incidents.ts";
import type { CycleLine, DeploymentLine } from "./payload.ts";
import type { RevisionExposure } from "./queries.ts";

export function cycleLines(state: JournalState): CycleLine[] {
  return [...state.incidents.values()]
    .flatMap((incident) => incident.cycles.map((cycle) => ({ ...cycle, incident: incidentRef(incident) })))
    .sort((a, b) => b.startedAt - a.startedAt);
}

/** The journal says which deployments there were, the store what they served. */
export function deploymentLines(state: JournalState, exposures: readonly RevisionExposure[]): DeploymentLine[] {
  const incidents = [...state.incidents.values()];
  const same = (a: Place, b: Place): boolean => a.service === b.service && a.environment === b.environment && a.revision === b.revision;
  const journaled = [...state.deployments.values()];
  const unjournaled = exposures.filter((one) => !journaled.some((other) => same(one, other)));
  return [...journaled, ...unjournaled.map(({ service, environment, revision, repository, firstSeen }) => ({ service, environment, revision, repository, firstSeen }))]
    .map((deployment): DeploymentLine => {
      const ran = exposures.find((one) => same(one, deployment));
      return {
        ...deployment,
        lastSeen: ran?.lastSeen ?? null,
        spans: ran?.spans ?? 0,
        errors: ran?.errors ?? 0,
        incidents: incidents.filter((one) => one.episodes.some((episode) => same(episode.deployment, deployment))).map(incidentRef),
        cycles: incidents.flatMap((one) => one.cycles.filter((cycle) => same(cycle.deployment, deployment)).map((cycle) => ({ ...incidentRef(one), cycle: cycle.cycle, verdict: cycle.verdict }))),
      };
    })
    .sort((a, b) => b.firstSeen - a.firstSeen);
}

interface Place {
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
}
