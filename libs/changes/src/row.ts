import { conflicts, type AuthorshipEvidence, type ChangeAuthors, type Owners } from "@firstfix/provenance";
import { AuthorCounts, authorOf, channelOf, plain, type Author } from "./authors.ts";
import { CHANGE_BOUNDS } from "./bounds.ts";
import type { FileChange } from "./git/diffs.ts";

export interface ChangeFacts {
  readonly address: string;
  readonly authors: ChangeAuthors;
  readonly files: readonly FileChange[];
  readonly owners: Owners;
  /** Paths whose lines count. */
  readonly written: ReadonlySet<string>;
  readonly note: string;
  readonly version: number;
}

/** Years 1970 … 2299 are what the table can hold; a commit may name any. */
const TIME_MAX = Date.UTC(2299, 0, 1);
const COUNT_MAX = 0xffff_ffff;

/** The row of one commit in `changes`. */
export function changeRow({ address, authors, files, owners, written, note, version }: ChangeFacts): object {
  const { commit, attribution } = authors;
  const counted = files.filter((file) => file.regular && written.has(file.path));
  const lines = linesByAuthor(counted, authors);
  return {
    repository: address,
    commit: commit.id,
    parents: commit.parents,
    authored_at: timeOf(commit.authoredAt),
    committed_at: timeOf(commit.committedAt),
    author_name: plain(commit.authorName),
    subject: plain(commit.subject),
    merge: commit.parents.length > 1,
    ...authorOf(attribution),
    channel: channelOf(attribution),
    confidence: attribution.confidence,
    conflict: conflicts(attribution).length > 0,
    evidence: evidenceText(attribution.evidence),
    files: Math.min(COUNT_MAX, files.length),
    lines_added: total(lines.map((one) => one.count)),
    lines_deleted: total(counted.map((file) => file.deleted)),
    lines,
    paths: files.slice(0, CHANGE_BOUNDS.paths).map((file) => file.path),
    teams: teamsOf(owners, files.map((file) => file.path)),
    note,
    version,
  };
}

export function teamsOf(owners: Owners, paths: Iterable<string>): string[] {
  const teams = new Set<string>();
  for (const path of paths) {
    for (const team of owners.of(path)) teams.add(plain(team));
    if (teams.size >= CHANGE_BOUNDS.teams) break;
  }
  return [...teams].slice(0, CHANGE_BOUNDS.teams).sort();
}

export function timeOf(ms: number): Date {
  return new Date(Number.isFinite(ms) ? Math.min(TIME_MAX, Math.max(0, ms)) : 0);
}

function linesByAuthor(files: readonly FileChange[], { added, attribution }: ChangeAuthors): (Author & { readonly count: number })[] {
  const counts = new AuthorCounts();
  for (const file of files) {
    const known = added.get(file.path) ?? [];
    for (const { count, ...author } of known) counts.add(authorOf(author), count);
    // Beyond the bound of files that are looked into, a commit's lines are those of its author.
    if (known.length === 0 && file.added > 0) counts.add(authorOf(attribution), file.added);
  }
  return counts.rows(CHANGE_BOUNDS.authors).map((one) => ({ ...one, count: Math.min(COUNT_MAX, one.count) }));
}

/** Whole entries only, as many as fit: what is read back must be JSON. */
function evidenceText(evidence: readonly AuthorshipEvidence[]): string {
  const kept: AuthorshipEvidence[] = [];
  let size = 2;
  for (const one of evidence.slice(0, CHANGE_BOUNDS.evidence)) {
    const entry = { ...one, agent: plain(one.agent), model: plain(one.model), raw: plain(one.raw) };
    size += JSON.stringify(entry).length + 1;
    if (size > CHANGE_BOUNDS.evidenceChars) break;
    kept.push(entry);
  }
  return JSON.stringify(kept);
}

function total(counts: readonly number[]): number {
  return Math.min(COUNT_MAX, counts.reduce((sum, count) => sum + count, 0));
}
