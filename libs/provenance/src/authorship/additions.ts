import { SAFE } from "../git/diff.ts";
import type { Location } from "../git/locate.ts";
import { QUOTED, unquote } from "../git/paths.ts";
import { Lines, streamGit } from "../git/stream.ts";
import type { Commit } from "../types.ts";

/** 1-based, inclusive. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What a commit does to its first parent, in numbers. */
export interface Additions {
  /** In the order of the diff, also files without lines: binary ones, submodules, renames. */
  readonly files: ReadonlyMap<string, FileAdditions>;
  readonly fileCount: number;
  readonly added: number;
  readonly deleted: number;
}

export interface FileAdditions {
  /** Ascending, apart from each other; lines of the file after the change. */
  readonly ranges: readonly Range[];
  readonly added: number;
  readonly deleted: number;
}

/** Beyond them a commit's files and ranges are counted and no longer listed. */
const FILES_MAX = 50_000;
const RANGES_MAX = 200_000;
/** Of a line only its beginning matters. */
const LINE_MAX = 32 * 1024;
const MINUS = 0x2d;
const PLUS = 0x2b;

/**
 * The added lines of many commits from one git process, in the order of the commits. Only the hunks' headers are kept:
 * what a commit adds may be larger than memory. A commit that changes nothing has an empty answer.
 * `id LF *( "diff --git" … LF *header *( "@@ -" a[,n] " +" b[,m] " @@" … LF *line ) )`
 */
export async function readAdditions(at: Location, commits: readonly Pick<Commit, "id" | "parents">[]): Promise<ReadonlyMap<string, Additions>> {
  const found = new Map<string, Additions>();
  if (commits.length === 0) return found;
  const args = [...QUOTED, "diff-tree", "--stdin", "--root", "-r", "-p", "-M", "--unified=0", ...SAFE];
  const reader = new AdditionsReader(new Set(commits.map(({ id }) => id)), (id, additions) => found.set(id, additions));
  // With a parent behind it, that one alone is the commit's parent: of a merge only the first counts.
  const input = commits.map(({ id, parents }) => `${id}${parents[0] === undefined ? "" : ` ${parents[0]}`}\n`).join("");
  await streamGit({ at, args, input, chunk: (bytes) => reader.push(bytes) });
  reader.end();
  return found;
}

/** Reads the output in any pieces; holds one line at a time, as bytes: only headers are read as text, and git escapes what is no ASCII in their paths. */
export class AdditionsReader {
  readonly #ids: ReadonlySet<string>;
  readonly #take: (id: string, additions: Additions) => void;
  readonly #lines = new Lines((bytes) => this.#bytes(bytes), LINE_MAX);
  #id = "";
  #files = new Map<string, { ranges: Range[]; added: number; deleted: number }>();
  #file: { ranges: Range[]; added: number; deleted: number } | null = null;
  #path = "";
  #submodule = false;
  #counts = { files: 0, added: 0, deleted: 0, ranges: 0 };
  /** Lines of the hunk at hand that are still to come. */
  #old = 0;
  #new = 0;

  constructor(ids: ReadonlySet<string>, take: (id: string, additions: Additions) => void) {
    this.#ids = ids;
    this.#take = take;
  }

  push(chunk: Buffer): void {
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
    this.#flush();
  }

