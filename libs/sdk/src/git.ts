import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** What the checkout says: commit and branch of HEAD and the address of `origin`, "" where it does not say. */
export interface Checkout {
  readonly revision: string;
  /** "" where HEAD is detached. */
  readonly branch: string;
  readonly repository: string;
}

const NONE: Checkout = { revision: "", branch: "", repository: "" };

const PARENTS_MAX = 32;
const SYMREFS_MAX = 5;
const FILE_BYTES_MAX = 4 * 1024 * 1024;
const REVISION = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/**
 * Reads the checkout that `folder` lies in from a few small files of `.git`, without starting git: it is synchronous,
 * so the very first span has a revision, and costs well under a millisecond. Never throws.
 */
export function readCheckout(folder: string): Checkout {
  try {
    const gitFolder = findGitFolder(folder);
    if (gitFolder === null) return NONE;
    const common = commonFolder(gitFolder);
    return { revision: headRevision(gitFolder, common), branch: headBranch(gitFolder), repository: originUrl(common) };
  } catch {
    return NONE;
  }
}

/** The address without user name and password, which belong into no telemetry. `git@host:path` has none to hide. */
export function stripCredentials(url: string): string {
  // A password may hold an @ itself: all before the last one of the host's part goes.
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1");
}

function findGitFolder(start: string): string | null {
  let folder = resolve(start);
  for (let step = 0; step < PARENTS_MAX; step += 1) {
    const candidate = join(folder, ".git");
    const kind = statSync(candidate, { throwIfNoEntry: false });
    if (kind?.isDirectory() === true) return candidate;
    if (kind?.isFile() === true) {
      // A linked work tree or a submodule: the file says `gitdir: <path>`.
      const target = /^gitdir: (.+)$/m.exec(read(candidate))?.[1]?.trim();
      return target === undefined ? null : resolve(folder, target);
    }
    const parent = dirname(folder);
    if (parent === folder) return null;
    folder = parent;
  }
  return null;
}

/** References and configuration of a linked work tree lie in the main repository, which `commondir` names. */
function commonFolder(gitFolder: string): string {
  const text = read(join(gitFolder, "commondir")).trim();
  return text === "" ? gitFolder : resolve(gitFolder, text);
}

function headRevision(gitFolder: string, common: string): string {
  let text = read(join(gitFolder, "HEAD")).trim();
  for (let step = 0; step < SYMREFS_MAX; step += 1) {
    if (REVISION.test(text)) return text;
    const name = /^ref: (refs\/[^\0\s]+)$/.exec(text)?.[1];
    if (name === undefined || name.split("/").includes("..")) return "";
    text = read(join(common, name)).trim() || packedRef(common, name);
  }
  return "";
}

/** A repository whose references are no files names a branch here that cannot be one. */
function headBranch(gitFolder: string): string {
  const name = /^ref: refs\/heads\/([^\0\s]+)$/.exec(read(join(gitFolder, "HEAD")).trim())?.[1] ?? "";
  return name.startsWith(".") ? "" : name;
}

function packedRef(common: string, name: string): string {
  for (const line of read(join(common, "packed-refs")).split("\n")) {
    const at = line.indexOf(" ");
    if (at > 0 && line.slice(at + 1).trim() === name) return line.slice(0, at);
  }
  return "";
}

/** grammar: sections `[remote "origin"]`, in it lines `url = <address>`. */
function originUrl(common: string): string {
  let inOrigin = false;
  for (const line of read(join(common, "config")).split("\n")) {
    const text = line.trim();
    if (text.startsWith("[")) inOrigin = text.startsWith('[remote "origin"]');
    const url = inOrigin ? /^url\s*=\s*(.+)$/.exec(text)?.[1] : undefined;
    if (url !== undefined) return stripCredentials(url.trim().replaceAll(/^"|"$/g, ""));
  }
  return "";
}

/** The text of a file, "" where there is none; no more than its bound is read. */
function read(path: string): string {
  const kind = statSync(path, { throwIfNoEntry: false });
  if (kind === undefined || !kind.isFile()) return "";
  if (kind.size <= FILE_BYTES_MAX) return readFileSync(path, "utf8");
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(FILE_BYTES_MAX);
    return buffer.toString("utf8", 0, readSync(file, buffer));
  } finally {
    closeSync(file);
  }
}
