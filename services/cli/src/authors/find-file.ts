import { lstat } from "node:fs/promises";
import { join, relative } from "node:path";
import { FirstfixError } from "@firstfix/kit";
import { PROVENANCE_BOUNDS, type ListedFile, type Repository } from "@firstfix/provenance";
import { git } from "../git.ts";
import { size } from "../terminal.ts";

const ALIKE_SHOWN = 3;
/** Folders above a file that are looked at. */
const DEPTH_MAX = 200;
const LINK = "120000";
const SUBMODULE = "160000";

export interface Asked {
  readonly repository: Repository;
  readonly revision: string;
  /** As it was called, for what is said about it. */
  readonly file: string;
  readonly rev: string;
  /** Where the file may stand, likeliest first. */
  readonly paths: readonly string[];
}

/** The file that is meant, which has lines to ask about. Throws not_found with what is there instead, and what to do. */
export async function findFile({ repository, revision, file, rev, paths }: Asked): Promise<ListedFile> {
  let folder: ListedFile | undefined;
  for (const path of paths) {
    const below = await repository.listFiles(revision, path);
    const found = below.find((one) => one.path === path);
    if (found !== undefined) return withLines(found, rev);
    folder ??= below[0];
  }
  if (folder !== undefined) throw refused(`${file} is a folder at ${rev}`, `Name one of its files, such as ${folder.path}.`);
  for (const path of paths) {
    const entries = await along(repository.path, revision, path);
    if (entries.get(path)?.mode === LINK) throw refused(`${file} is a symbolic link, which has no lines of its own (${rev})`, "Name the file that it leads to.");
    const submodule = [...entries].find(([, { mode }]) => mode === SUBMODULE);
    if (submodule !== undefined) throw await inSubmodule({ repository, file, rev }, { folder: submodule[0], id: submodule[1].id, rest: path.slice(submodule[0].length + 1) });
  }
  throw refused(`there is no file ${file} at ${rev}`, await alike(repository, revision, paths, rev));
}

interface Entry {
  readonly mode: string;
  readonly id: string;
}

/** What the path and each folder above it are, by path: `mode SP type SP id TAB path NUL` each. */
async function along(root: string, revision: string, path: string): Promise<ReadonlyMap<string, Entry>> {
  const parts = path.split("/");
  const places = parts.slice(0, DEPTH_MAX).map((_, index) => parts.slice(0, index + 1).join("/"));
  const said = (await git(root, ["--literal-pathspecs", "ls-tree", "-z", "--full-tree", revision, "--", ...places.filter((place) => place !== "")])) ?? "";
  return new Map(said.split("\0").flatMap((line) => {
    const [, mode = "", id = "", name = ""] = /^(\d{6}) \w+ ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
    return name === "" ? [] : [[name, { mode, id }] as const];
  }));
}

/** Its commits are another repository's: where that lies here, and how it is asked. */
async function inSubmodule({ repository, file, rev }: Pick<Asked, "repository" | "file" | "rev">, { folder, id, rest }: { readonly folder: string; readonly id: string; readonly rest: string }): Promise<FirstfixError> {
  const place = join(repository.path, folder);
  const near = relative(process.cwd(), place);
  const where = near === "" || near.startsWith("..") ? place : near;
  const isThere = await lstat(join(place, ".git")).then(() => true, () => false);
  const ask = `firstfix authors ${rest === "" ? "FILE" : rest} --repo ${where}${rev === "HEAD" ? "" : ` --rev ${id.slice(0, 12)}`}`;
  const says = rest === "" ? `${file} is the submodule ${folder}` : `${file} lies in the submodule ${folder}`;
  return refused(`${says}, which is a repository of its own (${rev})`, isThere ? `Ask there: ${ask}` : `It is not checked out here: git -C ${repository.path} submodule update --init ${folder}, then ${ask}`);
}

function withLines(found: ListedFile, rev: string): ListedFile {
  if (found.size === 0) throw refused(`${found.path} is empty at ${rev}: it has no lines`, "Name another file, or a revision at which it had lines.");
  if (found.size > PROVENANCE_BOUNDS.fileBytes) throw refused(`${found.path} has ${size(found.size)} at ${rev}: files of more than ${size(PROVENANCE_BOUNDS.fileBytes)} are not blamed`, "Such files are generated or data, as a rule: name a smaller one.");
  return found;
}

/** Why a range has no lines: the file is binary, or it is shorter. */
export async function noLines({ repository, revision, rev }: Asked, path: string, lines: string | undefined): Promise<FirstfixError> {
  const text = await repository.readFile(revision, path);
  if (text === null) return refused(`${path} is a binary file at ${rev}: it has no lines`, "Name a text file.");
  const count = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return refused(`--lines ${lines ?? ""}: ${path} has only ${count === 1 ? "1 line" : `${count} lines`} at ${rev}`, `Give a range within --lines 1-${count}, or leave --lines out.`);
}

/** A file of that name elsewhere, or in other capitals, is probably meant. */
async function alike(repository: Repository, revision: string, paths: readonly string[], rev: string): Promise<string> {
  const path = paths[0] ?? "";
  for (const one of rev === "HEAD" ? paths : []) if (await lstat(join(repository.path, one)).then((found) => found.isFile(), () => false)) return "It lies in the work tree and was not committed: commit it first, for authors are commits' authors.";
  const name = (one: string): string => one.slice(one.lastIndexOf("/") + 1).toLowerCase();
  const same = (await repository.listFiles(revision, "")).filter((one) => name(one.path) === name(path)).map((one) => one.path);
  if (same.length > 0) return `Did you mean ${same.slice(0, ALIKE_SHOWN).join(", ")}${same.length > ALIKE_SHOWN ? ", …" : ""}?`;
  if ((await repository.hasRevision("HEAD")) && (await repository.listFiles("HEAD", path)).some((one) => one.path === path)) return "It is there at HEAD: leave --rev out, or name a newer revision.";
  return `git ls-tree -r --name-only REVISION lists its files, git log --oneline --all -- FILE the commits that knew this one.`;
}

function refused(says: string, hint: string): FirstfixError {
  return new FirstfixError("not_found", says, { hint });
}
