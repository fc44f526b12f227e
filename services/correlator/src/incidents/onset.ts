import { significantlyMore, type DeploymentRef, type Finding, type Incident, type Rate } from "@firstfix/incident";
import { failuresOf, trialsOf } from "../cycles/exposure.ts";
import { deploymentsOf } from "../deployments/see.ts";
import type { Room } from "../room.ts";

/** Deployments after the incident's that are looked at, newest ones left for later looks. */
const DEPLOYMENTS_MAX = 5;

/** How often a finding occurred at one deployment, of how many tries. */
export async function rateAt(room: Room, finding: Finding, { service, environment, revision }: DeploymentRef): Promise<Rate> {
  const scope = { service, environment, revisions: [revision] };
  const failures = await failuresOf(room, finding, scope);
  const own = await trialsOf(room, finding, scope, false);
  return { failures, trials: own === 0 && finding.kind === "error" ? await trialsOf(room, finding, scope, true) : own };
}

/**
 * The deployment at which a finding became far more frequent than it was, if that came after the one that the incident
 * was opened for. A stray occurrence at an old revision must not hide which deployment brought the surge.
 */
export async function laterOnset(room: Room, incident: Incident, finding: Finding): Promise<DeploymentRef | null> {
  const { deployment } = incident;
  const later = deploymentsOf(room.tail.state, deployment).filter((one) => one.firstSeen > deployment.firstSeen).slice(0, DEPLOYMENTS_MAX);
  if (later.length === 0) return null;
  let before = await rateAt(room, finding, deployment);
  for (const one of later) {
    const rate = await rateAt(room, finding, one);
    if (significantlyMore(rate, before)) return one;
    before = { failures: before.failures + rate.failures, trials: before.trials + rate.trials };
  }
  return null;
}
