/** One possible fix: whole new texts of files at the failing revision, and why they might help. */
export interface Candidate {
  readonly generator: "revert" | "template";
  /** Which template, or `commit` / `part` for reverts. */
  readonly kind: string;
  readonly title: string;
  readonly explanation: string;
  readonly files: ReadonlyMap<string, string>;
  /** Greater is tried earlier. */
  readonly prior: number;
}

/** A line of the failing revision that the incident implicates, and how much. */
export interface Place {
  readonly path: string;
  readonly line: number;
  readonly weight: number;
}