  #bytes(bytes: Buffer): void {
    // A hunk's counts say how many lines belong to it: no line of a file is taken for a header.
    if (this.#old > 0 && bytes[0] === MINUS) this.#old -= 1;
    else if (this.#new > 0 && bytes[0] === PLUS) this.#new -= 1;
    else this.#header(bytes.toString("utf8"));
  }

  #header(line: string): void {
    if (line.startsWith("@@ ")) this.#hunk(line);
    else if (line.startsWith("diff --git ")) this.#begin(line);
    else if (line.startsWith("+++ ")) this.#rename(unquote(line.slice(4).replace(/\t$/, "")), "b/");
    else if (line.startsWith("--- ") && this.#path === "") this.#rename(unquote(line.slice(4).replace(/\t$/, "")), "a/");
    else if (line.startsWith("rename to ") || line.startsWith("copy to ")) this.#name(unquote(line.slice(line.indexOf(" to ") + 4)));
    else if (/^(?:new file mode|deleted file mode|index \S+) 160000$/.test(line)) this.#submodule = true;
    else if (this.#ids.has(line)) {
      this.#flush();
      this.#id = line;
    }
  }

  #begin(line: string): void {
    this.#close();
    this.#file = { ranges: [], added: 0, deleted: 0 };
    this.#counts.files += 1;
    // Files without a hunk are named nowhere else. Both names are the same there, or `rename to` follows.
    const names = line.slice("diff --git ".length);
    const half = names.slice(0, (names.length - 1) / 2);
    const path = unquote(half);
    if (path.startsWith("a/")) this.#path = path.slice(2);
  }

  #rename(side: string, prefix: string): void {
    if (side.startsWith(prefix)) this.#name(side.slice(prefix.length));
  }

  #name(path: string): void {
    this.#path = path;
  }

  #hunk(line: string): void {
    const match = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    const file = this.#file;
    if (match === null || file === null) return;
    this.#old = Number(match[1] ?? 1);
    this.#new = Number(match[3] ?? 1);
    if (this.#submodule) return;
    file.deleted += this.#old;
    file.added += this.#new;
    if (this.#new === 0 || this.#counts.ranges >= RANGES_MAX) return;
    const from = Number(match[2]);
    const last = file.ranges.at(-1);
    if (last !== undefined && last.to + 1 === from) file.ranges[file.ranges.length - 1] = { from: last.from, to: from + this.#new - 1 };
    else {
      file.ranges.push({ from, to: from + this.#new - 1 });
      this.#counts.ranges += 1;
    }
  }

  #close(): void {
    if (this.#file !== null) {
      this.#counts.added += this.#file.added;
      this.#counts.deleted += this.#file.deleted;
      // A file that becomes a link is printed twice: as deleted and as new.
      const before = this.#files.get(this.#path);
      if (before !== undefined) {
        this.#counts.files -= 1;
        this.#files.set(this.#path, { ranges: [...before.ranges, ...this.#file.ranges], added: before.added + this.#file.added, deleted: before.deleted + this.#file.deleted });
      } else if (this.#files.size < FILES_MAX && this.#path !== "") this.#files.set(this.#path, this.#file);
    }
    this.#file = null;
    this.#path = "";
    this.#submodule = false;
    this.#old = 0;
    this.#new = 0;
  }

  #flush(): void {
    this.#close();
    if (this.#id !== "") this.#take(this.#id, { files: this.#files, fileCount: this.#counts.files, added: this.#counts.added, deleted: this.#counts.deleted });
    this.#id = "";
    this.#files = new Map();
    this.#counts = { files: 0, added: 0, deleted: 0, ranges: 0 };
  }
}

export const NO_ADDITIONS: Additions = { files: new Map(), fileCount: 0, added: 0, deleted: 0 };

/** Whether every line of the range is among the ascending ranges. */
export function covers(ranges: readonly Range[], from: number, to: number): boolean {
  const range = ranges[firstUpTo(ranges, from)];
  return range !== undefined && range.from <= from && to <= range.to;
}

/** What the range has in common with the ascending ranges. */
export function within(ranges: readonly Range[], from: number, to: number): Range[] {
  const common: Range[] = [];
  for (let index = firstUpTo(ranges, from); index < ranges.length; index += 1) {
    const range = ranges[index]!;
    if (range.from > to) break;
    common.push({ from: Math.max(from, range.from), to: Math.min(to, range.to) });
  }
  return common;
}

/** Index of the first of the ascending ranges that ends at the line or behind it. */
function firstUpTo(ranges: readonly Range[], line: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]!.to < line) low = middle + 1;
    else high = middle;
  }
  return low;
}
