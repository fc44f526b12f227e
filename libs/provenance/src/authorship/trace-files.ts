import { BOUNDS } from "../limits.ts";
import type { Location } from "../git/locate.ts";
import { findRef } from "../git/revisions.ts";
import type { AuthorshipEvidence, Commit } from "../types.ts";
import { NO_ADDITIONS, type Additions } from "./additions.ts";
import { parseAgentTraces, type TracedLines } from "./agent-trace.ts";
import { refused } from "./ledger.ts";
import { takenByOthers } from "./trace-children.ts";
import { readTexts, type Text } from "./texts.ts";

export const TRACES_FILE = ".agent-trace/traces.jsonl";
const REVISION = /"revision"\s*:\s*"([0-9a-f]{40,64})"/g;
/** A record names one; a row that names many would be read once for each of their commits. */
const REVISIONS_MAX = 4;

/**
 * The records of Agent Trace about commits. Records are often committed later than the lines they are about, so the file
 * is read as it stands at HEAD and, where that says nothing about a commit that changes the file, at the commit.
 */
export class TraceFiles {
  readonly #at: Location;
  readonly #headId: string | null;
  readonly #head: ReadonlyMap<string, readonly string[]>;
  readonly #refused: readonly AuthorshipEvidence[];
  /** Rows of the file that was looked at last: as long as nobody writes traces, commit after commit has the same one. */
  #last: { readonly id: string; readonly rows: ReadonlyMap<string, readonly string[]> } = { id: "", rows: new Map() };

  private constructor(at: Location, headId: string | null, head: Text | null) {
    this.#at = at;
    this.#headId = headId;
    this.#head = head !== null && "text" in head ? byRevision(head.text) : new Map();
    this.#refused = head !== null && "refused" in head ? [refused("agent-trace", `${TRACES_FILE} at HEAD: ${head.refused}`)] : [];
  }

  static async open(at: Location): Promise<TraceFiles> {
    const head = await findRef(at, "HEAD");
    return new TraceFiles(at, head, head === null ? null : ((await readTexts(at, [`${head}:${TRACES_FILE}`], BOUNDS.fileBytes, "the file"))[0] ?? null));
  }

  async of(commits: readonly Commit[], additions: ReadonlyMap<string, Additions>): Promise<readonly Traced[]> {
    const missing = commits.filter((commit) => this.#rows(this.#head, commit).length === 0 && additions.get(commit.id)?.files.has(TRACES_FILE) === true);
    const texts = await readTexts(this.#at, missing.map(({ id }) => `${id}:${TRACES_FILE}`), BOUNDS.fileBytes, TRACES_FILE);
    const own = new Map(missing.map(({ id }, index) => [id, texts[index] ?? null]));
    const found = commits.map((commit) => {
      const text = own.get(commit.id) ?? null;
      if (text !== null && "refused" in text) return { lines: [], refused: [refused("agent-trace", text.refused)] };
      if (text !== null && text.id !== this.#last.id) this.#last = { id: text.id, rows: byRevision(text.text) };
      const rows = this.#rows(text === null ? this.#head : this.#last.rows, commit);
      return { lines: parseAgentTraces(rows.join("\n"), [commit.id, ...commit.parents]).lines, refused: this.#refused };
    });
    const named = commits.map((commit, index) => ({ commit, added: additions.get(commit.id) ?? NO_ADDITIONS, lines: found[index]?.lines ?? [] }));
    const taken = this.#headId === null ? new Map<TracedLines, string>() : await takenByOthers(this.#at, this.#headId, named);
    return found.map((one) => ({ ...one, taken }));
  }

  #rows(rows: ReadonlyMap<string, readonly string[]>, { id, parents }: Commit): readonly string[] {
    return [...new Set([id, ...parents.slice(0, 2)].flatMap((revision) => rows.get(revision) ?? []))];
  }
}

/** What the records say of one commit. */
export interface Traced {
  readonly lines: readonly TracedLines[];
  /** Of them those that a child of the named commit fits as well. */
  readonly taken: ReadonlyMap<TracedLines, string>;
  readonly refused: readonly AuthorshipEvidence[];
}

/** Rows by each revision that they name. */
function byRevision(text: string): ReadonlyMap<string, readonly string[]> {
  const rows = new Map<string, string[]>();
  for (const row of text.split("\n")) {
    let named = 0;
    for (const [, revision = ""] of row.matchAll(REVISION)) {
      if (++named > REVISIONS_MAX) break;
      const known = rows.get(revision);
      if (known === undefined) rows.set(revision, [row]);
      else if (known.at(-1) !== row) known.push(row);
    }
  }
  return rows;
}
