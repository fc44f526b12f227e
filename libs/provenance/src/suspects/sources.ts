import { readBlobs } from "../git/blobs.ts";
import type { Location } from "../git/locate.ts";
import { runGit } from "../git/run.ts";
import { isRegular, readTree } from "../git/tree.ts";
import { BOUNDS } from "../limits.ts";
import { codeLines, isAside, isSource } from "./code.ts";
import { findFunctions, type FunctionRange } from "./functions.ts";

const COMMENT = /^\s*(?:\/\/|\/?\*|#|--|<!--)/;

/** A source file at the bad revision. */
export interface Source {
  readonly path: string;
  readonly lines: readonly string[];
  /** The same lines without comments. */
  readonly code: readonly string[];
  readonly functions: readonly FunctionRange[];
}

/** Source files of a revision, those named first before all others, up to a bound. */
export async function readSources(at: Location, commit: string, first: ReadonlySet<string>): Promise<ReadonlyMap<string, Source>> {
  const folders = new Set([...first].map((path) => path.split("/").slice(0, -1).join("/")));
  const rank = (path: string): number => (first.has(path) ? 0 : folders.has(path.split("/").slice(0, -1).join("/")) ? 1 : 2);
  const entries = (await readTree(at, commit, { recursive: true }))
    .filter((entry) => isRegular(entry) && isSource(entry.path) && entry.size <= BOUNDS.graphFileBytes && !entry.path.includes("node_modules/"))
    .sort((a, b) => rank(a.path) - rank(b.path) || a.path.length - b.path.length)
    .slice(0, BOUNDS.graphFiles);
  const sources = new Map<string, Source>();
  await readBlobs(at, entries.map((entry) => entry.id), (index, content) => {
    const path = entries[index]?.path ?? "";
    const lines = content.toString("utf8").split("\n");
    sources.set(path, { path, lines, code: codeLines(lines, path), functions: findFunctions(lines) });
  });
  return sources;
}

/** Where a text stands in the code of a revision, tests and documents aside. */
export async function findLiteral(at: Location, commit: string, literal: string): Promise<readonly { readonly path: string; readonly line: number }[]> {
  const { stdout } = await runGit({ args: ["grep", "-z", "-n", "-I", "--full-name", "--no-color", "--no-textconv", "-F", "-e", literal, commit], env: at.read, exits: [1], bytesMax: 256 * 1024, truncate: true });
  const found: { path: string; line: number }[] = [];
  for (const row of stdout.toString("utf8").split("\n")) {
    const [name = "", line = "", text = ""] = row.split("\0");
    const path = name.slice(commit.length + 1);
    if (/^\d+$/.test(line) && !isAside(path) && !COMMENT.test(text)) found.push({ path, line: Number(line) });
  }
  return found;
}
