import { realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { FirstfixError } from "@firstfix/kit";
import { git, hasGit } from "./git.ts";

/**
 * Where a file may be meant to stand in the repository, likeliest first: named from the current folder, from the given
 * folder, or as the repository names it. It need not be there now: the revision that is asked for may have it. Throws
 * bad_request where all of these lie outside.
 */
export async function pathsOf(root: string, folder: string, file: string): Promise<readonly string[]> {
  const real = async (path: string): Promise<string | null> => realpath(path).catch(() => null);
  const [here, there] = [await real("."), await real(folder)];
  const places = [await real(file), ...[here, there].map((base) => (base === null ? null : resolve(base, file))), resolve(root, file)];
  const inside = places.flatMap((place) => (place === null ? [] : [relative(root, place)])).filter((path) => path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path));
  if (inside.length === 0) throw new FirstfixError("bad_request", `${file} lies outside of the repository ${root}`, { hint: "Name a file of the repository, or the file's own repository with --repo." });
  return [...new Set(inside.map((path) => path.split(sep).join("/")))];
}

/** Root of the repository that holds a folder; a bare one, which has no work tree, is its own root. Throws repository.missing. */
export async function rootOf(folder: string, hint = "Give the folder of a git repository with --repo."): Promise<string> {
  const found = await stat(folder).catch(() => null);
  if (found === null) throw missing(`there is no folder ${folder}`, hint);
  if (!found.isDirectory()) throw missing(`${folder} is no folder`, hint);
  const root = await git(folder, ["rev-parse", "--show-toplevel"]);
  if (root !== null && root !== "") return root;
  const gitDir = await git(folder, ["rev-parse", "--absolute-git-dir"]);
  if (gitDir !== null && (await git(folder, ["rev-parse", "--is-bare-repository"])) === "true") return gitDir;
  if (gitDir !== null && basename(gitDir) === ".git") return dirname(gitDir);
  if (!(await hasGit())) throw new FirstfixError("repository.failed", "git was not found", { hint: "Install git 2.38 or newer and make sure that it is on PATH." });
  throw missing(`${folder === "." ? "this folder" : folder} is in no git repository`, hint);
}

/** Full id of whatever git calls a commit (`HEAD~3`, a tag, a branch). Throws repository.revision_missing with what is the case. */
export async function commitOf(root: string, revision: string, option: string): Promise<string> {
  const name = ["--verify", "--quiet", "--end-of-options"];
  const found = await git(root, ["rev-parse", ...name, `${revision}^{commit}`]);
  if (found !== null) return found;
  const type = await git(root, ["cat-file", "-t", (await git(root, ["rev-parse", ...name, revision])) ?? ""]);
  if (type !== null) throw lacking(`${option} ${revision} names a ${type} of ${root}, which is no commit`, "Name a commit, a branch or a tag: git log --oneline");
  if ((await git(root, ["rev-list", "--all", "--max-count=1"])) === "") throw lacking(`${root} has no commit yet, so it has no revision ${revision}`, "Commit something first, or name another repository with --repo.");
  const isShallow = (await git(root, ["rev-parse", "--is-shallow-repository"])) === "true";
  throw lacking(`${root} has no revision ${revision} (${option})`, isShallow ? `The clone is shallow, and may lack it: git -C ${root} fetch --unshallow` : "Fetch it, or check its name: git log --oneline --all");
}

function missing(says: string, hint: string): FirstfixError {
  return new FirstfixError("repository.missing", says, { hint });
}

function lacking(says: string, hint: string): FirstfixError {
  return new FirstfixError("repository.revision_missing", says, { hint });
}
