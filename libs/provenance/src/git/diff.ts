import type { Location } from "./locate.ts";
import { resolutionOf } from "./combined.ts";
import { splitPaths } from "./paths.ts";
import { resolveCommit } from "./revisions.ts";
import { runGit } from "./run.ts";

export interface ChangedFile {
  readonly path: string;
  /** Path before a rename or copy; equal to `path` otherwise. */
  readonly pathBefore: string;
  /** A added, M modified, D deleted, R renamed, C copied, T type changed. */
  readonly status: string;
}

export const SAFE = ["--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=none", "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/"] as const;

/** Unified diff of a commit against its parent (or against nothing); of a merge what it did itself. */
export async function readDiff(at: Location, revision: string, contextLines: number): Promise<string> {
  const { id, parents } = await parentsOf(at, revision);
  const shape = ["-p", "-r", "-M", "--full-index", `--unified=${Math.trunc(contextLines)}`, ...SAFE];
  if (parents.length > 1) return resolutionOf((await runGit({ args: ["diff-tree", "-c", "--no-commit-id", ...shape, id], env: at.read })).stdout.toString("utf8"));
  const { stdout } = await runGit({ args: ["diff-tree", ...shape, ...againstParent(id, parents)], env: at.read });
  return stdout.toString("utf8");
}

/** Files that a commit changes against its first parent. */
export async function readChangedFiles(at: Location, revision: string): Promise<readonly ChangedFile[]> {
  const { id, parents } = await parentsOf(at, revision);
  const { stdout } = await runGit({ args: ["diff-tree", "-r", "-M", "-z", "--name-status", ...SAFE, ...againstParent(id, parents)], env: at.read });
  const fields = splitPaths(stdout);
  const files: ChangedFile[] = [];
  for (let index = 0; index < fields.length; ) {
    const status = fields[index] ?? "";
    const pathBefore = fields[index + 1];
    if (pathBefore === undefined || status === "") break;
    const moved = status.startsWith("R") || status.startsWith("C");
    files.push({ path: moved ? (fields[index + 2] ?? pathBefore) : pathBefore, pathBefore, status: status.slice(0, 1) });
    index += moved ? 3 : 2;
  }
  return files;
}

async function parentsOf(at: Location, revision: string): Promise<{ readonly id: string; readonly parents: readonly string[] }> {
  const commit = await resolveCommit(at, revision);
  const { stdout } = await runGit({ args: ["rev-list", "--parents", "--max-count=1", commit], env: at.read });
  const [id = commit, ...parents] = stdout.toString("utf8").trim().split(" ");
  return { id, parents };
}

/** Of a merge only the first parent counts; a root commit is compared with nothing. */
function againstParent(id: string, [parent]: readonly string[]): readonly string[] {
  return parent === undefined ? ["--root", "--no-commit-id", id] : [parent, id];
}
