import { pathArg, QUOTED, unquote } from "@firstfix/provenance";
import type { View } from "./graph.ts";
import { gitLines } from "./stream.ts";

/** Lines of a file that one commit wrote, in its own numbers. */
export interface BlamedRange {
  readonly commit: string;
  readonly originPath: string;
  readonly originLine: number;
  readonly count: number;
}

export interface Blame {
  readonly revision: string;
  readonly path: string;
  /** A file of commits to see through. */
  readonly ignoreFile: string | null;
  readonly signal: AbortSignal | undefined;
}

const HEADER = /^([0-9a-f]{40,64}) (\d+) (\d+) (\d+)$/;

/**
 * Blame of a whole file at a revision, as `firstfix authors` blames: white space, moves and copies are seen through, and
 * so are the commits of `ignoreFile`.
 *
 * ```
 * answer = *group      group = id SP originLine SP line SP count LF *( key [ SP value ] LF ) "filename " path LF
 * ```
 */
export async function blameFile(view: View, { revision, path, ignoreFile, signal }: Blame): Promise<BlamedRange[]> {
  const ranges: BlamedRange[] = [];
  let current: { commit: string; originLine: number; count: number } | null = null;
  const ignore = ignoreFile === null ? [] : ["--ignore-revs-file", ignoreFile];
  const which = pathArg(path);
  const args = [...view.args, ...QUOTED, "blame", "--incremental", "-w", "-M", "-C", "--no-textconv", ...ignore, revision, ...which.args];
  await gitLines({
    at: view.at, args, input: "", signal, lastArg: which.lastArg,
    line: (bytes) => {
      const text = bytes.toString("utf8");
      const header = HEADER.exec(text);
      if (header !== null) current = { commit: header[1] ?? "", originLine: Number(header[2]), count: Number(header[4]) };
      else if (current !== null && text.startsWith("filename ")) {
        // The last row of each group.
        ranges.push({ ...current, originPath: unquote(text.slice("filename ".length)) });
        current = null;
      }
    },
  });
  return ranges;
}
