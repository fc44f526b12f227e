import type { Repository } from "@firstfix/provenance";
import { insertRows, literal, select, type Store } from "@firstfix/store";
import { CHANGE_BOUNDS } from "./bounds.ts";
import { listHistory } from "./git/history.ts";
import { recordChanges } from "./record.ts";
import { timeOf } from "./row.ts";
import { recordShares, type SharesResult } from "./shares.ts";

/** How far a part of the backfill has come; told at most once a second, and when a part begins and ends. */
export interface BackfillProgress {
  readonly what: "changes" | "lines";
  readonly done: number;
  readonly total: number;
  /** Commits or files a second, since this run began; null while nothing is done. */
  readonly perSecond: number | null;
  readonly leftMs: number | null;
}

export interface BackfillOptions {
  /** Whose history, and whose lines; HEAD otherwise. */
  readonly revision?: string;
  /** Whether to blame the revision's files as well; true by default. */
  readonly lines?: boolean;
  /** Also what is recorded already: after notes came to lines that they did not name before, or rules changed. */
  readonly again?: boolean;
  /** Only commits that were committed since then, in milliseconds since the epoch. */
  readonly sinceMs?: number;
  readonly tell?: (progress: BackfillProgress) => void;
  readonly signal?: AbortSignal;
}

export interface BackfillResult {
  readonly repository: string;
  readonly revision: string;
  /** Commits of the history; of these recorded now, and known before. */
  readonly commits: number;
  readonly recorded: number;
  readonly known: number;
  /** Recorded commits of the repository that are not in this history: of other branches, or from before it was rewritten. Null where only a part of it was asked for. */
  readonly beside: number | null;
  readonly lines: SharesResult | null;
  /** Commits and files that could not be read: the first few, and how many. */
  readonly problems: readonly { readonly at: string; readonly says: string }[];
  readonly failed: number;
  readonly durationMs: number;
}

/** Slices of commits at a time: while one waits for git, the other is judged and written. */
const PARALLEL = 2;

/**
 * Records every change of a history, newest first, and who wrote the lines that the revision holds. Goes on where it was
 * stopped, however it was: what is missing is a question to the store. Throws repository.* and store.unavailable.
 */
export async function backfill(store: Store, repository: Repository, address: string, options: BackfillOptions = {}): Promise<BackfillResult> {
  const startedAt = Date.now();
  const { id: revision } = await repository.commit(options.revision ?? "HEAD");
  const problems: { at: string; says: string }[] = [];
  let failed = 0;
  const problem = (at: string, says: string): void => {
    failed += 1;
    if (problems.length < CHANGE_BOUNDS.problems) problems.push({ at, says });
  };
  const history = await listHistory(repository, revision, options.sinceMs ?? null);
  const shared = { problem, ...(options.again === undefined ? {} : { again: options.again }), ...(options.signal === undefined ? {} : { signal: options.signal }) };
  const changes = new Progress(store, { address, revision, what: "changes" }, options.sinceMs === undefined, options.tell);
  let missing = 0;
  const recorded = await changes.during((tell) =>
    recordChanges(store, repository, address, history, { ...shared, rules: revision, parallel: PARALLEL, tell: (done, total) => {
      missing = total;
      tell(history.length - total + done, history.length);
    } }));
  const failedChanges = failed;
  const shares = new Progress(store, { address, revision, what: "lines" }, true, options.tell);
  const lines = options.lines === false ? null : await shares.during((tell) => recordShares(store, repository, address, revision, { ...shared, tell }));
  return { repository: address, revision, commits: history.length, recorded, known: history.length - missing, beside: options.sinceMs === undefined ? await countBeside(store, address, history.length - failedChanges) : null, lines, problems, failed, durationMs: Date.now() - startedAt };
}

async function countBeside(store: Store, address: string, inHistory: number): Promise<number> {
  const [row] = await select<{ commits: number | bigint }>(store.background, `SELECT count() AS commits FROM changes FINAL WHERE repository = ${literal(address)}`);
  return Math.max(0, Number(row?.commits ?? 0) - inHistory);
}

interface Part {
  readonly address: string;
  readonly revision: string;
  readonly what: "changes" | "lines";
}

/** Tells the caller each second and the store a little more rarely, and both at the end. */
class Progress {
  readonly #store: Store;
  /** Not where a run covers only the newest commits: its end is not the end of the backfill. */
  readonly #saved: boolean;
  readonly #part: Part;
  readonly #tell: (progress: BackfillProgress) => void;
  #first: { readonly done: number; readonly at: number } | null = null;
  #last: { readonly done: number; readonly total: number } | null = null;

  constructor(store: Store, part: Part, saved: boolean, tell: ((progress: BackfillProgress) => void) | undefined) {
    this.#store = store;
    this.#part = part;
    this.#saved = saved;
    this.#tell = tell ?? (() => {});
  }

  async during<T>(work: (tell: (done: number, total: number) => void) => Promise<T>): Promise<T> {
    let saved: Promise<void> = Promise.resolve();
    let ticks = 0;
    const timer = setInterval(() => {
      this.#say();
      if ((ticks += 1) % SAVE_EVERY === 0) saved = saved.then(() => this.#save()).catch(() => {}); // the row at the end is the one that counts
    }, CHANGE_BOUNDS.tellEveryMs);
    const end = async (): Promise<void> => {
      clearInterval(timer);
      await saved;
      this.#say();
      await this.#save();
    };
    try {
      const result = await work((done, total) => {
        this.#last = { done, total };
        if (this.#first !== null) return;
        this.#first = { done, at: Date.now() };
        this.#say();
      });
      await end();
      return result;
    } catch (error) {
      await end().catch(() => {}); // why the work failed is what the caller must hear
      throw error;
    }
  }

  #say(): void {
    if (this.#last === null || this.#first === null) return;
    const { done, total } = this.#last;
    const seconds = (Date.now() - this.#first.at) / 1000;
    const rate = done > this.#first.done && seconds > 0 ? (done - this.#first.done) / seconds : null;
    this.#tell({ what: this.#part.what, done, total, perSecond: rate === null ? null : Math.round(rate * 10) / 10, leftMs: rate === null ? null : Math.round(((total - done) / rate) * 1000) });
  }

  async #save(): Promise<void> {
    if (this.#last === null || !this.#saved) return;
    const now = Date.now();
    const { address, ...key } = this.#part;
    await insertRows(this.#store.background, "backfills", [{ repository: address, ...key, ...this.#last, at: timeOf(now), version: now }]);
  }
}

const SAVE_EVERY = 5;
