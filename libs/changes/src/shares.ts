import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FirstfixError, messageOf, scratchRoot } from "@firstfix/kit";
import { ignoredRevisions, isRegular, PROVENANCE_BOUNDS, readBlobs, readTree, type Repository } from "@firstfix/provenance";
import { insertRows, literal, select, type Store } from "@firstfix/store";
import { CHANGE_BOUNDS } from "./bounds.ts";
import { blameFile, type BlamedRange } from "./git/blame-file.ts";
import { withGraph } from "./git/graph.ts";
import { LineAuthors } from "./line-authors.ts";
import { AuthorCounts } from "./authors.ts";
import { allOf } from "./record.ts";
import { teamsOf, timeOf } from "./row.ts";
import { openRules, type Rules } from "./rules.ts";

export interface SharesOptions {
  readonly again?: boolean;
  readonly tell?: (done: number, total: number) => void;
  readonly problem?: (path: string, says: string) => void;
  readonly signal?: AbortSignal;
}

export interface SharesResult {
  /** Files of the revision; those blamed now; those found in the store; those that hold no written lines. */
  readonly files: number;
  readonly blamed: number;
  readonly known: number;
  readonly skipped: number;
  readonly lines: number;
  /** Of the skipped: text files that are too long to be blamed, and their lines. They stand in `left_out`. */
  readonly leftOut: { readonly files: number; readonly lines: number };
}

/**
 * Writes who wrote the lines that a revision (full id) holds: `line_shares` for every file that has none yet. Durable as
 * it goes: stopped at any moment and called again, it goes on with the files that are missing.
 */
