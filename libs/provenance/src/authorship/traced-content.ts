import { BOUNDS } from "../limits.ts";
import type { Location } from "../git/locate.ts";
import { isPlainPath } from "../git/tree.ts";
import type { Commit } from "../types.ts";
import type { Additions, Range } from "./additions.ts";
import type { TracedLines } from "./agent-trace.ts";
import { HASHED_BYTES_MAX, HashedLines, parseContentHash } from "./content-hash.ts";
import { findObjects, readObjects, type Found } from "../git/objects.ts";

/** How a range's content stands to the hash that its record has: a range is where the same lines stand now. */
export type Compared = "none" | "same" | "differs" | "unknown-algorithm" | "not-read" | Range;

/** Files of one commit that are read to compare the hashes, and what they may weigh together. */
const FILES_MAX = 100;
const FILES_BYTES = 16 * 1024 * 1024;

/** Compares the ranges that have a hash with the commit's files; costs two git processes, and none where no range has one. */
export async function compareContents(at: Location, commit: Commit, traces: readonly TracedLines[], added: Additions): Promise<(lines: TracedLines) => Compared> {
  const hashed = traces.filter(({ path, hash }) => hash !== "" && added.files.has(path) && parseContentHash(hash) !== null);
  const files = await readFiles(at, commit, [...new Set(hashed.map(({ path }) => path))].filter((path) => isPlainPath(path) && !path.includes("\n")).slice(0, FILES_MAX));
  return (lines) => {
    if (lines.hash === "") return "none";
    const equals = parseContentHash(lines.hash);
    if (equals === null) return "unknown-algorithm";
    const file = files.get(lines.path);
    const same = file?.same(lines, equals) ?? null;
    if (file === undefined || same === null) return "not-read";
    return same ? "same" : (file.find(lines.to - lines.from + 1, added.files.get(lines.path)?.ranges ?? [], equals) ?? "differs");
  };
}

async function readFiles(at: Location, { id }: Commit, paths: readonly string[]): Promise<ReadonlyMap<string, HashedLines>> {
  if (paths.length === 0) return new Map();
  const found = await findObjects(at, paths.map((path) => `${id}:${path}`));
  const files = new Map<string, Found>();
  let room = FILES_BYTES;
  for (const [index, one] of found.entries()) {
    if (one?.type !== "blob" || one.size > BOUNDS.fileBytes || one.size > room) continue;
    files.set(paths[index] ?? "", one);
    room -= one.size;
  }
  const contents = await readObjects(at, [...files.values()]);
  const budget = { left: HASHED_BYTES_MAX };
  return new Map([...files].map(([path, one]) => [path, new HashedLines(contents.get(one.id) ?? Buffer.alloc(0), budget)]));
}
