import { deploymentKey } from "./keys.ts";
import type { CycleVerdict, DeploymentRef, Finding, ProposalRecord, ReproductionRecord, SpecProblemRecord, SprtRecord, SuspectsRecord } from "./types.ts";

/** Every kind of decision that the journal holds. One row each; `kind` is the column, the rest is `data`. */
export type IncidentEvent =
  | { readonly kind: "deployment.seen"; readonly deployment: DeploymentRef }
  | { readonly kind: "spec.problem"; readonly problem: SpecProblemRecord }
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
  /** With `deployment` where it came back with a later deployment than the one that closed it: that one is bad now. */
  | { readonly kind: "incident.onset-moved"; readonly incidentId: string; readonly deployment: DeploymentRef; readonly finding: Finding; readonly says: string }
  | { readonly kind: "incident.reopened"; readonly incidentId: string; readonly says: string; readonly deployment?: DeploymentRef };

export type IncidentEventKind = IncidentEvent["kind"];

/** An event with where it stands in the journal. */
export interface Recorded {
  readonly entryId: string;
  readonly at: number;
  readonly actor: string;
  readonly event: IncidentEvent;
}

/** What an event is about: an incident, a deployment (`deployment:…`) or a repository's specs (`spec:…`). */
export function subjectOf(event: IncidentEvent): string {
  if (event.kind === "deployment.seen") return `deployment:${deploymentKey(event.deployment)}`;
  return event.kind === "spec.problem" ? `spec:${event.problem.repository}` : event.incidentId;
}
