import type { Span } from "@firstfix/otlp";

/** A requirement as it is written in a spec document of a repository. */
export interface Requirement {
  /** Stable: hash of source id, file and normalised text. */
  readonly key: string;
  readonly format: "kiro";
  /** Id in the document, such as "1.2" (positional in Kiro: it shifts on edits). */
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly ears: Ears | null;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** Git blob id of the file it was read from. */
  readonly blob: string;
  /** Paths named by tasks that cite this requirement, for suspicion. */
  readonly files: readonly string[];
}

export interface Ears {
  readonly pattern: "ubiquitous" | "event" | "state" | "unwanted" | "optional" | "complex";
  readonly trigger: string;
  readonly system: string;
  readonly response: string;
}

/** Something in a spec or binding that could not be read. The rest still works. */
export interface SpecProblem {
  readonly file: string;
  /** 1-based; 0 where the whole file is meant. */
  readonly line: number;
  readonly message: string;
  readonly hint: string;
}

/** A binding made executable: a requirement tied to a check over spans. */
export interface Check {
  /** Stable: requirement key and the check's own text. */
  readonly key: string;
  readonly name: string;
  readonly requirement: Requirement;
  readonly service: string;
  readonly file: string;
  readonly line: number;
  readonly form: InvariantForm | EventuallyForm;
}

/** For every span where `when` holds, `require` must hold. CEL over one span. */
export interface InvariantForm {
  readonly kind: "invariant";
  readonly when: string;
  readonly require: string;
}

/**
 * For every span where `when` holds there must be a span where `eventually` holds, that starts no earlier and at the
 * latest `withinMs` after it ends: in the same trace, or (`key` given) anywhere with an equal key.
 */
export interface EventuallyForm {
  readonly kind: "eventually";
  readonly when: string;
  readonly eventually: string;
  readonly withinMs: number;
  /** CEL whose value joins the two spans; null joins by trace. */
  readonly key: string | null;
}

export type VerdictKind = "satisfied" | "violated" | "pending" | "vacuous" | "inconclusive";

/** A check's judgement of one witnessing span (or of nothing: vacuous). */
export interface Verdict {
  readonly kind: VerdictKind;
  readonly checkKey: string;
  readonly witness: Span | null;
  /** The key's value for `eventually` with a key, else the trace id. */
  readonly subject: string;
  /** What was seen, for a person: `shop.order.total = -20`. */
  readonly detail: string;
}

/** Everything that a repository's spec documents say at one revision. */
export interface SpecSet {
  readonly requirements: readonly Requirement[];
  readonly checks: readonly Check[];
  readonly problems: readonly SpecProblem[];
}

/** A file of the repository, read at a revision. */
export interface SpecFile {
  readonly path: string;
  readonly blob: string;
  readonly text: string;
}
