import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { scratchRoot } from "@firstfix/kit";
import { escapedPath, isRegular, readTree, runGit, splitPaths, type Repository } from "@firstfix/provenance";

const NAMES = ["linguist-generated", "linguist-vendored"] as const;
const NUL = Buffer.from([0]);
const FILES_MAX = 1_000;
const FILE_BYTES_MAX = 1024 * 1024;

/** What `.gitattributes` say of a path: true generated or vendored, false expressly neither, null nothing. */
export type SaysGenerated = (paths: readonly string[]) => Promise<ReadonlyMap<string, boolean>>;

/**
 * Asks git itself, by an index that holds nothing but the `.gitattributes` of the revision: patterns, folders and their
 * order mean what they mean to git. Paths need not be in the revision. `close` removes the index.
 */
export async function openAttributes(repository: Repository, revision: string): Promise<{ readonly says: SaysGenerated; close(): Promise<void> }> {
  const at = repository.location;
  const entries = (await readTree(at, revision, { recursive: true })).filter((entry) => isRegular(entry) && /(?:^|\/)\.gitattributes$/.test(entry.path) && entry.size <= FILE_BYTES_MAX).slice(0, FILES_MAX);
  let speaks = false;
  for (const { path } of entries) speaks ||= /linguist-(?:generated|vendored)/.test((await repository.readFile(revision, path)) ?? "");
  if (!speaks) return { says: async () => new Map(), close: async () => {} };
  const folder = await mkdtemp(join(scratchRoot(), "attributes-"));
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const env = { ...at.read, GIT_INDEX_FILE: join(folder, "index") };
  try {
    await runGit({ args: ["update-index", "-z", "--index-info"], env, input: entries.map(({ mode, id, path }) => `${mode} ${id} 0\t${path}\0`).join("") });
  } catch (error) {
    await close();
    throw error;
  }
  return { says: (paths) => ask(env, paths), close };
}

/** Answer per path and attribute: `path NUL attribute NUL value NUL`; value is unspecified, unset, set, or text. */
async function ask(env: Readonly<Record<string, string>>, paths: readonly string[]): Promise<ReadonlyMap<string, boolean>> {
  if (paths.length === 0) return new Map();
  const { stdout } = await runGit({ args: ["check-attr", "--cached", "--stdin", "-z", ...NAMES], env, input: Buffer.concat(paths.flatMap((path) => [escapedPath(path) ?? Buffer.from(path), NUL])) });
  const fields = splitPaths(stdout);
  const says = new Map<string, boolean>();
  for (let index = 0; index + 2 < fields.length; index += 3) {
    const [path = "", , value = ""] = fields.slice(index, index + 3);
    if (value === "set" || value === "true") says.set(path, true);
    else if ((value === "unset" || value === "false") && says.get(path) !== true) says.set(path, false);
  }
  return says;
}
