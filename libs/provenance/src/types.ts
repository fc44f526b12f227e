/** Who wrote something, as far as the evidence goes. Unknown is not human. */
export type Authorship = "ai" | "human" | "mixed" | "unknown";
export type Role = "author" | "reviewer" | "committer";

/** Where a piece of evidence stands; strongest first. A trailer speaks of a commit, never of its lines. */
export const CHANNELS = ["git-ai-note", "agent-trace", "git-author", "trailer", "pull-request"] as const;
export type Channel = (typeof CHANNELS)[number];

/** One piece of evidence about who wrote a commit or a range of its lines. Never merged away: conflicts are shown. */
export interface AuthorshipEvidence {
  readonly channel: Channel;
  readonly authorship: Authorship;
  /** Stable name of the assistant, such as "Claude Code"; "" for people. */
  readonly agent: string;
  /** Model as it was written, "" where it was not. */
  readonly model: string;
  readonly role: Role;
  /** 0 … 1. */
  readonly confidence: number;
  /** The text that says so, as it stands in the repository (bounded). */
  readonly raw: string;
  /** Path and 1-based inclusive lines at the commit; absent when the evidence speaks of the whole commit. */
  readonly lines?: { readonly path: string; readonly from: number; readonly to: number };
}

/** The verdict over a ledger: the strongest channel wins, the evidence stays. */
export interface Attribution {
  readonly authorship: Authorship;
  readonly agent: string;
  readonly model: string;
  readonly confidence: number;
  readonly evidence: readonly AuthorshipEvidence[];
}

export interface Commit {
  readonly id: string;
  readonly parents: readonly string[];
  readonly authorName: string;
  readonly authorEmail: string;
  readonly committerName: string;
  readonly committerEmail: string;
  /** Milliseconds since the epoch. */
  readonly authoredAt: number;
  readonly committedAt: number;
  readonly subject: string;
  /** Whole message, subject included. */
  readonly message: string;
}

/** One line as git blames it at a revision. */
export interface BlamedLine {
  readonly path: string;
  /** 1-based line at the blamed revision. */
  readonly line: number;
  readonly commit: string;
  /** Path and line in that commit. */
  readonly originPath: string;
  readonly originLine: number;
  readonly text: string;
}

/** A place in the code that the finding points at, with how much it counts (1 = the innermost in-app frame). */
export interface CodePlace {
  readonly path: string;
  readonly line: number;
  readonly function: string;
  readonly weight: number;
}

/** A frame of a package's code. `file` as the process sees it, "" where the stack names none; `function` as the stack writes it. */
export interface LibraryFrame {
  readonly file: string;
  readonly function: string;
}

/** One reason for suspecting a commit. Scores of the parts add up to the suspect's score. */
export interface SuspicionPart {
  readonly kind: "line" | "near" | "file" | "symbol" | "requirement" | "only-change" | "exposure" | "spectrum";
  readonly score: number;
  /** A sentence for a person. */
  readonly says: string;
  readonly places: readonly { readonly path: string; readonly line: number }[];
}

export interface Suspect {
  readonly commit: Commit;
  /** 0 … 1. */
  readonly score: number;
  readonly parts: readonly SuspicionPart[];
  readonly attribution: Attribution;
}

/** What the ranking says, and why it says nothing where it abstains. */
export interface SuspectRanking {
  /** Commits between the last good deployment (exclusive) and the first bad one (inclusive). */
  readonly good: string | null;
  readonly bad: string;
  readonly candidates: number;
  /** Of those, how many were too many to look at; the newest, and those that wrote the lines of the places, always are. */
  readonly unread: number;
  readonly suspects: readonly Suspect[];
  /** How likely it is that suspects[0] is the guilty one, 0 … 1; 0 without suspects, and where nothing but the time ties it. */
  readonly confidence: number;
  /** Null when suspects[0] is named; otherwise why none is. */
  readonly abstained: string | null;
}