export async function recordShares(store: Store, repository: Repository, address: string, revision: string, options: SharesOptions = {}): Promise<SharesResult> {
  const entries = (await readTree(repository.location, revision, { recursive: true })).filter(isRegular);
  const before = await authorsBefore(store, address, revision);
  const missing = entries.filter(({ path }) => options.again === true || !before.has(path));
  const rules = await openRules(repository, revision);
  const ignored = await ignoredRevisions(repository.location, revision);
  const folder = await mkdtemp(join(scratchRoot(), "shares-"));
  try {
    const ignoreFile = ignored.length === 0 ? null : join(folder, "ignored");
    if (ignoreFile !== null) await writeFile(ignoreFile, `${ignored.join("\n")}\n`);
    const written = await rules.written(missing.map(({ path }) => path));
    const candidates = missing.filter(({ path, size }) => written.has(path) && size > 0 && size <= PROVENANCE_BOUNDS.fileBytes);
    const texts = await textFiles(repository, candidates.filter(({ size }) => size <= CHANGE_BOUNDS.blameFileBytes), options.signal);
    const long = await textFiles(repository, candidates.filter(({ size }) => size > CHANGE_BOUNDS.blameFileBytes), options.signal);
    const writing = new Writing(store, { address, revision, rules, before: options.again === true ? before : new Map() });
    const known = entries.length - missing.length;
    options.tell?.(known, entries.length);
    await writing.add(missing.filter(({ path }) => !texts.has(path)).map(({ path }) => ({ path, counts: new AuthorCounts(), leftOut: long.get(path) ?? 0 })));
    let done = entries.length - texts.size;
    let lines = 0;
    const authors = new LineAuthors(repository);
    const view = await withGraph(repository.location, folder, revision, options.signal);
    const queue = [...texts.keys()];
    const work = async (): Promise<void> => {
      for (let paths = queue.splice(0, CHANGE_BOUNDS.blameFiles); paths.length > 0; paths = queue.splice(0, CHANGE_BOUNDS.blameFiles)) {
        const blamed = await allOf(paths.map((path) => blame(path)));
        await authors.load(blamed.flatMap((one) => one?.ranges ?? []), options.signal);
        const counted = blamed.flatMap((one) => {
          if (one === null) return [];
          const counts = new AuthorCounts();
          for (const range of one.ranges) {
            authors.count(range, (author, count) => counts.add(author, count));
            lines += range.count;
          }
          return [{ path: one.path, counts }];
        });
        await writing.add(counted);
        // What is not written yet is not done: the count says where to go on.
        done += paths.length;
        options.tell?.(done, entries.length);
      }
    };
    const blame = async (path: string): Promise<{ readonly path: string; readonly ranges: readonly BlamedRange[] } | null> => {
      options.signal?.throwIfAborted();
      try {
        return { path, ranges: await blameFile(view, { revision, path, ignoreFile, signal: options.signal }) };
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof FirstfixError) || error.code !== "repository.failed") throw error;
        options.problem?.(path, messageOf(error));
        return null;
      }
    };
    await allOf(Array.from({ length: PARALLEL }, work));
    return { files: entries.length, blamed: texts.size, known, skipped: missing.length - texts.size, lines, leftOut: { files: long.size, lines: [...long.values()].reduce((sum, count) => sum + count, 0) } };
  } finally {
    await rules.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Groups of files at a time: while the authors of one are looked up, the next is blamed. */
const PARALLEL = 2;
const FILES_PER_INSERT = 5_000;

/** Numbers of lines of the files whose content holds no NUL byte, by path, in order. */
async function textFiles(repository: Repository, files: readonly { readonly path: string; readonly id: string }[], signal: AbortSignal | undefined): Promise<Map<string, number>> {
  const texts = new Map<string, number>();
  await readBlobs(repository.location, files.map(({ id }) => id), (index, content) => {
    signal?.throwIfAborted();
    const path = files[index]?.path;
    if (path !== undefined && !content.includes(0)) texts.set(path, linesOf(content));
  });
  return texts;
}

function linesOf(content: Buffer): number {
  let count = content.at(-1) === 0x0a ? 0 : 1;
  for (let at = content.indexOf(0x0a); at >= 0; at = content.indexOf(0x0a, at + 1)) count += 1;
  return count;
}

/** Authors by path as the store has them: where they are found anew, one that is gone must not stay. */
async function authorsBefore(store: Store, address: string, revision: string): Promise<Map<string, Key[]>> {
  const rows = await select<Key & { path: string }>(store.background, `SELECT path, authorship, agent, model FROM line_shares FINAL WHERE repository = ${literal(address)} AND revision = ${literal(revision)}`);
  const before = new Map<string, Key[]>();
  for (const { path, authorship, agent, model } of rows) {
    const known = before.get(path);
    if (known === undefined) before.set(path, [{ authorship, agent, model }]);
    else known.push({ authorship, agent, model });
  }
  return before;
}

interface Key {
  readonly authorship: string;
  readonly agent: string;
  readonly model: string;
}

interface FileCounts {
  readonly path: string;
  readonly counts: AuthorCounts;
  readonly leftOut?: number;
}

interface WritingOptions {
  readonly address: string;
  readonly revision: string;
  readonly rules: Rules;
  readonly before: ReadonlyMap<string, readonly Key[]>;
}

/** Writes the rows of files; a file's rows go in together, because half of them would count as all. */
class Writing {
  readonly #store: Store;
  readonly #options: WritingOptions;

  constructor(store: Store, options: WritingOptions) {
    this.#store = store;
    this.#options = options;
  }

  async add(files: readonly FileCounts[]): Promise<void> {
    for (let from = 0; from < files.length; from += FILES_PER_INSERT) {
      await insertRows(this.#store.background, "line_shares", files.slice(from, from + FILES_PER_INSERT).flatMap((file) => this.#rows(file)));
    }
  }

  #rows({ path, counts, leftOut = 0 }: FileCounts): object[] {
    const { address, revision, rules, before } = this.#options;
    const found = counts.rows(CHANGE_BOUNDS.authors);
    const keys = new Set(found.map(keyOf));
    const gone = (before.get(path) ?? []).filter((one) => !keys.has(keyOf(one))).map((one) => ({ ...one, count: 0 }));
    const rows = [...found, ...gone];
    const now = Date.now();
    const row = { repository: address, revision, path, teams: teamsOf(rules.owners, [path]), at: timeOf(now), version: now };
    return (rows.length === 0 ? [{ authorship: "unknown", agent: "", model: "", count: 0 }] : rows).map(({ authorship, agent, model, count }, index) => ({ ...row, authorship, agent, model, lines: count, left_out: index === 0 ? leftOut : 0 }));
  }
}

function keyOf({ authorship, agent, model }: Key): string {
  return JSON.stringify([authorship, agent, model]);
}
