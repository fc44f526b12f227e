import { constants } from "node:fs";
import { open, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { PROVENANCE_BOUNDS, TRACES_FILE, type Repository } from "@firstfix/provenance";
import { git } from "../git.ts";
import { size } from "../terminal.ts";

/** A file of the longest text that is blamed, with a carriage return before each line feed. */
const BYTES_MAX = 2 * PROVENANCE_BOUNDS.fileBytes;
/** Attributes by which a file reads otherwise in the work tree than in its commit, though nobody changed it. */
const CONVERTING = ["filter", "ident", "working-tree-encoding"];

/**
 * What the work tree has and no commit yet, a sentence each. The bytes are compared here: `git status` would start the
 * filters that a repository names. Where the file may differ by its attributes or is not there, nothing is said.
 */
export async function uncommitted(repository: Repository, revision: string, path: string): Promise<string[]> {
  const root = repository.path;
  const changed = await isChanged(repository, revision, path);
  const traces = await stat(join(root, TRACES_FILE)).catch(() => null);
  const lostTraces = traces?.isFile() === true && traces.size > 0 && (await repository.listFiles(revision, TRACES_FILE)).length === 0;
  return [
    ...(changed ? [`${path} has changes in the work tree that are not committed: they are not shown, and the lines are those of HEAD.`] : []),
    ...(lostTraces ? [`${TRACES_FILE} (${size(traces.size)}) is in the work tree and not in HEAD: records are read from commits only.`] : []),
  ];
}

async function isChanged(repository: Repository, revision: string, path: string): Promise<boolean> {
  const now = await workFile(repository.path, path);
  if (now === null) return false;
  const committed = await repository.readFile(revision, path);
  if (committed === null || (now.text !== null && plain(now.text) === plain(committed))) return false;
  const said = await git(repository.path, ["check-attr", "-z", ...CONVERTING, "--", path]);
  // `path NUL attribute NUL value NUL` each.
  return said !== null && said.split("\0").every((value, index) => index % 3 !== 2 || value === "unspecified" || value === "unset");
}

/** No text where it is too long for one. Null where there is no such file, or where a link on the way leads elsewhere; a pipe is not waited for. */
async function workFile(root: string, path: string): Promise<{ readonly text: string | null } | null> {
  const place = join(root, path);
  const [folder, real] = await Promise.all([root, place].map(async (one) => realpath(one).catch(() => null)));
  if (folder === null || folder === undefined || real !== join(folder, path)) return null;
  const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  try {
    const found = await file?.stat();
    if (file === null || found?.isFile() !== true) return null;
    return { text: found.size > BYTES_MAX ? null : await file.readFile("utf8") };
  } catch {
    return null; // changed or taken away meanwhile
  } finally {
    await file?.close();
  }
}

/** Line ends are converted at checkout, by settings as by attributes: they are nobody's change. */
function plain(text: string): string {
  return text.replaceAll("\r\n", "\n");
}
