import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tree } from "./tree.ts";

const AUTHORS = ["Ada Example <ada@example.com>", "Ben Example <ben@example.com>", "Chris Example <chris@example.com>"] as const;
const START_S = 1_780_000_000;
const STEP_S = 3_600;

/** A git history written in one go; marks name its commits until then. */
export class History {
  readonly #stream: string[] = [];
  #written = new Map<string, string>();
  #count = 0;

  /** Mark of the newest commit. */
  get last(): number {
    return this.#count;
  }

  /** Commits what differs from the last one on the main branch; with a mark, as a merge of that commit. Returns the mark. */
  commit(tree: Tree, message: string, merged?: number): number {
    const now = new Map([...tree.files.keys()].map((path) => [path, tree.text(path)]));
    const changes: string[] = [];
    for (const path of this.#written.keys()) if (!now.has(path)) changes.push(`D ${path}\n`);
    for (const [path, text] of now) if (this.#written.get(path) !== text) changes.push(`M 100644 inline ${path}\n${data(text)}`);
    this.#written = now;
    return this.#add("main", message, `${merged === undefined ? "" : `merge :${merged}\n`}${changes.join("")}`);
  }

  /** A commit on another branch that begins at `from` and changes one file. */
  aside(from: number, message: string, path: string, text: string): number {
    return this.#add("aside", message, `from :${from}\nM 100644 inline ${path}\n${data(text)}`);
  }

  #add(branch: string, message: string, changes: string): number {
    this.#count += 1;
    const author = AUTHORS[this.#count % AUTHORS.length] as string;
    const when = `${START_S + this.#count * STEP_S} +0000`;
    this.#stream.push(`commit refs/heads/${branch}\nmark :${this.#count}\nauthor ${author} ${when}\ncommitter ${author} ${when}\n${data(message)}${changes}`);
    return this.#count;
  }

  /** Writes the repository: what `git init` would make, and the commits by one process. Ids by mark. */
  async write(): Promise<Written> {
    const path = await mkdtemp(join(tmpdir(), "firstfix-attribution-"));
    const marks = join(path, ".git", "marks");
    for (const folder of ["objects", "refs"]) await mkdir(join(path, ".git", folder), { recursive: true });
    await writeFile(join(path, ".git", "HEAD"), "ref: refs/heads/main\n");
    await writeFile(join(path, ".git", "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = false\n");
    const git = spawn("git", ["-C", path, "fast-import", "--quiet", `--export-marks=${marks}`], { stdio: ["pipe", "ignore", "inherit"] });
    git.stdin.end(this.#stream.join(""));
    const [exit] = (await once(git, "close")) as [number | null];
    if (exit !== 0) throw new Error(`git fast-import ended with ${exit}`);
    const ids = new Map((await readFile(marks, "utf8")).trim().split("\n").map((line) => [Number(line.slice(1, line.indexOf(" "))), line.slice(line.indexOf(" ") + 1)] as const).sort(([a], [b]) => a - b));
    return { path, ids, remove: async () => rm(path, { recursive: true, force: true }) };
  }
}

/** A repository on disk. */
export interface Written {
  readonly path: string;
  readonly ids: ReadonlyMap<number, string>;
  remove(): Promise<void>;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
