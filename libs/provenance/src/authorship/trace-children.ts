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

/**
 * A record names what was checked out while somebody edited: as a rule the parent of the commit with the lines. Where the
 * named commit has added such lines itself, or two of its children have, several fit, and one assistant would have written
 * them all. Of the ranges those that a child of the named commit fits as well as the commit that is asked about, with the child.
 */
export async function takenByOthers(at: Location, head: string, named: readonly { readonly commit: Commit; readonly added: Additions; readonly lines: readonly TracedLines[] }[]): Promise<ReadonlyMap<TracedLines, string>> {
  const taken = new Map<TracedLines, string>();
  const own = named.flatMap(({ commit, added, lines }) => {
    const fitting = lines.filter(({ revision, path, from, to }) => (revision === commit.id || revision === commit.parents[0]) && covers(added.files.get(path)?.ranges ?? [], from, to));
    return fitting.length === 0 ? [] : [{ id: commit.id, fitting }];
  });
  if (own.length === 0) return taken;
  const children = await childrenOf(at, head, new Set(own.flatMap(({ fitting }) => fitting.map(({ revision }) => revision))));
  const additions = await readAdditions(at, [...children].flatMap(([parent, ids]) => ids.map((id) => ({ id, parents: [parent] }))));
  for (const { id, fitting } of own) {
    for (const lines of fitting) {
      const child = children.get(lines.revision)?.find((one) => one !== id && covers(additions.get(one)?.files.get(lines.path)?.ranges ?? [], lines.from, lines.to));
      if (child !== undefined) taken.set(lines, child);
    }
  }
  return taken;
}

/** Commits whose first parent is one of `ids`: a merge adds nothing to its other parents. `id *( SP parent ) LF` */
async function childrenOf(at: Location, head: string, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly string[]>> {
  const children = new Map<string, string[]>();
  const lines = new Lines((bytes) => {
    const [id = "", parent = ""] = bytes.toString("latin1").split(" ", 2);
    const known = children.get(parent) ?? [];
    if (ids.has(parent) && known.length < CHILDREN_MAX) children.set(parent, [...known, id]);
  }, LINE_MAX);
  await streamGit({ at, args: ["rev-list", "--parents", `--max-count=${COMMITS_MAX}`, head, "--"], input: "", chunk: (bytes) => lines.push(bytes) });
  lines.end();
  return children;
}
