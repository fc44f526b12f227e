/** What the rows of a report are about. */
export const DIMENSIONS = ["assistant", "model", "repository", "service", "team", "authorship", "bound"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Which part of the data a report is about. Absent means all. Times are milliseconds since the epoch. */
export interface ReportQuery {
  readonly by: Dimension;
  readonly since?: number;
  readonly until?: number;
  readonly repository?: string;
  readonly service?: string;
  readonly environment?: string;
}

/** What a figure counts. The same for every row of a report; shown as heading, help text and legend. */
export interface Measure {
  readonly key: string;
  readonly title: string;
  /** One sentence that says what is counted. */
  readonly definition: string;
  /** One sentence that says out of what. */
  readonly denominator: string;
  readonly unit: "share" | "count" | "milliseconds" | "per-thousand" | "lines";
  /** Whether more is better; null where neither is. */
  readonly better: "more" | "less" | null;
  /** A published figure to stand beside it, with where it comes from. In the unit of the measure. */
  readonly reference?: { readonly value: number; readonly label: string; readonly source: string };
  /** Of rows that are authors it is all or nothing: only the total says something. */
  readonly totalOnly?: true;
}

/** One number with what it stands on. */
export interface Figure {
  /** Null where the denominator is 0. */
  readonly value: number | null;
  /** What was counted, where the figure is a share. */
  readonly numerator: number | null;
  readonly denominator: number;
  /** 95% interval, in the unit of the value; null where none can be given. */
  readonly interval: readonly [number, number] | null;
  /** `poisson`: of events that may come more than once per case. */
  readonly method: "wilson" | "bootstrap" | "poisson" | null;
  /** Why this is not to be compared with another row, such as a sample that is too small; null where it may be. */
  readonly warning: string | null;
}

/** Deployed changes of a size, for comparing like with like. */
export interface SizeClass {
  /** Lines added and deleted at most; null for the largest class. */
  readonly linesMax: number | null;
  readonly deployed: number;
  /** Of them, blamed by an incident. */
  readonly debugged: number;
}

export interface ReportRow {
  readonly key: string;
  readonly label: string;
  /** For rows about an author. */
  readonly authorship: "ai" | "human" | "mixed" | "unknown" | null;
  /** What makes rows comparable: how much was changed and how much it was used. */
  readonly size: {
    readonly changes: number;
    readonly deployed: number;
    readonly linesAdded: number;
    /** Lines that a commit adds and deletes, of written files. */
    readonly medianLines: number | null;
    /** Lines added and deleted by the changes that were deployed, the median and the mean: what comparisons go by. */
    readonly deployedMedian: number | null;
    readonly deployedMean: number | null;
    /** Entries (requests and messages) that revisions served while they held these changes as their newest ones. */
    readonly exposure: number;
  };
  /** The deployed changes by size, smallest first: changes without facts are in none. */
  readonly sizes: readonly SizeClass[];
  /** By key of the measure. */
  readonly figures: Readonly<Record<string, Figure>>;
}

/** A comparison of two rows that the data allows, or why it does not. */
export interface Comparison {
  readonly measure: string;
  readonly rows: readonly [string, string];
  readonly says: string;
  /** True only where chance would bring it in fewer than one of 200 comparisons, samples are large enough, and size and exposure are alike, or size was taken out by comparing within classes of it. */
  readonly different: boolean;
  /** `few`: too few cases; `unlike`: the figures are apart, and so are sizes or use, so nothing is concluded. */
  readonly outcome: "different" | "chance" | "few" | "unlike";
}

export interface Report {
  readonly query: ReportQuery;
  readonly generatedAt: number;
  readonly measures: readonly Measure[];
  readonly rows: readonly ReportRow[];
  readonly total: ReportRow;
  readonly comparisons: readonly Comparison[];
  /** Keys of the rows that were compared with each other, and how many more might be. */
  readonly compared: { readonly rows: readonly string[]; readonly left: number };
  /** What a reader must know: history not backfilled, revisions without a repository, and the like. */
  readonly notes: readonly string[];
}

/** One commit with what production says of it. */
export interface ChangeRow {
  readonly repository: string;
  readonly commit: string;
  readonly subject: string;
  readonly authorName: string;
  readonly committedAt: number;
  /** Null where its authorship was not looked up. */
  readonly authorship: "ai" | "human" | "mixed" | "unknown" | null;
  readonly agent: string;
  readonly model: string;
  readonly confidence: number;
  readonly conflict: boolean;
  readonly teams: readonly string[];
  readonly files: number;
  readonly linesAdded: number;
  readonly linesDeleted: number;
  /** Where it was deployed first; `commits` is how many that revision brought there, this one included and merges apart. */
  readonly deployments: readonly { readonly service: string; readonly environment: string; readonly revision: string; readonly deployedAt: number; readonly commits: number }[];
  /** Committed until first deployed, milliseconds; null while it was not, and where it is dated later. */
  readonly leadMs: number | null;
  /** Of the revisions that brought it, and so of every commit that came with them: no blame. `violations` are some of `evaluations`. */
  readonly exposure: { readonly entries: number; readonly spans: number; readonly errors: number; readonly evaluations: number; readonly violations: number };
  /** One that came back and blames it again stands here again, with its own opening. Newest first. */
  readonly incidents: readonly { readonly incidentId: string; readonly openedAt: number; readonly title: string; readonly status: string; readonly cycles: number | null; readonly recoveryMs: number | null }[];
  /** Redeploys that claimed to mend what it broke. */
  readonly redeploys: number;
}

export interface ChangeReport {
  readonly generatedAt: number;
  readonly measures: readonly Measure[];
  readonly rows: readonly ChangeRow[];
  /** Rows that match: those before the offset, those shown and those after them. */
  readonly matching: number;
  /** Rows of the period and the place, whatever is searched for. */
  readonly all: number;
  /** Rows that match and come after those shown. */
  readonly more: number;
  readonly notes: readonly string[];
}

/** One point of a chart over time: weeks that begin on Monday, UTC. */
export interface TrendPoint {
  readonly week: number;
  readonly linesAi: number;
  readonly linesMixed: number;
  readonly linesHuman: number;
  readonly linesUnknown: number;
  readonly commits: number;
  readonly commitsAi: number;
  readonly deployments: number;
  readonly failedDeployments: number;
}

/** How often incidents took how many cycles: beside the survey's 0 / 88 / 11. */
export interface CycleSpread {
  readonly label: string;
  readonly closed: number;
  readonly one: number;
  readonly twoOrThree: number;
  readonly fourOrMore: number;
}
