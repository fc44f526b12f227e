import type { Location } from "../git/locate.ts";
import { Lines, streamGit } from "../git/stream.ts";
import type { Commit } from "../types.ts";
import { covers, readAdditions, type Additions } from "./additions.ts";
import type { TracedLines } from "./agent-trace.ts";

/** Newest commits among which children are looked for, and how many of one commit. */
const COMMITS_MAX = 100_000;
const CHILDREN_MAX = 8;
/** A line of ids: a commit and its parents. */
const LINE_MAX = 64 * 1024;

/** A commit that was made on another one. */
interface Child {
  readonly id: string;
  readonly author: string;
}

/**
 * A record names what was checked out while somebody edited: as a rule the parent of the commit with the lines. Where the
 * named commit has added such lines itself, or two of its children have, several fit, and one assistant would have written
 * them all. Of the ranges those that a child of the named commit fits as well as the commit that is asked about, with the
 * child. Where the named commit itself is asked about, a child that changes the same file is enough: lines above may have
 * come in since. Of siblings, one of the same author and time is the same commit, amended, as a branch that was not pushed
 * again still has it.
 */
export async function takenByOthers(at: Location, tips: readonly string[], named: readonly { readonly commit: Commit; readonly added: Additions; readonly lines: readonly TracedLines[] }[]): Promise<ReadonlyMap<TracedLines, string>> {
  const taken = new Map<TracedLines, string>();
  const own = named.flatMap(({ commit, added, lines }) => {
    const fitting = lines.filter(({ revision, path, from, to }) => (revision === commit.id || revision === commit.parents[0]) && covers(added.files.get(path)?.ranges ?? [], from, to));
    return fitting.length === 0 ? [] : [{ id: commit.id, author: authorKey(commit.authoredAt / 1000, commit.authorEmail), fitting }];
  });
  if (own.length === 0 || tips.length === 0) return taken;
  const children = await childrenOf(at, tips, new Set(own.flatMap(({ fitting }) => fitting.map(({ revision }) => revision))));
  const additions = await readAdditions(at, [...children].flatMap(([parent, some]) => some.map(({ id }) => ({ id, parents: [parent] }))));
  for (const { id, author, fitting } of own) {
    for (const lines of fitting) {
      const fits = (one: Child): boolean => {
        const file = additions.get(one.id)?.files.get(lines.path);
        return lines.revision === id ? file !== undefined : one.author !== author && covers(file?.ranges ?? [], lines.from, lines.to);
      };
      const child = children.get(lines.revision)?.find((one) => one.id !== id && fits(one));
      if (child !== undefined) taken.set(lines, child.id);
    }
  }
  return taken;
}

/** Commits whose first parent is one of `ids`: a merge adds nothing to its other parents. `id SP seconds SP *( parent SP ) TAB e-mail LF` */
async function childrenOf(at: Location, tips: readonly string[], ids: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly Child[]>> {
  const children = new Map<string, Child[]>();
  const lines = new Lines((bytes) => {
    const line = bytes.toString("latin1");
    const [id = "", seconds = "", parent = ""] = line.split("\t", 1)[0]?.split(" ", 3) ?? [];
    const known = children.get(parent) ?? [];
    if (ids.has(parent) && known.length < CHILDREN_MAX) children.set(parent, [...known, { id, author: authorKey(Number(seconds), Buffer.from(line.slice(line.indexOf("\t") + 1), "latin1").toString("utf8")) }]);
  }, LINE_MAX);
  await streamGit({ at, args: ["rev-list", "--no-commit-header", "--format=%H %at %P%x09%ae", `--max-count=${COMMITS_MAX}`, "--stdin"], input: `${tips.join("\n")}\n`, chunk: (bytes) => lines.push(bytes) });
  lines.end();
  return children;
}

function authorKey(seconds: number, email: string): string {
  return `${seconds} ${email}`;
}
