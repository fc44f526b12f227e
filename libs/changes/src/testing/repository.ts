import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Person {
  readonly name: string;
  readonly email: string;
}

export const ADA: Person = { name: "Ada Example", email: "ada@example.com" };

/** A real git repository in a temporary folder. Dates advance one minute per commit, so ids are the same at every run. */
export class TestRepository {
  readonly path = mkdtempSync(join(tmpdir(), "firstfix-changes-"));
  #minute = 0;

  constructor() {
    this.git("init", "--quiet", "--initial-branch=main", ".");
  }

  git(...args: readonly string[]): string {
    return this.gitWith("", ADA, ...args);
  }

  gitWith(input: string | Buffer, { name, email }: Person, ...args: readonly string[]): string {
    const date = new Date(Date.UTC(2026, 0, 1, 0, this.#minute)).toISOString();
    // oxlint-disable-next-line node/no-process-env -- a test's git needs PATH and HOME as the developer has them
    const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: ADA.name, GIT_COMMITTER_EMAIL: ADA.email, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    return execFileSync("git", args, { cwd: this.path, env, encoding: "utf8", input, stdio: ["pipe", "pipe", "pipe"], maxBuffer: 64 * 1024 * 1024 });
  }

  write(path: string, content: string | Buffer, mode = 0o644): void {
    mkdirSync(dirname(join(this.path, path)), { recursive: true });
    writeFileSync(join(this.path, path), content);
    chmodSync(join(this.path, path), mode);
  }

  link(path: string, to: string): void {
    rmSync(join(this.path, path), { force: true });
    symlinkSync(to, join(this.path, path));
  }

  remove(path: string): void {
    rmSync(join(this.path, path));
  }

  unfolder(path: string): void {
    rmSync(join(this.path, path), { recursive: true, force: true });
  }

  /** A commit on main of files whose names are bytes; the files of before stay. */
  bytes(message: string, files: readonly (readonly [path: Buffer, content: string])[]): string {
    this.#minute += 1;
    const entries = files.map(([path, content]) => {
      const blob = this.gitWith(content, ADA, "hash-object", "-w", "--stdin").trim();
      return Buffer.concat([Buffer.from(`100644 ${blob}\t`), path, Buffer.from([0])]);
    });
    this.gitWith(Buffer.concat(entries), ADA, "update-index", "-z", "--add", "--index-info");
    this.gitWith(message, ADA, "commit", "--quiet", "--file=-");
    return this.head();
  }

  commit(message: string, files: Readonly<Record<string, string | Buffer>> = {}, author = ADA): string {
    for (const [path, content] of Object.entries(files)) this.write(path, content);
    this.#minute += 1;
    this.git("add", "--all");
    this.gitWith(message, author, "commit", "--quiet", "--allow-empty", "--file=-");
    return this.head();
  }

  merge(branch: string): string {
    this.#minute += 1;
    this.git("merge", "--quiet", "--no-ff", "-m", `Merge ${branch}`, branch);
    return this.head();
  }

  note(commit: string, text: string): void {
    this.#minute += 1;
    this.gitWith(text, ADA, "notes", "--ref=refs/notes/ai", "add", "--force", "--file=-", commit);
  }

  head(): string {
    return this.git("rev-parse", "HEAD").trim();
  }

  dispose(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
