import { isUtf8 } from "node:buffer";
import { FirstfixError } from "@firstfix/kit";
import { BOUNDS } from "../limits.ts";
import type { Location } from "./locate.ts";
import { decodePath, escapedPath, pathArg } from "./paths.ts";
import { resolveCommit } from "./revisions.ts";
import { runGit } from "./run.ts";

/** An entry of a tree: `100644`/`100755` files, `120000` symbolic links, `160000` submodules. */
export interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly id: string;
  /** 0 for what has none. */
  readonly size: number;
  /** As `decodePath` reads it. */
  readonly path: string;
}

export interface ListedFile {
  readonly path: string;
  readonly blob: string;
  readonly size: number;
}

/** `mode SP type SP id SP+ size TAB path NUL` */
const ENTRY = /^(\d{6}) (\w+) ([0-9a-f]+) +(\d+|-)\t([\s\S]+)$/;

export async function readTree(at: Location, commit: string, options: { readonly recursive: boolean; readonly path?: string }): Promise<TreeEntry[]> {
  const below = options.path === undefined ? { args: [], lastArg: undefined } : pathArg(options.path);
  const args = ["ls-tree", "-z", "--long", "--full-tree", ...(options.recursive ? ["-r"] : []), commit, ...below.args];
  const { stdout } = await runGit({ args, env: at.read, lastArg: below.lastArg });
  const entries: TreeEntry[] = [];
  // Texts where all of it is UTF-8, which is nearly always; bytes otherwise.
  const plain = isUtf8(stdout);
  for (const text of stdout.toString(plain ? "utf8" : "latin1").split("\0")) {
    const match = ENTRY.exec(text);
    if (match === null) continue;
    const [, mode = "", type = "", id = "", size = "", path = ""] = match;
    entries.push({ mode, type, id, size: size === "-" ? 0 : Number(size), path: plain ? path : decodePath(Buffer.from(path, "latin1")) });
    if (entries.length > BOUNDS.treeEntries) throw new FirstfixError("repository.failed", `The tree of ${commit} has more than ${BOUNDS.treeEntries} files.`);
  }
  return entries;
}

/** Files at or below `prefix` (a folder or a file; "" for all), regular ones only. */
export async function listFiles(at: Location, revision: string, prefix: string): Promise<readonly ListedFile[]> {
  const commit = await resolveCommit(at, revision);
  const folder = prefix.replace(/^\.?\/+|\/+$/g, "");
  if (folder !== "" && !isReadable(folder)) return [];
  const entries = await readTree(at, commit, folder === "" ? { recursive: true } : { recursive: true, path: folder });
  return entries.filter(isRegular).map(({ path, id, size }) => ({ path, blob: id, size }));
}

/** Text of the file, or null where there is no text file at that path (none, a link, a submodule, binary). */
export async function readTextFile(at: Location, revision: string, path: string): Promise<string | null> {
  const commit = await resolveCommit(at, revision);
  if (!isReadable(path)) return null;
  const entry = (await readTree(at, commit, { recursive: false, path })).find((one) => one.path === path);
  if (entry === undefined || !isRegular(entry)) return null;
  if (entry.size > BOUNDS.fileBytes) throw new FirstfixError("repository.failed", `${path} is longer than ${BOUNDS.fileBytes} bytes.`);
  const { stdout } = await runGit({ args: ["cat-file", "blob", entry.id], env: at.read, bytesMax: BOUNDS.fileBytes });
  return stdout.includes(0) ? null : stdout.toString("utf8");
}

export function isRegular(entry: TreeEntry): boolean {
  return entry.type === "blob" && (entry.mode === "100644" || entry.mode === "100755");
}

/** A plain path, or one that is no UTF-8 and would be plain: git can be asked for it, though no file is to be written there. */
export function isReadable(path: string): boolean {
  return isPlainPath(escapedPath(path)?.toString("latin1") ?? path);
}

/** A relative path that names exactly one place below the root: git's trees may hold others, made by hand. */
export function isPlainPath(path: string): boolean {
  if (path === "" || Buffer.byteLength(path) > BOUNDS.pathBytes || path.includes("\0") || path.includes("\\")) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && part.toLowerCase() !== ".git");
}
