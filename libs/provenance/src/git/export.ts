import { chmod, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join, posix, resolve } from "node:path";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { BOUNDS } from "../limits.ts";
import { readBlobs } from "./blobs.ts";
import type { Location } from "./locate.ts";
import { resolveCommit } from "./revisions.ts";
import { isPlainPath, isRegular, readTree, type TreeEntry } from "./tree.ts";

export interface Exported {
  readonly files: number;
  readonly bytes: number;
  /** What the tree holds and the folder does not, with the reason. */
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
}

/**
 * Writes the files of a revision into an empty folder. Made for trees that someone hostile wrote: neither `git archive`
 * (smudge filters, export-ignore) nor tar (links, `..`) takes part. Every path is checked; regular files are created,
 * never overwritten; links come last, when nothing is written through them any more, and only such as stay inside.
 */
export async function exportTree(at: Location, revision: string, folder: string): Promise<Exported> {
  const commit = await resolveCommit(at, revision);
  const root = resolve(folder);
  await mkdir(root, { recursive: true });
  if ((await readdir(root)).length > 0) throw new FirstfixError("conflict", `${folder} is not empty: a tree is only exported into an empty folder.`);
  const skipped: { path: string; why: string }[] = [];
  const files: TreeEntry[] = [];
  const links: TreeEntry[] = [];
  let bytes = 0;
  for (const entry of await readTree(at, commit, { recursive: true })) {
    const why = refusal(entry);
    if (why !== null) {
      skipped.push({ path: entry.path, why });
      continue;
    }
    bytes += entry.size;
    (isRegular(entry) ? files : links).push(entry);
  }
  if (files.length > BOUNDS.exportFiles || bytes > BOUNDS.exportBytes) throw new FirstfixError("repository.failed", `The tree of ${commit} is too large to export (${files.length} files, ${bytes} bytes).`);
  await mkdirAll(root, [...files, ...links]);
  await readBlobs(at, files.map((entry) => entry.id), async (index, content) => {
    const entry = files[index] as TreeEntry;
    const path = join(root, entry.path);
    await writeFile(path, content, { flag: "wx" });
    if (entry.mode === "100755") await chmod(path, 0o755);
  });
  await readBlobs(at, links.map((entry) => entry.id), async (index, content) => {
    const { path } = links[index] as TreeEntry;
    const why = await link(root, path, content.toString("utf8"));
    if (why !== null) skipped.push({ path, why });
  });
  return { files: files.length, bytes, skipped };
}

function refusal(entry: TreeEntry): string | null {
  if (entry.type === "commit") return "submodule";
  if (!isPlainPath(entry.path)) return "unsafe path";
  if (entry.mode !== "120000" && !isRegular(entry)) return `unknown mode ${entry.mode}`;
  if (entry.size > (entry.mode === "120000" ? BOUNDS.pathBytes : BOUNDS.exportFileBytes)) return `longer than ${BOUNDS.exportFileBytes} bytes`;
  return null;
}

async function mkdirAll(root: string, entries: readonly TreeEntry[]): Promise<void> {
  const folders = new Set(entries.map((entry) => posix.dirname(entry.path)));
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
}

async function link(root: string, path: string, target: string): Promise<string | null> {
  if (!staysInside(path, target)) return "link that leads out of the tree";
  try {
    await symlink(target, join(root, path));
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/**
 * True for `../` steps that stay below the root, followed by plain names. A `..` after a name is refused: the name may
 * be another link, and from where that leads `..` can be anywhere. By induction every link then ends inside.
 */
export function staysInside(path: string, target: string): boolean {
  const steps = target.split("/");
  const ups = steps.findIndex((step) => step !== "..");
  const names = ups < 0 ? [] : steps.slice(ups);
  const depth = path.split("/").length - 1;
  if ((ups < 0 ? steps.length : ups) > depth) return false;
  const last = names.at(-1);
  const plain = (last === "" ? names.slice(0, -1) : names).join("/");
  return plain === "." || (plain === "" ? ups < 0 : isPlainPath(plain.replace(/^\.\//, "")));
}
