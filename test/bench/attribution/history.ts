import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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

  /** Commits what differs from the last one. Returns the mark. */
  commit(tree: Tree, message: string): number {
    this.#count += 1;
    const author = AUTHORS[this.#count % AUTHORS.length] as string;
    const now = new Map([...tree.files.keys()].map((path) => [path, tree.text(path)]));
    const changes: string[] = [];
    for (const path of this.#written.keys()) if (!now.has(path)) changes.push(`D ${path}\n`);
    for (const [path, text] of now) if (this.#written.get(path) !== text) changes.push(`M 100644 inline ${path}\n${data(text)}`);
    const when = `${START_S + this.#count * STEP_S} +0000`;
    this.#stream.push(`commit refs/heads/main\nmark :${this.#count}\nauthor ${author} ${when}\ncommitter ${author} ${when}\n${data(message)}${changes.join("")}`);
    this.#written = now;
    return this.#count;
  }

  /** Writes the repository; ids by mark. */
  write(): { readonly path: string; readonly ids: ReadonlyMap<number, string>; remove(): void } {
    const path = mkdtempSync(join(tmpdir(), "firstfix-attribution-"));
    const git = (args: readonly string[], input = ""): void => void execFileSync("git", ["-C", path, ...args], { input, stdio: ["pipe", "ignore", "inherit"] });
    git(["init", "--quiet", "--initial-branch=main", "."]);
    const marks = join(path, ".git", "marks");
    git(["fast-import", "--quiet", `--export-marks=${marks}`], this.#stream.join(""));
    const ids = new Map(readFileSync(marks, "utf8").trim().split("\n").map((line) => [Number(line.slice(1, line.indexOf(" "))), line.slice(line.indexOf(" ") + 1)]));
    return { path, ids, remove: () => rmSync(path, { recursive: true, force: true }) };
  }
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
