import { isWritten } from "@firstfix/changes";
import { attributeChanges, conflicts, readOwners, type AddedLines, type Attribution, type ChangeAuthors, type Repository } from "@firstfix/provenance";
import type { FileHistory } from "../history.ts";
import type { Author, Writer } from "../facts/types.ts";

export const PULL_REQUEST_LIMITS = { commits: 500, files: 2_000, evidence: 4, rawCharacters: 160 } as const;

export interface PullRequestCommit extends Writer {
  readonly commit: string;
  readonly subject: string;
  readonly authorName: string;
  readonly confidence: number;
  /** Where the evidence that decided stands; "" where there is none. */
  readonly channel: string;
  readonly conflict: boolean;
  readonly linesAdded: number;
  readonly linesDeleted: number;
}

export interface PullRequestWriter extends Writer {
  readonly lines: number;
  readonly commits: number;
  /** `channel: text as it stands in the repository`, bounded. */
  readonly evidence: readonly string[];
}

export interface PullRequestFile {
  readonly path: string;
  readonly lines: Readonly<Record<Author, number>>;
  readonly owners: readonly string[];
  readonly incidents: FileHistory["incidents"];
}

export interface PullRequestSummary {
  readonly base: string;
  readonly head: string;
  readonly linesAdded: number;
  readonly linesDeleted: number;
  /** Lines by assistants: those that evidence names for certain, and with those of mixed and unknown authorship at most so many. */
  readonly assistants: { readonly linesMin: number; readonly linesMax: number };
  readonly commits: readonly PullRequestCommit[];
  readonly writers: readonly PullRequestWriter[];
  readonly files: readonly PullRequestFile[];
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

export interface PullRequestOptions {
  /** Incidents that blamed earlier changes of these files; absent where no Firstfix was asked. */
  readonly history?: (paths: readonly string[]) => Promise<readonly FileHistory[]>;
  readonly signal?: AbortSignal;
}

interface Gathered {
  readonly commits: PullRequestCommit[];
  readonly writers: Map<string, { writer: Writer; lines: number; commits: number; evidence: Set<string> }>;
  readonly files: Map<string, Record<Author, number>>;
  filesLeftOut: number;
}

/**
 * What `head` has and `base` has not, commit by commit: who wrote the lines that each adds, merges apart. It needs only
 * the repository. Throws as Repository does; a clone that is too shallow throws repository.shallow.
 */
export async function readPullRequest(repository: Repository, base: string, head: string, options: PullRequestOptions = {}): Promise<PullRequestSummary> {
  const all = await repository.commitsBetween(base, head);
  const gathered: Gathered = { commits: [], writers: new Map(), files: new Map(), filesLeftOut: 0 };
  await attributeChanges(repository, all.slice(0, PULL_REQUEST_LIMITS.commits).map(({ id }) => id), (change) => add(gathered, change), options.signal === undefined ? {} : { signal: options.signal });
  const owners = await readOwners(repository, base);
  const paths = [...gathered.files.keys()];
  const history = new Map((await options.history?.(paths))?.map((one) => [one.path, one.incidents]));
  const files = paths.map((path): PullRequestFile => ({ path, lines: gathered.files.get(path) ?? none(), owners: owners.of(path), incidents: history.get(path) ?? [] }));
  const sum = (key: "linesAdded" | "linesDeleted"): number => gathered.commits.reduce((total, one) => total + one[key], 0);
  const summary = {
    base,
    head,
    linesAdded: sum("linesAdded"),
    linesDeleted: sum("linesDeleted"),
    assistants: assistantsOf([...gathered.writers.values()].map(({ writer, lines }) => ({ ...writer, lines }))),
    commits: gathered.commits,
    writers: [...gathered.writers.values()].map(({ writer, evidence, ...counts }) => ({ ...writer, ...counts, evidence: [...evidence] })).sort((a, b) => b.lines - a.lines || b.commits - a.commits),
    files: files.sort((a, b) => b.incidents.length - a.incidents.length || count(b.lines) - count(a.lines) || (a.path < b.path ? -1 : 1)),
  };
  const merges = await repository.mergesBetween(base, head);
  return { ...summary, warnings: [...mergeWarnings(merges.map(({ id }) => id)), ...warningsOf(summary, owners.rules > 0)], notes: notesOf(all.length, gathered.filesLeftOut, owners.problems, options.history !== undefined) };
}

function assistantsOf(writers: readonly { readonly authorship: Author; readonly lines: number }[]): PullRequestSummary["assistants"] {
  const by = (test: (author: Author) => boolean): number => writers.reduce((sum, one) => sum + (test(one.authorship) ? one.lines : 0), 0);
  return { linesMin: by((author) => author === "ai"), linesMax: by((author) => author !== "human") };
}

function count(lines: Readonly<Record<Author, number>>): number {
  return lines.ai + lines.human + lines.mixed + lines.unknown;
}

function none(): Record<Author, number> {
  return { ai: 0, human: 0, mixed: 0, unknown: 0 };
}

function add(to: Gathered, change: ChangeAuthors): void {
  const { attribution, commit } = change;
  const { authorship, agent, model, confidence } = attribution;
  let linesAdded = 0;
  for (const [path, parts] of change.added) {
    const counted = isWritten(path) ? parts : [];
    for (const part of counted) {
      linesAdded += part.count;
      writerOf(to, part).lines += part.count;
    }
    if (path !== "") addFile(to, path, counted);
  }
  const own = writerOf(to, { authorship, agent, model });
  own.commits += 1;
  for (const { channel, raw } of attribution.evidence) if (own.evidence.size < PULL_REQUEST_LIMITS.evidence) own.evidence.add(`${channel}: ${raw.slice(0, PULL_REQUEST_LIMITS.rawCharacters)}`);
  to.commits.push({ commit: commit.id, subject: commit.subject, authorName: commit.authorName, authorship, agent, model, confidence, channel: channelOf(attribution), conflict: conflicts(attribution).length > 0, linesAdded, linesDeleted: change.deleted });
}

function writerOf(to: Gathered, { authorship, agent, model }: Writer): { lines: number; commits: number; evidence: Set<string> } {
  const key = JSON.stringify([authorship, agent, model]);
  const known = to.writers.get(key) ?? { writer: { authorship, agent, model }, lines: 0, commits: 0, evidence: new Set<string>() };
  to.writers.set(key, known);
  return known;
}

function addFile(to: Gathered, path: string, parts: readonly AddedLines[]): void {
  const known = to.files.get(path);
  if (known === undefined && to.files.size >= PULL_REQUEST_LIMITS.files) {
    to.filesLeftOut += 1;
    return;
  }
  const lines = known ?? none();
  for (const part of parts) lines[part.authorship] += part.count;
  to.files.set(path, lines);
}

function channelOf({ authorship, agent, evidence }: Attribution): string {
  return evidence.find((one) => one.role === "author" && one.authorship !== "unknown" && (agent === "" || one.agent === agent || authorship === "mixed"))?.channel ?? "";
}

function warningsOf({ commits, linesAdded, writers, files }: Pick<PullRequestSummary, "commits" | "linesAdded" | "writers" | "files">, owned: boolean): string[] {
  const unknown = writers.filter((one) => one.authorship === "unknown").reduce((sum, one) => sum + one.lines, 0);
  const conflicting = commits.filter((one) => one.conflict);
  const whole = commits.filter((one) => one.channel === "trailer");
  const broken = files.filter((one) => one.incidents.length > 0);
  const unowned = owned ? files.filter((one) => one.lines.ai > 0 && one.owners.length === 0) : [];
  return [
    ...(conflicting.length > 0 ? [`The evidence for who wrote ${conflicting.map((one) => one.commit.slice(0, 10)).slice(0, 5).join(", ")}${conflicting.length > 5 ? " and others" : ""} conflicts: the strongest decides.`] : []),
    ...(unknown > 0 ? [`Nothing says who wrote ${unknown} of ${linesAdded} lines. Unknown is not human.`] : []),
    ...(whole.length > 0 ? [`${whole.length} of ${commits.length} commits say by a trailer who wrote them: that holds for the commit, not for each of its lines.`] : []),
    ...(broken.length > 0 ? [`${broken.length} of the files were changed before by commits that incidents blame.`] : []),
    ...(unowned.length > 0 ? [`${unowned.length} files with lines of an assistant have no owner.`] : []),
  ];
}

/** Lines of a merge's own are reviewed by nobody's commit, and nothing says who wrote them. */
function mergeWarnings(merges: readonly string[]): string[] {
  if (merges.length === 0) return [];
  const named = merges.map((id) => id.slice(0, 10)).slice(0, 5).join(", ");
  return [`${merges.length === 1 ? `The merge ${named} changes` : `The merges ${named}${merges.length > 5 ? " and others" : ""} change`} lines beyond what was merged: they are in no figure here.`];
}

function notesOf(commits: number, filesLeftOut: number, problems: readonly unknown[], asked: boolean): string[] {
  return [
    "Lines are counted commit by commit, merges apart; lock, generated and vendored files are not counted.",
    ...(commits === 0 ? ["The head holds no commit that the base has not."] : []),
    ...(commits > PULL_REQUEST_LIMITS.commits ? [`Only the newest ${PULL_REQUEST_LIMITS.commits} of ${commits} commits are counted.`] : []),
    ...(filesLeftOut > 0 ? [`${filesLeftOut} more changes of files are counted and not listed.`] : []),
    ...(problems.length > 0 ? [`${problems.length} lines of the owners' file cannot be read.`] : []),
    ...(asked ? [] : ["No Firstfix was asked, so earlier incidents of these files are not known (--config)."]),
  ];
}
