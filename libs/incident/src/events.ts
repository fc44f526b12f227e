import { deploymentKey } from "./keys.ts";
import type { CycleVerdict, DeploymentRef, Finding, ProposalRecord, RepositoryRecord, ReproductionRecord, SpecProblemRecord, SprtRecord, SuspectsRecord } from "./types.ts";

/** Every kind of decision that the journal holds. One row each; `kind` is the column, the rest is `data`. */
export type IncidentEvent =
  | { readonly kind: "deployment.seen"; readonly deployment: DeploymentRef }
  | { readonly kind: "spec.problem"; readonly problem: SpecProblemRecord }
  /** Added, or said anew with other settings. */
  | { readonly kind: "repository.added"; readonly repository: RepositoryRecord }
  | { readonly kind: "repository.removed"; readonly url: string }
  /** By a person: errors of `groups` count as errors of `into` from now on, those of the past included. Into itself: undone. */
  | { readonly kind: "groups.merged"; readonly into: string; readonly groups: readonly string[] }
  /** By a person: errors with one of these fingerprints leave `group` and are a group of their own. */
  | { readonly kind: "group.split"; readonly group: string; readonly fingerprints: readonly string[]; readonly into: string }
  | { readonly kind: "incident.opened"; readonly incidentId: string; readonly deployment: DeploymentRef; readonly finding: Finding }
  | { readonly kind: "incident.finding-added"; readonly incidentId: string; readonly finding: Finding; readonly says: string }
  | { readonly kind: "suspects.ranked"; readonly incidentId: string; readonly ranking: SuspectsRecord }
  | { readonly kind: "spec-gap.reported"; readonly incidentId: string; readonly draft: string }
  | { readonly kind: "problem.reported"; readonly incidentId: string; readonly says: string; readonly hint: string }
  | { readonly kind: "fix.started"; readonly incidentId: string; readonly round: number }
  | { readonly kind: "reproduction.recorded"; readonly incidentId: string; readonly reproduction: ReproductionRecord }
  | { readonly kind: "fix.progress"; readonly incidentId: string; readonly says: string }
  | { readonly kind: "proposal.made"; readonly incidentId: string; readonly proposal: ProposalRecord }
  | { readonly kind: "fix.ended"; readonly incidentId: string; readonly round: number; readonly candidates: number; readonly verified: number; readonly says: string }
  | { readonly kind: "proposal.approved"; readonly incidentId: string; readonly proposalId: string }
  | { readonly kind: "proposal.committed"; readonly incidentId: string; readonly proposalId: string; readonly commit: string; readonly branch: string }
  | { readonly kind: "proposal.commit-failed"; readonly incidentId: string; readonly proposalId: string; readonly says: string }
  | { readonly kind: "cycle.started"; readonly incidentId: string; readonly cycle: number; readonly deployment: DeploymentRef; readonly commit: string }
  | { readonly kind: "cycle.judged"; readonly incidentId: string; readonly cycle: number; readonly verdict: CycleVerdict; readonly test: SprtRecord }
  | { readonly kind: "incident.closed"; readonly incidentId: string; readonly cycles: number }
  /** Its error group was merged into that of another incident, which tells the rest; it was not solved. */
  | { readonly kind: "incident.merged"; readonly incidentId: string; readonly into: string; readonly says: string }
  /** The deployment was wrongly named, before anybody redeployed for it: the same failure began with this one. */
  | { readonly kind: "incident.onset-moved"; readonly incidentId: string; readonly deployment: DeploymentRef; readonly finding: Finding; readonly says: string }
  /**
   * With `deployment` where it came back with a later deployment than the one that closed it: that one is bad now, and this is
   * another episode. Without: a cycle failed, or a merged group stands for itself again, and the same episode goes on.
   */
  | { readonly kind: "incident.reopened"; readonly incidentId: string; readonly says: string; readonly deployment?: DeploymentRef };

export type IncidentEventKind = IncidentEvent["kind"];

/** An event with where it stands in the journal. */
export interface Recorded {
  readonly entryId: string;
  readonly at: number;
  readonly actor: string;
  readonly event: IncidentEvent;
}

/** How a reported problem begins that keeps an incident's suspects from being looked for: a ranking ends it, and another such one replaces it. */
export const NO_SUSPECTS = "No suspects: ";

/** What an event is about: an incident, a deployment (`deployment:…`), a repository (`repository:…`), its specs (`spec:…`), or an error group (`group:…`). */
export function subjectOf(event: IncidentEvent): string {
  if (event.kind === "deployment.seen") return `deployment:${deploymentKey(event.deployment)}`;
  if (event.kind === "spec.problem") return `spec:${event.problem.repository}`;
  if (event.kind === "repository.added") return `repository:${event.repository.url}`;
  if (event.kind === "repository.removed") return `repository:${event.url}`;
  if (event.kind === "groups.merged") return `group:${event.into}`;
  return event.kind === "group.split" ? `group:${event.group}` : event.incidentId;
}
