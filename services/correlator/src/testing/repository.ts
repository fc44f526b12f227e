import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A real git repository in a temporary folder. Dates are fixed, so ids are the same at every run. */
export class TestRepository {
  readonly path = mkdtempSync(join(tmpdir(), "firstfix-correlator-"));
  #minute = 0;

  constructor() {
    this.#git("", "init", "--quiet", "--initial-branch=main", ".");
  }

  commit(message: string, files: Readonly<Record<string, string>>): string {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, path)), { recursive: true });
      writeFileSync(join(this.path, path), text);
    }
    this.#minute++;
    this.#git("", "add", "--all");
    this.#git(message, "commit", "--quiet", "--allow-empty", "--file=-");
    return this.#git("", "rev-parse", "HEAD").trim();
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #git(input: string, ...args: readonly string[]): string {
    const date = new Date(Date.UTC(2026, 2, 1, 8, this.#minute)).toISOString();
    const person = { GIT_AUTHOR_NAME: "Ada Example", GIT_AUTHOR_EMAIL: "ada@example.com", GIT_COMMITTER_NAME: "Ada Example", GIT_COMMITTER_EMAIL: "ada@example.com" };
    // oxlint-disable-next-line node/no-process-env -- a test's git needs PATH and HOME as the developer has them
    const env = { ...process.env, ...person, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    return execFileSync("git", args, { cwd: this.path, env, encoding: "utf8", input });
  }
}
