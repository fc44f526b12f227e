import { rangesOf, readFacts, restOf, type CommitFacts, type Repository } from "@firstfix/provenance";
import { authorOf, type Author } from "./authors.ts";
import { CHANGE_BOUNDS } from "./bounds.ts";
import type { BlamedRange } from "./git/blame-file.ts";

/** Who wrote a commit's lines, as little as is needed of it: most commits have no records of lines, and only `rest`. */
interface CommitAuthors {
  readonly rest: Author;
  readonly files: ReadonlyMap<string, readonly { readonly from: number; readonly to: number; readonly author: Author }[]>;
}

/** Who wrote blamed lines. A commit is looked into once, however many files hold its lines. */
export class LineAuthors {
  readonly #repository: Repository;
  #known = new Map<string, CommitAuthors>();

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** Reads what is not known yet of all these commits, with a handful of git processes. */
  async load(ranges: readonly BlamedRange[], signal: AbortSignal | undefined): Promise<void> {
    const ids = [...new Set(ranges.map((range) => range.commit))];
    // Forgotten all at once, as seldom as it happens; those at hand are kept, for they are about to be asked for.
    if (this.#known.size > CHANGE_BOUNDS.authorsKept) this.#known = new Map(ids.flatMap((id) => this.#pair(id)));
    const unknown = ids.filter((id) => !this.#known.has(id));
    await readFacts(this.#repository.location, unknown, (facts) => void this.#known.set(facts.commit.id, authorsOf(facts)), { signal });
  }

  /** Of ranges that were loaded. */
  count({ commit, originPath, originLine, count }: BlamedRange, take: (author: Author, lines: number) => void): void {
    const authors = this.#known.get(commit) ?? { rest: UNKNOWN, files: new Map() };
    const last = originLine + count - 1;
    let left = count;
    for (const { from, to, author } of authors.files.get(originPath) ?? []) {
      const lines = Math.min(last, to) - Math.max(originLine, from) + 1;
      if (lines <= 0) continue;
      take(author, lines);
      left -= lines;
    }
    // A line that its commit did not add to the file, as in a merge: what is said of the commit counts.
    if (left > 0) take(authors.rest, left);
  }

  #pair(id: string): [string, CommitAuthors][] {
    const known = this.#known.get(id);
    return known === undefined ? [] : [[id, known]];
  }
}

const UNKNOWN: Author = { authorship: "unknown", agent: "", model: "" };

function authorsOf(facts: CommitFacts): CommitAuthors {
  const rest = restOf(facts);
  const paths = new Set(facts.recorded.lines.map((one) => one.lines?.path ?? ""));
  return {
    rest: authorOf(rest),
    files: new Map([...paths].map((path) => [path, rangesOf(facts, path, rest).map(({ from, to, attribution }) => ({ from, to, author: authorOf(attribution) }))])),
  };
}
