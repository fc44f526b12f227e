/**
 * Plain shapes of what the journal says. They are written as JSON, so they hold no bigint and no undefined; they repeat
 * (and do not import) the shapes of libs/provenance and libs/spec where they keep a copy for the record.
 */

export interface DeploymentRef {
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly repository: string;
  /** Milliseconds since the epoch. */
  readonly firstSeen: number;
}

/** What went wrong: an error group or a violated requirement. `key` is the group id or the check key. */
export interface Finding {
  readonly kind: "error" | "violation";
  readonly key: string;
  /** A line for a person: `TypeError: cannot read …` or the requirement's text. */
  readonly title: string;
  /** A span that shows it. */
  readonly witness: Witness;
  readonly count: number;
  readonly firstSeen: number;
  readonly error?: ErrorDetail;
  readonly violation?: ViolationDetail;
}

export interface Witness {
  readonly traceId: string;
  readonly spanId: string;
  readonly operation: string;
  readonly time: number;
}

export interface ErrorDetail {
  readonly type: string;
  readonly message: string;
  readonly stacktrace: string;
  readonly frames: readonly StackFrame[];
}

export interface StackFrame {
  readonly function: string;
  /** As the stack says. */
  readonly file: string;
  /** Path in the repository, "" where it could not be mapped. */
  readonly path: string;
  /** 1-based; 0 unknown. */
  readonly line: number;
  readonly column: number;
  readonly inApp: boolean;
}

export interface ViolationDetail {
  readonly checkName: string;
  readonly requirementId: string;
  readonly requirementTitle: string;
  readonly requirementText: string;
  readonly file: string;
  readonly line: number;
  readonly specBlob: string;
  /** The check's CEL, one line per clause: `when: …`. */
  readonly check: readonly string[];
  readonly detail: string;
}

export interface AuthorshipRecord {
  readonly authorship: "ai" | "human" | "mixed" | "unknown";
  readonly agent: string;
  readonly model: string;
  readonly confidence: number;
  readonly evidence: readonly {
    readonly channel: string;
    readonly agent: string;
    readonly role: string;
    readonly confidence: number;
    readonly raw: string;
    readonly lines?: { readonly path: string; readonly from: number; readonly to: number };
  }[];
}

export interface SuspectRecord {
  readonly commit: string;
  readonly subject: string;
  readonly authorName: string;
  readonly authoredAt: number;
  /** Absent in rankings of before it was kept; reports then take the author's. */
  readonly committedAt?: number;
  readonly score: number;
  readonly parts: readonly { readonly kind: string; readonly score: number; readonly says: string; readonly places: readonly { readonly path: string; readonly line: number }[] }[];
  readonly attribution: AuthorshipRecord;
  /** Unified diff of the commit (bounded), and per path the new-side line numbers that an assistant wrote. */
  readonly diff: string;
  readonly assistantLines: Readonly<Record<string, readonly number[]>>;
}

export interface SuspectsRecord {
  readonly good: string | null;
  readonly bad: string;
  readonly candidates: number;
  readonly abstained: string | null;
  /** How likely the first one is the guilty one, 0 … 1; absent in rankings of before it was calibrated. */
  readonly confidence?: number;
  readonly suspects: readonly SuspectRecord[];
}

/** Steps of verification, in the order of the gate. */
export const VERIFICATION_STEPS = ["applies", "parses", "reproduction", "tests", "requirement", "other-checks", "variations"] as const;
export type VerificationStepName = (typeof VERIFICATION_STEPS)[number];

export interface VerificationStep {
  readonly step: VerificationStepName;
  readonly status: "passed" | "failed" | "skipped";
  /** What ran, what came out (bounded), and for `skipped` why. */
  readonly says: string;
  readonly output: string;
  readonly ms: number;
}

export interface ReproductionRecord {
  readonly status: "reproduced" | "not-reproduced" | "impossible";
  readonly revision: string;
  /** How: `replay` of a captured request. */
  readonly method: string;
  readonly says: string;
  readonly request: { readonly method: string; readonly target: string; readonly body: string | null } | null;
  readonly output: string;
  /** The reproduction as a test in the repository's style, with its path; null where none could be written. */
  readonly test: { readonly path: string; readonly text: string } | null;
  readonly sandbox: "bubblewrap" | "none";
}

export interface ProposalRecord {
  readonly proposalId: string;
  /** `revert` rolls (part of) the change back; `template` and `model` fix forward. */
  readonly generator: "revert" | "template" | "model";
  readonly title: string;
  readonly explanation: string;
  readonly base: string;
  readonly diff: string;
  readonly files: readonly string[];
  readonly steps: readonly VerificationStep[];
  /** True only if every step that ran passed and reproduction and requirement or tests did run. */
  readonly verified: boolean;
}

export type CycleVerdict = "held" | "failed" | "pending";

/** State of the sequential test. Failures are errors of the group, or violations; trials are entries or evaluations. */
export interface SprtRecord {
  readonly trials: number;
  readonly failures: number;
  readonly rateBefore: number;
  readonly rateHeld: number;
  readonly logRatio: number;
  readonly logAccept: number;
  readonly logReject: number;
  readonly alpha: number;
  readonly beta: number;
}

/** Something in a repository's specs, bindings or manifest that could not be read at a deployed revision. */
export interface SpecProblemRecord {
  readonly repository: string;
  readonly revision: string;
  readonly service: string;
  readonly file: string;
  /** 1-based; 0 where the whole file is meant. */
  readonly line: number;
  readonly says: string;
  readonly hint: string;
}

/** A repository that the product keeps a mirror of. */
export interface RepositoryRecord {
  /** Address as the telemetry names it, without credentials: the repository's name everywhere. */
  readonly url: string;
  /** Where it is fetched from: a path or an address without credentials. */
  readonly source: string;
  /** Branches of fixes are pushed back there. */
  readonly push: boolean;
  /** Environments judged; empty means all. */
  readonly environments: readonly string[];
  /** As in the configuration: folders that the application's code needs and the repository does not hold. */
  readonly dependencies: readonly string[];
}
