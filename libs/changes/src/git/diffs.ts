import { QUOTED, unquote, type Location } from "@firstfix/provenance";
import { CHANGE_BOUNDS } from "../bounds.ts";
import { gitLines } from "./stream.ts";

/** A file that a commit changes. */
export interface FileChange {
  /** Path after the change; of a deleted file the one before. */
  readonly path: string;
  readonly pathBefore: string;
  /** A regular file after (of a deleted one, before) the change: neither a link nor a submodule. */
  readonly regular: boolean;
  /** Lines; 0 where they were not asked for, and for binary files. */
  added: number;
  deleted: number;
}

const COMMIT = /^[0-9a-f]{40,64}$/;
const RAW = /^:(\d{6}) (\d{6}) [0-9a-f]+ [0-9a-f]+ ([A-Z])\d*\t([^\t]+)(?:\t([^\t]+))?$/;
const NUMBERS = /^(\d+|-)\t(\d+|-)\t/;
const ARGS = [...QUOTED, "diff-tree", "--stdin", "--root", "-r", "-M", "--raw", "--no-abbrev", "--always", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=none", "--submodule=short"];

/**
 * What each commit changes against its first parent (a root commit: against nothing), from one git process; merges are
 * not to be asked for. Without `lines` git compares no contents.
 *
 * ```
 * answer  = *( id LF *( raw LF ) *( numbers LF ) )
 * raw     = ":" mode SP mode SP id SP id SP status TAB path [ TAB path ]     a path that is not all ASCII is quoted
 * numbers = added TAB deleted TAB …                                         in the order of the raw lines; "-" if binary
 * ```
 */
export async function readChanges(at: Location, commits: readonly string[], options: { readonly lines: boolean; readonly signal?: AbortSignal | undefined }, take: (commit: string, files: readonly FileChange[]) => void): Promise<void> {
  if (commits.length === 0) return;
  let commit = "";
  let files: FileChange[] = [];
  let numbered = 0;
  const flush = (): void => {
    if (commit !== "") take(commit, files);
    files = [];
    numbered = 0;
  };
  const args = options.lines ? [...ARGS, "--numstat"] : ARGS;
  await gitLines({
    at, args, input: `${commits.join("\n")}\n`, signal: options.signal,
    line: (bytes) => {
      const text = bytes.toString("utf8");
      if (text.startsWith(":")) {
        const file = files.length < CHANGE_BOUNDS.files ? fileOf(text) : null;
        if (file !== null) files.push(file);
      } else if (COMMIT.test(text)) {
        flush();
        commit = text;
      } else {
        const numbers = NUMBERS.exec(text);
        const file = files[numbered];
        if (numbers === null || file === undefined) return;
        numbered += 1;
        file.added = Number(numbers[1]) || 0;
        file.deleted = Number(numbers[2]) || 0;
      }
    },
  });
  flush();
}

function fileOf(text: string): FileChange | null {
  const match = RAW.exec(text);
  if (match === null) return null;
  const [, modeBefore = "", modeAfter = "", status = "", one = "", two = one] = match;
  return { path: unquote(two), pathBefore: unquote(one), regular: (status === "D" ? modeBefore : modeAfter).startsWith("100"), added: 0, deleted: 0 };
}
