import { BOUNDS } from "../limits.ts";
import type { Location } from "../git/locate.ts";
import { findRef } from "../git/revisions.ts";
import { runGit } from "../git/run.ts";
import type { Authorship, AuthorshipEvidence, Commit } from "../types.ts";

/** What the name of a branch says about who worked on it. */
export interface BranchAgent {
  readonly agent: string;
  readonly authorship: Authorship;
  readonly confidence: number;
}

/**
 * Branches that assistants open by themselves. Where the assistant's commits carry its own account, a commit of the
 * branch without it is as well a person's: mixed. Names that people have as well (`devin/…`, `claude/…` begin many
 * a person's branches) count only with what the product puts behind them.
 */
const BRANCHES: readonly (readonly [RegExp, BranchAgent])[] = [
  [/^copilot\/./, { agent: "Copilot cloud agent", authorship: "mixed", confidence: 0.35 }],
  [/^codex\/./, { agent: "Codex", authorship: "ai", confidence: 0.4 }],
  [/^cursor\/./, { agent: "Cursor", authorship: "mixed", confidence: 0.35 }],
  [/^claude\/(?:issue|pr)-\d+-\d{8}-\d{4}/, { agent: "Claude Code", authorship: "mixed", confidence: 0.4 }],
  [/^claude\/[a-z0-9-]{1,100}-(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{5,30}$/, { agent: "Claude Code", authorship: "mixed", confidence: 0.35 }],
  [/^devin\/\d{10,13}-./, { agent: "Devin", authorship: "mixed", confidence: 0.4 }],
  [/^(?:[\w.-]{1,80}-)?jules-\d{10,25}(?:-|$)|^jules-[0-9a-f-]{8,}/, { agent: "Jules", authorship: "mixed", confidence: 0.35 }],
];

/** GitHub, GitLab and git itself, and Bitbucket. */
const MERGES: readonly RegExp[] = [
  /^Merge pull request #\d{1,9} from [\w.-]{1,100}\/(\S{1,250})$/,
  /^Merge (?:remote-tracking )?branch '(?:origin\/)?([^'\s]{1,250})'(?: of \S+)?(?: into \S+)?$/,
  /^Merged in (\S{1,250}) \(pull request #\d{1,9}\)$/,
];

/** History that is looked through for merges; older commits have no such evidence. */
const COMMITS_MAX = 100_000;
const DEPTH_MAX = 50;
const TIPS_KEPT = 8;

export function branchAgent(branch: string): BranchAgent | null {
  return BRANCHES.find(([pattern]) => pattern.test(branch))?.[1] ?? null;
}

/** The branch that a merge's subject says was merged, or null. */
export function mergedBranch(subject: string): string | null {
  for (const pattern of MERGES) {
    const branch = pattern.exec(subject.slice(0, BOUNDS.rawEvidence))?.[1];
    if (branch !== undefined) return branch;
  }
  return null;
}

/** By commit: which assistant's branch brought it into the history of HEAD. Nothing for commits that came otherwise. */
export async function pullRequestEvidence(at: Location, commits: readonly Commit[]): Promise<ReadonlyMap<string, readonly AuthorshipEvidence[]>> {
  const found = new Map<string, readonly AuthorshipEvidence[]>();
  const head = await findRef(at, "HEAD");
  const brought = head === null ? null : await broughtBy(at, head);
  for (const { id, parents, subject } of commits) {
    const own = parents.length > 1 ? subject : null;
    const merge = own === null ? brought?.get(id) : own;
    const agent = merge === undefined || merge === null ? null : branchAgent(mergedBranch(merge) ?? "");
    if (merge !== undefined && merge !== null && agent !== null) found.set(id, [{ channel: "pull-request", role: "author", model: "", ...agent, raw: `Merged by: ${merge}`.slice(0, BOUNDS.rawEvidence) }]);
  }
  return found;
}

/** Histories that were looked through, by their newest commit: it names all of them for good. */
const known = new Map<string, ReadonlyMap<string, string>>();

async function broughtBy(at: Location, tip: string): Promise<ReadonlyMap<string, string>> {
  const key = `${at.gitDir}\0${tip}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  if (known.size >= TIPS_KEPT) known.clear();
  const parents = await parentsOf(at, tip);
  const subjects = await agentMerges(at, [...parents].flatMap(([id, of]) => (of.length > 1 ? [id] : [])));
  const brought = subjects.size === 0 ? new Map<string, string>() : assign(tip, parents, subjects);
  known.set(key, brought);
  return brought;
}

/** The newest commits with their parents. Bounded by what is walked, not by what is found: histories of a million commits exist. */
async function parentsOf(at: Location, tip: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const { stdout } = await runGit({ args: ["rev-list", "--parents", `--max-count=${COMMITS_MAX}`, tip], env: at.read, truncate: true });
  return new Map(stdout.toString("latin1").split("\n").filter((row) => row !== "").map((row) => {
    const [id = "", ...parents] = row.split(" ");
    return [id, parents] as const;
  }));
}

/** Subjects of the merges that name an assistant's branch. */
async function agentMerges(at: Location, merges: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (merges.length === 0) return new Map();
  const args = ["log", "-z", "--no-walk=unsorted", "--stdin", "--no-patch", "--format=tformat:%H %s", "--encoding=UTF-8", "--no-show-signature", "--no-notes", "--no-color"];
  const { stdout } = await runGit({ args, env: at.read, input: `${merges.join("\n")}\n`, truncate: true });
  const rows = stdout.toString("utf8").split("\0").map((row) => [row.slice(0, row.indexOf(" ")), row.slice(row.indexOf(" ") + 1, 1000)] as const);
  return new Map(rows.filter(([, subject]) => branchAgent(mergedBranch(subject) ?? "") !== null));
}

/**
 * Each commit belongs to the merge that first brought it: the line of first parents is walked from its oldest commit to
 * its newest, and what a merge's other parents reach and nobody has brought yet is that merge's, with its own merges
 * first. A merge that names no assistant takes over from the one around it.
 */
export function assign(tip: string, parents: ReadonlyMap<string, readonly string[]>, subjects: ReadonlyMap<string, string>): Map<string, string> {
  const seen = new Set<string>();
  const brought = new Map<string, string>();
  const bring = (start: string, by: string | undefined, depth: number): void => {
    const line: string[] = [];
    for (let id: string | undefined = start; id !== undefined && parents.has(id) && !seen.has(id); id = parents.get(id)?.[0]) {
      seen.add(id);
      line.push(id);
      if (by !== undefined) brought.set(id, by);
    }
    for (const id of line.reverse()) {
      const inner = subjects.get(id) ?? by;
      for (const other of parents.get(id)?.slice(1) ?? []) if (depth < DEPTH_MAX) bring(other, inner, depth + 1);
    }
  };
  bring(tip, undefined, 0);
  return brought;
}
