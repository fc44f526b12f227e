import { deploymentKey, type DeploymentRef, type IncidentEvent, type JournalState } from "@firstfix/incident";
import { select } from "@firstfix/store";
import { decide, type Room } from "../room.ts";

interface Row {
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly repository: string;
  readonly first_seen: number;
}

/** Journals deployments that the journal does not know yet, and what is wrong with their specs. */
export async function seeDeployments(room: Room): Promise<void> {
  const rows = await select<Row>(
    room.store.background,
    `SELECT service, environment, revision, anyLast(repository) AS repository, toUnixTimestamp64Milli(min(first_seen)) AS first_seen
     FROM deployments GROUP BY service, environment, revision ORDER BY first_seen, service, environment, revision`,
  );
  const known = room.tail.state.deployments;
  const fresh = rows.filter((row) => !known.has(deploymentKey(row)));
  await decide(room, ...fresh.map((row): IncidentEvent => ({ kind: "deployment.seen", deployment: { service: row.service, environment: row.environment, revision: row.revision, repository: row.repository, firstSeen: row.first_seen } })));
}

/** Reports problems of the specs of what runs, each once. */
export async function reportSpecProblems(room: Room): Promise<void> {
  for (const { service, repository, revision } of latest(room.tail.state)) {
    const specs = await room.specs.of({ service, repository, revision });
    const known = room.tail.state.specProblems.filter((one) => one.repository === repository && one.revision === revision && one.service === service);
    const fresh = (specs?.problems ?? []).filter((one) => !known.some((other) => other.file === one.file && other.line === one.line && other.says === one.says));
    await decide(room, ...fresh.map((problem): IncidentEvent => ({ kind: "spec.problem", problem })));
  }
}

/** Deployments of a service in an environment, oldest first. */
export function deploymentsOf(state: JournalState, { service, environment }: Pick<DeploymentRef, "service" | "environment">): DeploymentRef[] {
  return [...state.deployments.values()].filter((one) => one.service === service && one.environment === environment).sort((a, b) => a.firstSeen - b.firstSeen);
}

/** The newest deployment of every service, in whatever environment. */
function latest(state: JournalState): DeploymentRef[] {
  const newest = new Map<string, DeploymentRef>();
  for (const one of state.deployments.values()) {
    const key = JSON.stringify([one.service, one.repository]);
    if ((newest.get(key)?.firstSeen ?? -1) < one.firstSeen) newest.set(key, one);
  }
  return [...newest.values()];
}
