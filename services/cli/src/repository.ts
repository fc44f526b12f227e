import { execFile } from "node:child_process";
import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { promisify } from "node:util";
import { FirstfixError, messageOf } from "@firstfix/kit";

const run = promisify(execFile);

/**
 * Root of the repository that holds a folder, and a file's path in it. The file is named from the current folder, from
 * the given folder, or as the repository names it. Throws repository.missing.
 */
export async function repositoryOf(folder: string, file: string): Promise<{ readonly root: string; readonly path: string }> {
  const root = await rootOf(folder);
  const from = await realpath(resolve(file)).catch(() => null);
  const inside = from === null ? "" : relative(root, from);
  const path = inside !== "" && !inside.startsWith("..") && !isAbsolute(inside) ? inside : file;
  return { root, path: path.split(sep).join("/").replace(/^\.\//, "") };
}

export async function rootOf(folder: string): Promise<string> {
  try {
    const { stdout } = await run("git", ["-C", folder, "rev-parse", "--show-toplevel"], { timeout: 10_000 });
    return stdout.trim();
  } catch (cause) {
    // A bare repository has no work tree, and is its own root.
    const bare = await run("git", ["-C", folder, "rev-parse", "--is-bare-repository"], { timeout: 10_000 }).catch(() => null);
    if (bare?.stdout.trim() === "true") return await realpath(folder);
    throw new FirstfixError("repository.missing", `${folder} is in no git repository: ${messageOf(cause).split("\n").at(-2) ?? ""}`, { hint: "Give the repository's folder with --repo.", cause });
  }
}

/** Full id of whatever git calls a commit (`HEAD~3`, a tag, a branch). Throws repository.revision_missing. */
export async function commitOf(root: string, revision: string): Promise<string> {
  try {
    const { stdout } = await run("git", ["-C", root, "rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`], { timeout: 10_000 });
    return stdout.trim();
  } catch (cause) {
    throw new FirstfixError("repository.revision_missing", `${root} has no revision ${revision}`, { hint: "Fetch it, or check its name: git log --oneline", cause });
  }
}
