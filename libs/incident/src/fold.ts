import { firstEpisode, judged, reopened, withCurrent, withCycle, type Cycle, type Episode } from "./episodes.ts";
import { NO_SUSPECTS, type Recorded } from "./events.ts";
import { mergeGroups, NO_GROUP_RULES, splitGroup, type GroupRules } from "./groups/rules.ts";
import { deploymentKey } from "./keys.ts";
import type { DeploymentRef, Finding, ProposalRecord, RepositoryRecord, ReproductionRecord, SpecProblemRecord, SuspectsRecord } from "./types.ts";

/** Where an incident stands. The order is that of its life; `fixing` is the fixer at work. */
export type IncidentStatus = "open" | "fixing" | "proposed" | "approved" | "committed" | "verifying" | "closed";

export interface Proposal extends ProposalRecord {
  readonly madeAt: number;
  readonly approval: { readonly by: string; readonly at: number } | null;
  readonly commit: { readonly id: string; readonly branch: string; readonly at: number } | null;
  readonly commitFailure: string | null;
}

export interface Incident {
  readonly incidentId: string;
  readonly status: IncidentStatus;
  readonly openedAt: number;
  readonly closedAt: number | null;
  /** The bad one of the last episode, as the ranking is. */
  readonly deployment: DeploymentRef;
  /** The first one opened the incident. */
  readonly findings: readonly Finding[];
  readonly ranking: SuspectsRecord | null;
  readonly specGap: string | null;
  readonly problems: readonly { readonly at: number; readonly says: string; readonly hint: string }[];
  readonly fixRounds: readonly { readonly round: number; readonly startedAt: number; readonly endedAt: number | null; readonly says: string }[];
  readonly progress: readonly { readonly at: number; readonly says: string }[];
  readonly reproduction: ReproductionRecord | null;
  readonly proposals: readonly Proposal[];
  readonly cycles: readonly Cycle[];
  /** Oldest first, never overlapping, at least one; the last one is what `deployment`, `ranking` and `closedAt` tell of. */
  readonly episodes: readonly Episode[];
  readonly reopenings: readonly { readonly at: number; readonly says: string }[];
  /** The incident that its error group was merged into; such a one is closed, but neither solved nor one of its own. */
  readonly mergedInto: string | null;
  readonly lastEntryId: string;
}

export interface JournalState {
  readonly incidents: ReadonlyMap<string, Incident>;
  readonly deployments: ReadonlyMap<string, DeploymentRef>;
  /** Of the revisions seen last: a newer deployment of the repository drops what an older one had reported. */
  readonly specProblems: readonly SpecProblemRecord[];
  /** By address. */
  readonly repositories: ReadonlyMap<string, RepositoryRecord>;
  /** What people merged and split. */
  readonly groups: GroupRules;
  readonly lastEntryId: string;
}

export const EMPTY_STATE: JournalState = { incidents: new Map(), deployments: new Map(), specProblems: [], repositories: new Map(), groups: NO_GROUP_RULES, lastEntryId: "" };

/** The state after more entries, in order of entryId. Pure; entries that concern an unknown incident are passed over. */
export function fold(state: JournalState, entries: Iterable<Recorded>): JournalState {
  const incidents = new Map(state.incidents);
  const deployments = new Map(state.deployments);
  const repositories = new Map(state.repositories);
  let { specProblems, groups } = state;
  let lastEntryId = state.lastEntryId;
  for (const entry of entries) {
    if (entry.entryId > lastEntryId) lastEntryId = entry.entryId;
    const { event } = entry;
    if (event.kind === "deployment.seen") {
      const { repository, revision, service } = event.deployment;
      deployments.set(deploymentKey(event.deployment), event.deployment);
      specProblems = specProblems.filter((one) => one.repository !== repository || one.service !== service || one.revision === revision);
      continue;
    }
    if (event.kind === "spec.problem") {
      specProblems = [...specProblems.filter((one) => !sameProblem(one, event.problem)), event.problem];
      continue;
    }
    if (event.kind === "repository.added") {
      repositories.set(event.repository.url, event.repository);
      continue;
    }
    if (event.kind === "repository.removed") {
      repositories.delete(event.url);
      continue;
    }
    if (event.kind === "groups.merged") {
      groups = mergeGroups(groups, event.into, event.groups);
      continue;
    }
    if (event.kind === "group.split") {
      groups = splitGroup(groups, event.group, event.fingerprints, event.into);
      continue;
    }
    const before = incidents.get(event.incidentId);
    if (before === undefined) {
      if (event.kind === "incident.opened") incidents.set(event.incidentId, opened(event.incidentId, event.deployment, event.finding, entry));
      continue;
    }
    incidents.set(event.incidentId, { ...step(before, entry), lastEntryId: entry.entryId });
  }
  return { incidents, deployments, specProblems, repositories, groups, lastEntryId };
}

