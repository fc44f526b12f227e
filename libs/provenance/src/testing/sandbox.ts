import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A real git repository in a temporary folder, for tests. Dates advance one minute per commit. */
export class GitSandbox {
  readonly path: string;
  #minute = 0;

  constructor(options: readonly string[] = []) {
    this.path = mkdtempSync(join(tmpdir(), "firstfix-test-"));
    this.git("init", "--quiet", "--initial-branch=main", ...options, ".");
  }

  git(...args: readonly string[]): string {
    return this.gitWith({}, ...args);
  }

  gitWith(options: { readonly env?: Readonly<Record<string, string>>; readonly input?: string }, ...args: readonly string[]): string {
    const date = new Date(Date.UTC(2026, 0, 1, 0, this.#minute)).toISOString();
    // oxlint-disable-next-line node/no-process-env -- a test's git needs PATH and HOME as the developer has them
    const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_AUTHOR_NAME: "Ada Example", GIT_AUTHOR_EMAIL: "ada@example.com", GIT_COMMITTER_NAME: "Ada Example", GIT_COMMITTER_EMAIL: "ada@example.com", GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date, ...options.env };
    return execFileSync("git", args, { cwd: this.path, env, encoding: "utf8", input: options.input ?? "", stdio: ["pipe", "pipe", "pipe"] }).trim();
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(join(this.path, path)), { recursive: true });
    writeFileSync(join(this.path, path), text);
    chmodSync(join(this.path, path), mode);
  }

  /** Writes the files (null removes one), commits all, returns the id. */
  commit(message: string, files: Readonly<Record<string, string | null>> = {}, env: Readonly<Record<string, string>> = {}): string {
    for (const [path, text] of Object.entries(files)) {
      if (text === null) rmSync(join(this.path, path));
      else this.write(path, text);
    }
    this.#minute += 1;
    this.git("add", "--all");
    this.gitWith({ env, input: message }, "commit", "--quiet", "--allow-empty", "--file=-");
    return this.git("rev-parse", "HEAD");
  }

  /** Many commits on main from one process, for histories in which only the texts matter; returns their ids. */
  lay(commits: readonly { readonly message: string; readonly files: Readonly<Record<string, string>> }[]): string[] {
    const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
    const stream = commits.map(({ message, files }, index) => {
      const head = `commit refs/heads/main\nmark :${index + 1}\ncommitter Ada Example <ada@example.com> ${1_767_225_600 + index * 60} +0000\n${data(message)}`;
      return head + Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`).join("");
    });
    this.gitWith({ input: stream.join("") }, "fast-import", "--quiet", `--export-marks=${join(this.path, ".git/marks")}`);
    const marks = readFileSync(join(this.path, ".git/marks"), "utf8");
    return marks.trim().split("\n").map((line) => line.split(" ")).sort(([a = ""], [b = ""]) => Number(a.slice(1)) - Number(b.slice(1))).map(([, id = ""]) => id);
  }

  /** A commit whose tree is made by hand, so that it can hold what git itself would refuse. */
  commitTree(entries: readonly { readonly mode: string; readonly type: string; readonly id: string; readonly name: string }[]): string {
    const tree = this.gitWith({ input: entries.map((entry) => `${entry.mode} ${entry.type} ${entry.id}\t${entry.name}\0`).join("") }, "mktree", "-z", "--missing");
    return this.git("commit-tree", "-m", "by hand", tree);
  }

  blob(text: string): string {
    return this.gitWith({ input: text }, "hash-object", "-w", "--stdin");
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
