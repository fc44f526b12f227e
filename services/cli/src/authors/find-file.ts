import { FirstfixError } from "@firstfix/kit";
import { PROVENANCE_BOUNDS, type ListedFile, type Repository } from "@firstfix/provenance";
import { git } from "../git.ts";
import { size } from "../terminal.ts";

const ALIKE_SHOWN = 3;
const KINDS: Readonly<Record<string, string>> = { "120000": "a symbolic link, which has no lines of its own", "160000": "a submodule, which is a repository of its own" };

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
    const mode = (await git(repository.path, ["--literal-pathspecs", "ls-tree", "--full-tree", revision, "--", path]))?.slice(0, 6) ?? "";
    if (Object.hasOwn(KINDS, mode)) throw refused(`${file} is ${KINDS[mode] ?? ""} (${rev})`, mode === "120000" ? "Name the file that it leads to." : "Name the submodule's folder with --repo.");
  }
  throw refused(`there is no file ${file} at ${rev}`, await alike(repository, revision, paths[0] ?? file));
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
async function alike(repository: Repository, revision: string, path: string): Promise<string> {
  const name = (one: string): string => one.slice(one.lastIndexOf("/") + 1).toLowerCase();
  const same = (await repository.listFiles(revision, "")).filter((one) => name(one.path) === name(path)).map((one) => one.path);
  if (same.length > 0) return `Did you mean ${same.slice(0, ALIKE_SHOWN).join(", ")}${same.length > ALIKE_SHOWN ? ", …" : ""}?`;
  if ((await repository.hasRevision("HEAD")) && (await repository.listFiles("HEAD", path)).some((one) => one.path === path)) return "It is there at HEAD: leave --rev out, or name a newer revision.";
  return `git ls-tree -r --name-only REVISION lists its files, git log --oneline --all -- FILE the commits that knew this one.`;
}

function refused(says: string, hint: string): FirstfixError {
  return new FirstfixError("not_found", says, { hint });
}