function sameProblem(a: SpecProblemRecord, b: SpecProblemRecord): boolean {
  return a.repository === b.repository && a.service === b.service && a.file === b.file && a.line === b.line && a.says === b.says;
}

function opened(incidentId: string, deployment: DeploymentRef, finding: Finding, entry: Recorded): Incident {
  return {
    incidentId,
    status: "open",
    openedAt: entry.at,
    closedAt: null,
    deployment,
    findings: [finding],
    ranking: null,
    specGap: null,
    problems: [],
    fixRounds: [],
    progress: [],
    reproduction: null,
    proposals: [],
    cycles: [],
    episodes: [firstEpisode(deployment, entry.at)],
    reopenings: [],
    mergedInto: null,
    lastEntryId: entry.entryId,
  };
}

function step(incident: Incident, { event, at, actor }: Recorded): Incident {
  switch (event.kind) {
    case "deployment.seen":
    case "spec.problem":
    case "repository.added":
    case "repository.removed":
    case "groups.merged":
    case "group.split":
    case "incident.opened":
      return incident;
    case "incident.finding-added":
      return { ...incident, findings: withFinding(incident.findings, event.finding) };
    case "suspects.ranked":
      return { ...incident, ranking: event.ranking, problems: sighted(incident.problems), episodes: withCurrent(incident.episodes, { ranking: event.ranking }) };
    case "spec-gap.reported":
      return { ...incident, specGap: event.draft };
    case "problem.reported":
      return { ...incident, problems: withProblem(incident.problems, { at, says: event.says, hint: event.hint }) };
    case "fix.started":
      // What kept an earlier round from its work is said again where it still does.
      return { ...incident, status: "fixing", problems: incident.problems.filter((one) => one.says.startsWith(NO_SUSPECTS)), fixRounds: [...incident.fixRounds, { round: event.round, startedAt: at, endedAt: null, says: "" }] };
    case "fix.progress":
      return { ...incident, progress: [...incident.progress, { at, says: event.says }] };
    case "reproduction.recorded":
      return { ...incident, reproduction: event.reproduction };
    case "proposal.made":
      return { ...incident, proposals: [...incident.proposals.filter((one) => one.proposalId !== event.proposal.proposalId), { ...event.proposal, madeAt: at, approval: null, commit: null, commitFailure: null }] };
    case "fix.ended":
      return {
        ...incident,
        status: incident.status === "fixing" ? (incident.proposals.some((one) => one.verified && isCurrent(incident, one)) ? "proposed" : "open") : incident.status,
        fixRounds: incident.fixRounds.map((one) => (one.round === event.round ? { ...one, endedAt: at, says: event.says } : one)),
      };
    case "proposal.approved":
      return { ...withProposal(incident, event.proposalId, { approval: { by: actor, at }, commitFailure: null }), status: "approved" };
    case "proposal.committed":
      return { ...withProposal(incident, event.proposalId, { commit: { id: event.commit, branch: event.branch, at } }), status: "committed" };
    case "proposal.commit-failed":
      return { ...withProposal(incident, event.proposalId, { approval: null, commitFailure: event.says }), status: "proposed" };
    case "cycle.started": {
      const cycle: Cycle = { cycle: event.cycle, deployment: event.deployment, commit: event.commit, startedAt: at, verdict: "pending", judgedAt: null, test: null };
      return { ...incident, status: "verifying", cycles: [...incident.cycles.filter((one) => one.cycle !== event.cycle), cycle], episodes: withCycle(incident.episodes, cycle) };
    }
    case "cycle.judged": {
      const found = { verdict: event.verdict, at, test: event.test };
      return { ...incident, cycles: judged(incident.cycles, event.cycle, found), episodes: incident.episodes.map((one) => ({ ...one, cycles: judged(one.cycles, event.cycle, found) })) };
    }
    case "incident.closed":
      return { ...incident, status: "closed", closedAt: at, episodes: withCurrent(incident.episodes, { closedAt: at, outcome: incident.mergedInto === null ? "closed" : "merged" }) };
    case "incident.merged":
      return { ...incident, status: "closed", closedAt: at, mergedInto: event.into, episodes: withCurrent(incident.episodes, { closedAt: at, outcome: "merged" }) };
    case "incident.onset-moved":
      return {
        ...incident,
        status: "open",
        findings: withFinding(incident.findings, event.finding),
        reopenings: [...incident.reopenings, { at, says: event.says }],
        deployment: event.deployment,
        // Both were about another deployment's changes.
        ranking: null,
        reproduction: null,
        // The same failure, of which the wrong deployment was named: corrected, not begun anew.
        episodes: withCurrent(incident.episodes, { deployment: event.deployment, ranking: null }),
      };
    case "incident.reopened":
      return {
        ...incident,
        status: "open",
        closedAt: null,
        mergedInto: null,
        reopenings: [...incident.reopenings, { at, says: event.says }],
        // Other commits may be guilty this time, so the old ranking falls.
        ...(event.deployment === undefined ? {} : { deployment: event.deployment, ranking: null }),
        episodes: reopened(incident.episodes, at, event.deployment),
      };
  }
}

