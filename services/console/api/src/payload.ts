import type {
  AuthorshipRecord,
  Cycle,
  CycleVerdict,
  DeploymentRef,
  Episode,
  Finding,
  Incident,
  IncidentStatus,
  SpecProblemRecord,
  SprtRecord,
} from "@firstfix/incident";
import type { ChangeRow } from "@firstfix/report";

export type { GroupDetail } from "@firstfix/store";
export type { ChangeReport, ChangeRow, Comparison, CycleSpread, Dimension, Figure, Measure, Report, ReportRow, TrendPoint } from "@firstfix/report";

/**
 * What the API answers, as JSON. Only types: the web half of the console imports this file and nothing else of the API.
 * Times are milliseconds since the epoch; ids are lower-case hex.
 */

export interface Problem {
  readonly error: string;
  readonly hint: string;
}

export interface Health {
  readonly status: "ok";
  readonly lastEntryId: string;
}

export interface Overview {
  /** Incidents by status; one that was merged into another counts nowhere: the other tells of it. */
  readonly counts: Readonly<Record<IncidentStatus, number>>;
  readonly services: readonly ServiceLine[];
  /** Time of the newest span, null while nothing has come. */
  readonly lastData: number | null;
  /** Spec documents, bindings and manifests that could not be read at a deployed revision. */
  readonly specProblems: readonly SpecProblemRecord[];
  readonly now: number;
}

export interface ServiceLine {
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly spans: number;
  readonly errors: number;
  readonly lastData: number;
}

/** The commit blamed for an incident: the first suspect, unless the ranking abstained. */
export interface Blamed {
  readonly commit: string;
  readonly subject: string;
  readonly authorName: string;
  readonly authorship: AuthorshipRecord["authorship"];
  readonly agent: string;
  readonly model: string;
  /** How sure the authorship is, 0 … 1. */
  readonly confidence: number;
  /** How strongly the commit is suspected, 0 … 1. */
  readonly score: number;
}

export interface IncidentLine {
  readonly incidentId: string;
  readonly title: string;
  readonly kind: Finding["kind"];
  readonly status: IncidentStatus;
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly suspect: Blamed | null;
  /** Why no commit is named, null where one is or none was looked for yet. */
  readonly abstained: string | null;
  readonly openedAt: number;
  readonly closedAt: number | null;
  /** The incident that its error group was merged into: closed, but not solved. */
  readonly mergedInto: string | null;
  readonly occurrences: number;
  readonly cycles: number;
  readonly verifiedProposals: number;
  /** Last thing that the fixer said while it works. */
  readonly progress: string | null;
  readonly problems: number;
}

export interface IncidentDetail {
  readonly incident: Incident;
  readonly suspect: Blamed | null;
  /** Whether its commits cannot be looked for; one of its problems says why. */
  readonly blind: boolean;
  /** Oldest first; the last one is what the incident itself tells of. */
  readonly episodes: readonly EpisodeLine[];
  readonly exposure: readonly FindingExposure[];
  readonly history: readonly HistoryLine[];
}

/** One time that the incident was open, with the commit that was blamed for that time. */
export interface EpisodeLine extends Omit<Episode, "ranking"> {
  readonly suspect: Blamed | null;
  /** Why no commit is named, null where one is or none was looked for yet. */
  readonly abstained: string | null;
}

/** How often a finding occurred, of how many tries, in equal buckets of time; and the deployments of that time. */
export interface FindingExposure {
  readonly key: string;
  readonly kind: Finding["kind"];
  /** What one try is, for the label: `requests` or `evaluations`. */
  readonly trialWord: string;
  /** What the tries are limited to: the operation where there are figures of it, else the service; "" for a check. */
  readonly scope: string;
  readonly failureWord: string;
  readonly bucketMs: number;
  readonly from: number;
  readonly to: number;
  readonly points: readonly { readonly at: number; readonly trials: number; readonly failures: number }[];
  readonly deployments: readonly DeploymentRef[];
  readonly occurrences: number;
}

export interface HistoryLine {
  readonly at: number;
  readonly actor: string;
  readonly kind: string;
  readonly says: string;
}

/** A group that another can be merged with, and its open incident. */
export interface MergeTarget {
  readonly groupId: string;
  readonly title: string;
  /** "" where only the group is known. */
  readonly service: string;
  readonly environment: string;
  readonly incidentId: string | null;
}

export interface MergeTargets {
  readonly targets: readonly MergeTarget[];
  /** How many there are beyond those given. */
  readonly more: number;
}

export interface TraceView {
  readonly traceId: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly spans: readonly SpanLine[];
  /** Spans that the trace has beyond those given. */
  readonly omitted: number;
}

/** A span that a search for an attribute found. */
export interface FoundSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly name: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly status: "unset" | "ok" | "error";
}

export interface SpanLine {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly service: string;
  readonly revision: string;
  readonly name: string;
  readonly kind: string;
  /** Milliseconds after the start of the trace. */
  readonly offsetMs: number;
  readonly durationMs: number;
  readonly status: "unset" | "ok" | "error";
  readonly statusMessage: string;
  /** Integers beyond 2^53 come as text. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly offsetMs: number; readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[];
}

export interface DeploymentLine extends DeploymentRef {
  readonly lastSeen: number | null;
  readonly spans: number;
  readonly errors: number;
  readonly incidents: readonly IncidentRef[];
  /** Incidents whose fix this deployment claims to carry. */
  readonly cycles: readonly (IncidentRef & { readonly cycle: number; readonly verdict: CycleVerdict })[];
}

export interface IncidentRef {
  readonly incidentId: string;
  readonly title: string;
  readonly status: IncidentStatus;
}

export interface CycleLine extends Omit<Cycle, "test"> {
  readonly incident: IncidentRef;
  readonly test: SprtRecord | null;
}

/** What a report can be narrowed to. */
export interface ReportChoices {
  readonly repositories: readonly string[];
  readonly services: readonly string[];
  readonly environments: readonly string[];
}

/** One commit with what is known of it. */
export interface ChangeDetail {
  readonly change: ChangeRow;
  /** What says who wrote it, strongest first. */
  readonly evidence: AuthorshipRecord["evidence"];
  /** Its added lines by author. */
  readonly lines: readonly { readonly authorship: string; readonly agent: string; readonly model: string; readonly count: number }[];
  readonly paths: readonly string[];
  /** Unified diff, and its lines that an assistant wrote, where an incident suspects it; else "" and none. */
  readonly diff: string;
  readonly assistantLines: Readonly<Record<string, readonly number[]>>;
}

export interface ApprovalRequest {
  readonly by: string;
}

/** One message of /api/events. */
export interface StateChanged {
  readonly lastEntryId: string;
}
