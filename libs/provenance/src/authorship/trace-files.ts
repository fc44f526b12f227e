import { BOUNDS } from "../limits.ts";
import type { Location } from "../git/locate.ts";
import { findRef, newestTips } from "../git/revisions.ts";
import type { AuthorshipEvidence, Commit } from "../types.ts";
import { NO_ADDITIONS, type Additions } from "./additions.ts";
import { parseAgentTraces, type TracedLines } from "./agent-trace.ts";
import { isUnread, refused } from "./ledger.ts";
import { takenByOthers } from "./trace-children.ts";
import { readTexts, type Text } from "./texts.ts";

export const TRACES_FILE = ".agent-trace/traces.jsonl";
const REVISION = /"revision"\s*:\s*"([0-9a-f]{40,64})"/g;
/** A record names one; a row that names many would be read once for each of their commits. */
const REVISIONS_MAX = 4;

/** Branches and tags at which the file is looked for, those with the newest commits. */
const TIPS_MAX = 200;
const REFUSED_SHOWN_MAX = 3;

/**
 * The records of Agent Trace about commits. Records are often committed later than the lines they are about, and on the
 * branch where they were written, so the file is read as it stands at HEAD, at the newest branches and tags and, where
 * those say nothing about a commit that changes the file, at the commit.
 */
export class TraceFiles {
  readonly #at: Location;
  readonly #tips: readonly string[];
  readonly #heads: Rows;
  readonly #refused: readonly AuthorshipEvidence[];
  /** Rows of the file that was looked at last: as long as nobody writes traces, commit after commit has the same one. */
  #last: { readonly id: string; readonly rows: Rows } = { id: "", rows: new Map() };

  private constructor(at: Location, tips: readonly string[], files: readonly Text[]) {
    this.#at = at;
    this.#tips = tips;
    this.#heads = byRevision(files.flatMap((one) => ("text" in one ? [one.text] : [])));
    this.#refused = files.flatMap((one) => ("refused" in one ? [refused("agent-trace", one.refused)] : [])).slice(0, REFUSED_SHOWN_MAX);
  }

  /** `first`: full ids of commits whose file is read before all others'. */
  static async open(at: Location, first: readonly string[] = []): Promise<TraceFiles> {
    const [head, newest] = await Promise.all([findRef(at, "HEAD"), newestTips(at, TIPS_MAX)]);
    const tips = [...new Set([...first, ...(head === null ? [] : [head]), ...newest])];
    const files = (await readTexts(at, tips.map((id) => `${id}:${TRACES_FILE}`), BOUNDS.fileBytes, TRACES_FILE)).filter((one) => one !== null);
    return new TraceFiles(at, tips, [...new Map(files.map((one) => [one.id, one])).values()]);
  }

  async of(commits: readonly Commit[], additions: ReadonlyMap<string, Additions>): Promise<readonly Traced[]> {
    const missing = commits.filter((commit) => this.#rows(this.#heads, commit).length === 0 && additions.get(commit.id)?.files.has(TRACES_FILE) === true);
    const texts = await readTexts(this.#at, missing.map(({ id }) => `${id}:${TRACES_FILE}`), BOUNDS.fileBytes, TRACES_FILE);
    const own = new Map(missing.map(({ id }, index) => [id, texts[index] ?? null]));
    const found = commits.map((commit) => {
      const text = own.get(commit.id) ?? null;
      if (text !== null && "refused" in text) return { lines: [], refused: [refused("agent-trace", text.refused)] };
      if (text !== null && text.id !== this.#last.id) this.#last = { id: text.id, rows: byRevision([text.text]) };
      const rows = this.#rows(text === null ? this.#heads : this.#last.rows, commit);
      const { lines, problems } = parseAgentTraces(rows.join("\n"), [commit.id, ...commit.parents]);
      const unread = problems.map((why) => refused("agent-trace", `${TRACES_FILE}: ${why}`)).filter(isUnread).slice(0, REFUSED_SHOWN_MAX);
      return { lines, refused: [...this.#refused, ...unread] };
    });
    const named = commits.map((commit, index) => ({ commit, added: additions.get(commit.id) ?? NO_ADDITIONS, lines: found[index]?.lines ?? [] }));
    const taken = await takenByOthers(this.#at, this.#tips, named);
    return found.map((one) => ({ ...one, taken }));
  }

  #rows(rows: Rows, { id, parents }: Commit): readonly string[] {
    return [...new Set([id, ...parents.slice(0, 2)].flatMap((revision) => [...(rows.get(revision) ?? [])]))];
  }
}

/** What the records say of one commit. */
export interface Traced {
  readonly lines: readonly TracedLines[];
  /** Of them those that a child of the named commit fits as well. */
  readonly taken: ReadonlyMap<TracedLines, string>;
  readonly refused: readonly AuthorshipEvidence[];
}

/** Rows by each revision that they name; branches have most of them in common. */
type Rows = ReadonlyMap<string, ReadonlySet<string>>;

function byRevision(texts: readonly string[]): Rows {
  const rows = new Map<string, Set<string>>();
  for (const text of texts) {
    for (const row of text.split("\n")) {
      let named = 0;
      for (const [, revision = ""] of row.matchAll(REVISION)) {
        if (++named > REVISIONS_MAX) break;
        const known = rows.get(revision);
        if (known === undefined) rows.set(revision, new Set([row]));
        else known.add(row);
      }
    }
  }
  return rows;
}
