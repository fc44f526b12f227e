import { execFile } from "node:child_process";
import { constants, type Stats } from "node:fs";
import { lstat, mkdir, open, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { FirstfixError } from "@firstfix/kit";
import { isPlainPath } from "./paths.ts";

const exec = promisify(execFile);
const COPY_MS = 60_000;

/** What `exportTree` of a repository does; named here so that trees can be tested without one. */
export type Export = (revision: string, folder: string) => Promise<void>;

/**
 * The files of one revision, kept pristine, and copies of it to run and spoil. Nothing is ever run in the pristine
 * one, so that no run can touch what the next one sees.
 */
export class WorkTrees {
  readonly #root: string;
  readonly #export: Export;
  readonly #dependencies: readonly string[];
  readonly #pristine = new Map<string, Promise<string>>();
  #next = 1;

  constructor(root: string, exportTree: Export, dependencies: readonly string[]) {
    this.#root = root;
    this.#export = exportTree;
    this.#dependencies = dependencies;
  }

  /** A fresh copy of the revision with some files replaced, in a folder of its own. Dispose of it after use. */
  async checkout(revision: string, changes: ReadonlyMap<string, string> = new Map()): Promise<WorkTree> {
    let pristine = this.#pristine.get(revision);
    if (pristine === undefined) {
      pristine = this.#exported(revision);
      this.#pristine.set(revision, pristine);
    }
    const source = await pristine;
    const holder = join(this.#root, String(this.#next++));
    const files = join(holder, "app");
    const out = join(holder, "out");
    const control = join(holder, "control");
    await mkdir(out, { recursive: true });
    await mkdir(control);
    await exec("cp", ["-a", "--reflink=auto", "--", source, files], { timeout: COPY_MS });
    for (const [path, text] of changes) await writeInside(files, path, text);
    return { files, out, control, dispose: () => rm(holder, { recursive: true, force: true }) };
  }

  async dispose(): Promise<void> {
    await rm(this.#root, { recursive: true, force: true });
  }

  async #exported(revision: string): Promise<string> {
    const folder = join(this.#root, `at-${revision.slice(0, 12)}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await this.#export(revision, folder);
    const [modules] = this.#dependencies;
    if (modules !== undefined && (await stat(join(folder, "node_modules"))) === null) await symlink(modules, join(folder, "node_modules"));
    return folder;
  }
}

export interface WorkTree {
  /** The application's files. */
  readonly files: string;
  /** Where a run leaves its results. */
  readonly out: string;
  /** What we tell a run. It can only read here: a link that it planted where we write would lead us anywhere. */
  readonly control: string;
  dispose(): Promise<void>;
}

/** Writes a file below `root` and nowhere else: a link on the way, which the repository may hold, is refused. */
export async function writeInside(root: string, path: string, text: string): Promise<void> {
  if (!isPlainPath(path)) throw new FirstfixError("bad_request", `not a path inside a repository: ${JSON.stringify(path.slice(0, 200))}`);
  let folder = root;
  for (const part of dirname(path) === "." ? [] : dirname(path).split("/")) {
    folder = join(folder, part);
    const found = await stat(folder);
    if (found === null) await mkdir(folder);
    else if (!found.isDirectory()) throw new FirstfixError("bad_request", `${path} leads through something that is not a folder`);
  }
  const file = await open(join(root, path), constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o644);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}

/** Reads a regular file that untrusted code wrote, up to a bound; null when it is missing, a link, or too large. */
export async function readUntrusted(path: string, bytesMax: number): Promise<Buffer | null> {
  let file;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > bytesMax) return null;
    return await file.readFile();
  } finally {
    await file.close();
  }
}

async function stat(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch {
    return null;
  }
}
