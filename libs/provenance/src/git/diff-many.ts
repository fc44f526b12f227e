import { BOUNDS } from "../limits.ts";
import type { Commit } from "../types.ts";
import { resolutionOf } from "./combined.ts";
import { SAFE } from "./diff.ts";
import type { Location } from "./locate.ts";
import { runGit } from "./run.ts";
import { Lines, streamGit } from "./stream.ts";

/**
 * Many diffs from one git process: starting a process costs this one milliseconds in which it does nothing else, the
 * more the more memory it has. Each diff is handed over as it arrives and cut off at `candidateDiffBytes`.
 * Answer per pair that differs: `id [SP id] LF` and the patch, whose lines never look like that.
 */
async function diffMany(at: Location, options: readonly string[], lines: readonly string[], take: (header: string, patch: string) => void, headOnly: (endingInPath: string) => boolean = () => false): Promise<void> {
  if (lines.length === 0) return;
  const args = ["diff-tree", "--stdin", "--root", "-r", "-p", "-M", "-w", "--full-index", ...options, ...SAFE];
  let header = "";
  let rows: string[] = [];
  let size = 0;
  let head = true;
  let short = false;
  const flush = (): void => {
    if (header !== "") take(header, rows.join("\n"));
    rows = [];
    size = 0;
  };
  const read = new Lines((bytes) => {
    const text = bytes.toString("utf8");
    if (/^[0-9a-f]{40,64}(?: [0-9a-f]{40,64})?\s*$/.test(text)) {
      flush();
      header = text.trim();
      return;
    }
    if (text.startsWith("diff --git ")) [head, short] = [true, headOnly(text.replace(/"$/, ""))];
    else if (text.startsWith("@@ ")) head = false;
    if (size <= BOUNDS.candidateDiffBytes && (head || !short)) {
      rows.push(text);
      size += text.length + 1;
    }
  }, BOUNDS.candidateDiffBytes);
  await streamGit({ at, args, input: `${lines.join("\n")}\n`, chunk: (bytes) => read.push(bytes) });
  read.end();
  flush();
}

/** Each commit's own change with its files in full, white space ignored; of a merge what it did itself. For ranking, not for applying. Of files that are `headOnly` there are no rows, however many they have. */
export async function readFullDiffs(at: Location, commits: readonly Commit[], headOnly: (endingInPath: string) => boolean, take: (commit: Commit, patch: string) => void): Promise<void> {
  const byId = new Map(commits.map((commit) => [commit.id, commit]));
  const merges = new Set(commits.filter(({ parents }) => parents.length > 1).map(({ id }) => id));
  await diffMany(at, ["--unified=1000000"], [...byId.keys()].filter((id) => !merges.has(id)), (header, patch) => {
    const commit = byId.get(header);
    if (commit !== undefined) take(commit, patch);
  }, headOnly);
  await readResolutions(at, [...merges], 1_000_000, (id, patch) => take(byId.get(id) as Commit, patch));
}

/** What each merge did itself, beside taking from its parents, as a unified diff; merges that did nothing are passed over. */
export async function readResolutions(at: Location, merges: readonly string[], contextLines: number, take: (merge: string, patch: string) => void): Promise<void> {
  const asked = new Set(merges);
  await diffMany(at, ["-c", `--unified=${Math.trunc(contextLines)}`], merges, (header, combined) => {
    const patch = resolutionOf(combined);
    if (asked.has(header) && patch !== "") take(header, patch);
  });
}

/** How everything differs between each commit and `to`, as hunks without context; renames are followed. */
export async function readDiffsTo(at: Location, commits: readonly string[], to: string, take: (commit: string, patch: string) => void): Promise<void> {
  const input = [...commits, to].map((id) => `${id}^{tree}\n`).join("");
  const trees = (await runGit({ args: ["cat-file", "--batch-check=%(objectname)"], env: at.read, input })).stdout.toString("utf8").trim().split("\n");
  const last = trees.at(-1) ?? "";
  const byTree = new Map<string, string[]>();
  commits.forEach((commit, index) => byTree.set(trees[index] ?? "", [...(byTree.get(trees[index] ?? "") ?? []), commit]));
  await diffMany(at, ["--unified=0"], [...byTree.keys()].map((tree) => `${tree} ${last}`), (header, patch) => {
    for (const commit of byTree.get(header.split(" ")[0] ?? "") ?? []) take(commit, patch);
  });
}
