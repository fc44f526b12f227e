import { deploymentKey } from "./keys.ts";
import type { CycleVerdict, DeploymentRef, SprtRecord, SuspectsRecord } from "./types.ts";

export interface Cycle {
  readonly cycle: number;
  readonly deployment: DeploymentRef;
  readonly commit: string;
  readonly startedAt: number;
  readonly verdict: CycleVerdict;
  readonly judgedAt: number | null;
  readonly test: SprtRecord | null;
}

/**
 * One time that an incident was open: from its opening, or from its coming back, until it was closed. Each has a bad
 * deployment of its own, a ranking of that one's commits, and the redeploys that were meant to end it; so an incident that comes back
 * after weeks is neither one long outage nor one row of redeploys. Every cycle of the incident is in exactly one.
 */
export interface Episode {
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly deployment: DeploymentRef;
  readonly ranking: SuspectsRecord | null;
  readonly cycles: readonly Cycle[];
  /** `merged`: its error group was merged into another incident's, which tells the rest. `superseded`: another deployment was named while it was open, so it ended without having been resolved. */
  readonly outcome: "open" | "closed" | "merged" | "superseded";
}

export function firstEpisode(deployment: DeploymentRef, at: number): Episode {
  return { openedAt: at, closedAt: null, deployment, ranking: null, cycles: [], outcome: "open" };
}

/** The last one, which events are about. An incident has at least one. */
export function currentEpisode(episodes: readonly Episode[]): Episode {
  return episodes.at(-1) as Episode;
}

export function withCurrent(episodes: readonly Episode[], change: Partial<Episode>): readonly Episode[] {
  return [...episodes.slice(0, -1), { ...currentEpisode(episodes), ...change }];
}

/**
 * After `incident.reopened`. A cycle that failed reopens what is still open: the same episode goes on. So does one that
 * was only closed because its group had been merged. Where it was closed, or another deployment is meant, it is another failure.
 */
export function reopened(episodes: readonly Episode[], at: number, deployment: DeploymentRef | undefined): readonly Episode[] {
  const last = currentEpisode(episodes);
  // Other commits may be guilty of another deployment.
  const next = { deployment: deployment ?? last.deployment, ranking: deployment === undefined ? last.ranking : null };
  const same = deploymentKey(next.deployment) === deploymentKey(last.deployment);
  if (same && (last.outcome === "open" || last.outcome === "merged")) return withCurrent(episodes, { ...next, closedAt: null, outcome: "open" });
  const ended = last.outcome === "open" ? withCurrent(episodes, { closedAt: at, outcome: "superseded" }) : episodes;
  return [...ended, { ...firstEpisode(next.deployment, at), ranking: next.ranking }];
}

/** A cycle told again replaces itself, wherever it was. */
export function withCycle(episodes: readonly Episode[], cycle: Cycle): readonly Episode[] {
  const others = episodes.map((one) => (one.cycles.some((known) => known.cycle === cycle.cycle) ? { ...one, cycles: one.cycles.filter((known) => known.cycle !== cycle.cycle) } : one));
  return withCurrent(others, { cycles: [...currentEpisode(others).cycles, cycle] });
}

export function judged(cycles: readonly Cycle[], cycle: number, verdict: { readonly verdict: CycleVerdict; readonly at: number; readonly test: SprtRecord }): readonly Cycle[] {
  return cycles.map((one) => (one.cycle === cycle ? { ...one, verdict: verdict.verdict, judgedAt: verdict.verdict === "pending" ? null : verdict.at, test: verdict.test } : one));
}
