import type { Episode, Incident } from "@firstfix/incident";

export type Author = "ai" | "human" | "mixed" | "unknown";

/** Who wrote something, as far as a report tells authors apart. */
export interface Writer {
  readonly authorship: Author;
  readonly agent: string;
  readonly model: string;
}

export interface Lines extends Writer {
  readonly count: number;
}

/** One commit. Merges are no changes. */
export interface ChangeFact extends Writer {
  /** Repository and commit, by which facts are joined. */
  readonly id: string;
  readonly repository: string;
  readonly committedAt: number;
  readonly linesAdded: number;
  readonly linesDeleted: number;
  /** Together they are all lines added: lines that nobody is named for are unknown. */
  readonly lines: readonly Lines[];
  readonly teams: readonly string[];
  /** Among the commits written in the period. */
  readonly written: boolean;
  /** False for a commit that was deployed or blamed while its facts were not looked up. */
  readonly known: boolean;
}

/** A change that a deployment brought. */
export interface Arrival {
  readonly id: string;
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly at: number;
  readonly bound: boolean;
}

export interface Exposure {
  readonly entries: number;
  readonly spans: number;
  readonly errors: number;
  readonly evaluated: number;
  readonly violated: number;
}

export interface DeploymentFact extends Exposure {
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly repository: string;
  readonly firstSeen: number;
  readonly brought: readonly Arrival[];
  /** An incident names it as the one that brought it. */
  readonly failed: boolean;
  /** It claimed to resolve an incident. */
  readonly rework: boolean;
  /** Null where it did not fail, or an incident of it is open. */
  readonly recoveryMs: number | null;
}

export interface Standing extends Writer {
  readonly repository: string;
  readonly teams: readonly string[];
  readonly count: number;
}

/** One time that an incident was open: one that came back has several. */
export interface IncidentFact {
  readonly incident: Incident;
  readonly episode: Episode;
  readonly service: string;
  readonly repository: string;
  /** Id of the change ranked first; null where there is none or the ranking abstained. */
  readonly blamed: string | null;
  /** Opened in the period. */
  readonly inPeriod: boolean;
}

/** Everything that the figures of a report are made of. */
export interface Facts {
  readonly changes: ReadonlyMap<string, ChangeFact>;
  /** By change, oldest first: its deployments in the queried services and environments. */
  readonly arrivals: ReadonlyMap<string, readonly Arrival[]>;
  readonly deployments: readonly DeploymentFact[];
  readonly standing: readonly Standing[];
  /** Of the same revisions: text files that are too long to be blamed, and their lines. */
  readonly leftOut: { readonly files: number; readonly lines: number };
  readonly incidents: readonly IncidentFact[];
  /** When the first deployment of the queried places was seen, in the period or before it; null where there is none. */
  readonly observedSince: number | null;
  readonly notes: readonly string[];
}
