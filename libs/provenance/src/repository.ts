import { attributeCommit, attributeLines } from "./authorship/attribute.ts";
import { blame } from "./git/blame.ts";
import { isAncestor, readCommit, readCommitsBetween, readMergesBetween } from "./git/commits.ts";
import { readChangedFiles, readDiff, type ChangedFile } from "./git/diff.ts";
import { exportTree, type Exported } from "./git/export.ts";
import { locate, type Location } from "./git/locate.ts";
import { findCommit, readBranches, shallowCommits } from "./git/revisions.ts";
import { listFiles, readTextFile, type ListedFile } from "./git/tree.ts";
import { commitFiles, type FileCommit } from "./git/write.ts";
import type { Attribution, BlamedLine, Commit } from "./types.ts";

const CONTEXT_LINES = 3;

/**
 * A git repository, read through bounded child processes that run nothing the repository names. Revisions may be
 * abbreviated ids, branches or tags; answers name full ids. A revision that is not there throws
 * repository.revision_missing, in a shallow clone repository.shallow. Answers about a commit never change; nothing is
 * cached but ids, and nothing is held open.
 */
export class Repository {
  readonly path: string;
  readonly location: Location;

  constructor(location: Location) {
    this.path = location.path;
    this.location = location;
  }

  async hasRevision(revision: string): Promise<boolean> {
    return (await findCommit(this.location, revision)) !== null;
  }

  async isShallow(): Promise<boolean> {
    return (await shallowCommits(this.location)).size > 0;
  }

  /** Short names of all branches. */
  async branches(): Promise<readonly string[]> {
    return readBranches(this.location);
  }

  /** True also when both are the same commit. */
  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    return isAncestor(this.location, ancestor, descendant);
  }

  async commit(revision: string): Promise<Commit> {
    return readCommit(this.location, revision);
  }

  /** Merges between the two that change lines themselves, beside taking what they merge; newest first, bounded as commitsBetween. */
  async mergesBetween(good: string, bad: string): Promise<readonly Commit[]> {
    return readMergesBetween(this.location, good, bad);
  }

  /** What `bad` has and `good` has not, newest first, without merges. With no good one, the newest of `bad`'s history. */
  async commitsBetween(good: string | null, bad: string): Promise<readonly Commit[]> {
    return readCommitsBetween(this.location, good, bad);
  }

  /** Unified diff against the first parent. */
  async diff(revision: string, options: { readonly contextLines?: number } = {}): Promise<string> {
    return readDiff(this.location, revision, options.contextLines ?? CONTEXT_LINES);
  }

  async changedFiles(revision: string): Promise<readonly ChangedFile[]> {
    return readChangedFiles(this.location, revision);
  }

  /** Null where there is no text file at that path: none, a link, a submodule, or binary. */
  async readFile(revision: string, path: string): Promise<string | null> {
    return readTextFile(this.location, revision, path);
  }

  /** Regular files at or below `prefix` (a folder or a file; "" for all). */
  async listFiles(revision: string, prefix: string): Promise<readonly ListedFile[]> {
    return listFiles(this.location, revision, prefix);
  }

  async blame(revision: string, path: string, from: number, to: number): Promise<readonly BlamedLine[]> {
    return blame(this.location, revision, path, from, to);
  }

  /** Ledger and verdict of the whole commit. */
  async attributeCommit(commit: string | Commit): Promise<Attribution> {
    return attributeCommit(this.location, commit);
  }

  /** By 1-based line at the commit: who wrote each line that it added to the file. Other lines are not in the map. */
  async attributeLines(commit: string, path: string): Promise<ReadonlyMap<number, Attribution>> {
    return attributeLines(this.location, commit, path);
  }

  /** Writes the files of a revision into an empty (or new) folder; says what was left out, such as submodules. */
  async exportTree(revision: string, folder: string): Promise<Exported> {
    return exportTree(this.location, revision, folder);
  }

  /** Commits whole files on `base`, points the branch at the new commit and returns its id. */
  async commitFiles(commit: FileCommit): Promise<string> {
    return commitFiles(this.location, commit);
  }
}

/** Throws repository.missing where there is no git repository at exactly that path. */
export async function openRepository(path: string): Promise<Repository> {
  return new Repository(await locate(path));
}