/** Whether a proposal was made for the incident as it stands: one made before a reopening answered another deployment. */
export function isCurrent(incident: Pick<Incident, "reopenings">, proposal: Pick<Proposal, "madeAt">): boolean {
  return proposal.madeAt >= (incident.reopenings.at(-1)?.at ?? 0);
}

type Problems = Incident["problems"];

/** One that keeps suspects from being looked for replaces another such one; the fixer, which fails for the same reason, need not repeat it. */
function withProblem(problems: Problems, problem: Problems[number]): Problems {
  const blind = problem.says.startsWith(NO_SUSPECTS);
  if (!blind && problems.some((one) => one.says === NO_SUSPECTS + problem.says)) return problems;
  const others = blind ? sighted(problems).filter((one) => NO_SUSPECTS + one.says !== problem.says) : problems;
  return [...others.filter((one) => one.says !== problem.says), problem];
}

/** Without what kept suspects from being looked for, and the same said by the fixer. */
function sighted(problems: Problems): Problems {
  const reasons = problems.filter((one) => one.says.startsWith(NO_SUSPECTS)).map((one) => one.says.slice(NO_SUSPECTS.length));
  return problems.filter((one) => !one.says.startsWith(NO_SUSPECTS) && !reasons.includes(one.says));
}

/** A finding told again replaces itself where it stands: the first one stays the one that opened the incident. */
function withFinding(findings: readonly Finding[], finding: Finding): readonly Finding[] {
  return findings.some((one) => one.key === finding.key) ? findings.map((one) => (one.key === finding.key ? finding : one)) : [...findings, finding];
}

function withProposal(incident: Incident, proposalId: string, change: Partial<Proposal>): Incident {
  return { ...incident, proposals: incident.proposals.map((one) => (one.proposalId === proposalId ? { ...one, ...change } : one)) };
}
