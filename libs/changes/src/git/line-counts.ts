import { escapedPath, QUOTED, unquote, type Location } from "@firstfix/provenance";
import { gitLines } from "./stream.ts";

/** Paths that one git process is asked for. */
const PATHS_AT_ONCE = 100;
/** The tree without files, which every repository knows, by the length of its ids. */
const EMPTY_TREE = { 40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904", 64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321" } as const;
const NUMBERS = /^(\d+)\t\d+\t(.+)$/s;

/**
 * How many lines files of a revision (full id) hold, as git counts those that a commit adds: none of a binary file. A path
 * that is no text is left out.
 */
export async function countLines(at: Location, revision: string, paths: readonly string[], signal: AbortSignal | undefined): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const named = paths.filter((path) => escapedPath(path) === null);
  const empty = revision.length === 64 ? EMPTY_TREE[64] : EMPTY_TREE[40];
  for (let from = 0; from < named.length; from += PATHS_AT_ONCE) {
    const args = [...QUOTED, "diff-tree", "-r", "--no-renames", "--numstat", "--no-ext-diff", "--no-textconv", "--no-color", empty, revision, "--", ...named.slice(from, from + PATHS_AT_ONCE)];
    await gitLines({
      at, args, input: "", signal,
      line: (bytes) => {
        const numbers = NUMBERS.exec(bytes.toString("utf8"));
        if (numbers !== null) counts.set(unquote(numbers[2] ?? ""), Number(numbers[1]));
      },
    });
  }
  return counts;
}
