import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FirstfixError } from "@firstfix/kit";
import type { Location } from "@firstfix/provenance";
import { gitLines } from "./stream.ts";

/** How git is to look at a repository, and what it is told before the command. */
export interface View {
  readonly at: Location;
  readonly args: readonly string[];
}

/** Everywhere else git is told to read no graph, because the repository's own may lie. */
const GRAPH = ["-c", "core.commitGraph=true"] as const;

/** Writing it takes seconds for tens of thousands of commits, in which git says nothing. */
const QUIET_MS = 10 * 60_000;

/**
 * Looks at the repository through an object store of our own in `folder`, which borrows the repository's objects and
 * holds nothing but a commit graph with filters of changed paths, made here: a blame then passes over commits that do not
 * touch its file without comparing trees. Without a graph, where none can be made, blame is only slower.
 */
export async function withGraph(at: Location, folder: string, revision: string, signal: AbortSignal | undefined): Promise<View> {
  const objects = at.read["GIT_OBJECT_DIRECTORY"] ?? "";
  if (objects.includes("\n")) return { at, args: [] };
  const store = join(folder, "objects");
  await mkdir(join(store, "info"), { recursive: true });
  await writeFile(join(store, "info", "alternates"), `${objects}\n`);
  const own: Location = { ...at, read: { ...at.read, GIT_OBJECT_DIRECTORY: store } };
  try {
    await gitLines({ at: own, args: [...GRAPH, "commit-graph", "write", "--object-dir", store, "--stdin-commits", "--changed-paths", "--no-progress"], input: `${revision}\n`, line: () => {}, signal, quietMs: QUIET_MS });
    return { at: own, args: GRAPH };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof FirstfixError)) throw error;
    return { at, args: [] };
  }
}
