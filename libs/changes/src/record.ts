import { FirstfixError, messageOf } from "@firstfix/kit";
import { attributeChanges, shallowCommits, shallowError, type ChangeAuthors, type Repository } from "@firstfix/provenance";
import { insertRows, literal, select, type Store } from "@firstfix/store";
import { CHANGE_BOUNDS } from "./bounds.ts";
import { readChanges, type FileChange } from "./git/diffs.ts";
import { readNoteBlobs } from "./git/history.ts";
import { changeRow } from "./row.ts";
import { openRules, type Rules } from "./rules.ts";

export interface RecordOptions {
  /** Revision whose CODEOWNERS and `.gitattributes` hold; the first of the commits otherwise. */
  readonly rules?: string;
  /** Also those that are recorded already. */
  readonly again?: boolean;
  /** After each slice: how many of the missing ones were looked at. */
  readonly tell?: (done: number, total: number) => void;
  /** Commits that could not be read; the others are recorded. */
  readonly problem?: (commit: string, says: string) => void;
  readonly signal?: AbortSignal;
  /** Slices worked at a time. */
  readonly parallel?: number;
}

/**
 * Writes a row of `changes` for each of these commits (full ids) that has none, or whose git-ai note is another one than
 * was read then. Durable slice by slice: stopped at any moment and called again, it goes on with what is missing; called
 * twice, nothing changes. Returns how many it wrote. Throws repository.* and store.unavailable.
 */
export async function recordChanges(store: Store, repository: Repository, address: string, commits: readonly string[], options: RecordOptions = {}): Promise<number> {
  const first = commits[0];
  if (first === undefined) return 0;
  const notes = await readNoteBlobs(repository.location);
  const missing = options.again === true ? [...new Set(commits)] : await missingChanges(store, address, commits, notes);
  options.tell?.(0, missing.length);
  if (missing.length === 0) return 0;
  // Where a clone was cut off, a commit seems to add all that there is.
  const cut = await shallowCommits(repository.location);
  if (missing.some((commit) => cut.has(commit))) throw shallowError(repository.location, `The clone at ${repository.path} is shallow: what its oldest commits changed cannot be told.`);
  const rules = await openRules(repository, options.rules ?? first);
  const slices = Array.from({ length: Math.ceil(missing.length / CHANGE_BOUNDS.sliceCommits) }, (_, index) => missing.slice(index * CHANGE_BOUNDS.sliceCommits, (index + 1) * CHANGE_BOUNDS.sliceCommits));
  let written = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (let slice = slices.shift(); slice !== undefined; slice = slices.shift()) {
      options.signal?.throwIfAborted();
      const rows = await readSlice({ repository, address, notes, rules, options }, slice);
      await insertRows(store.background, "changes", rows);
      written += rows.length;
      done += slice.length;
      options.tell?.(done, missing.length);
    }
  };
  try {
    await allOf(Array.from({ length: options.parallel ?? 1 }, work));
    return written;
  } finally {
    await rules.close();
  }
}

/** Those of the commits that have no row, or one that another note was read for. */
async function missingChanges(store: Store, address: string, commits: readonly string[], notes: ReadonlyMap<string, string>): Promise<string[]> {
  // Few are asked for by name; for a whole history all that there are cost less than naming them.
  const named = commits.length <= NAMED_MAX ? ` AND commit IN ${literal(commits)}` : "";
  const rows = await select<{ commit: string; note: string }>(store.background, `SELECT commit, note FROM changes FINAL WHERE repository = ${literal(address)}${named}`);
  const known = new Map(rows.map(({ commit, note }) => [commit, note]));
  return [...new Set(commits)].filter((commit) => known.get(commit) !== (notes.get(commit) ?? ""));
}

const NAMED_MAX = 1_000;

interface Slice {
  readonly repository: Repository;
  readonly address: string;
  readonly notes: ReadonlyMap<string, string>;
  readonly rules: Rules;
  readonly options: RecordOptions;
}

/** A commit that cannot be read must not keep the others: the slice is halved until it stands alone, and is told. */
async function readSlice(slice: Slice, ids: readonly string[]): Promise<object[]> {
  try {
    return await readRows(slice, ids);
  } catch (error) {
    slice.options.signal?.throwIfAborted();
    if (!(error instanceof FirstfixError) || error.code !== "repository.failed") throw error;
    if (ids.length === 1) {
      slice.options.problem?.(ids[0] ?? "", messageOf(error));
      return [];
    }
    const half = Math.ceil(ids.length / 2);
    return [...(await readSlice(slice, ids.slice(0, half))), ...(await readSlice(slice, ids.slice(half)))];
  }
}

async function readRows({ repository, address, notes, rules, options: { signal } }: Slice, ids: readonly string[]): Promise<object[]> {
  const changes: ChangeAuthors[] = [];
  await attributeChanges(repository, ids, (change) => void changes.push(change), signal === undefined ? {} : { signal });
  if (changes.length < ids.length && ids.length > 1) throw new FirstfixError("repository.failed", "Some commits cannot be read.");
  if (changes.length < ids.length) throw new FirstfixError("repository.failed", "The commit cannot be read.");
  // Of a merge nothing: what it merged is counted where it was written.
  const files = new Map<string, readonly FileChange[]>();
  await readChanges(repository.location, changes.filter(({ commit }) => commit.parents.length < 2).map(({ commit }) => commit.id), { lines: true, signal }, (commit, changed) => files.set(commit, changed));
  const written = await rules.written([...new Set([...files.values()].flatMap((all) => all.map((file) => file.path)))]);
  const version = Date.now();
  return changes.map((authors) => changeRow({ address, authors, files: files.get(authors.commit.id) ?? [], owners: rules.owners, written, note: notes.get(authors.commit.id) ?? "", version }));
}

/** Waits for all, also when one fails: what still runs must not outlive the call. */
export async function allOf<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(work);
  return ended.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}
