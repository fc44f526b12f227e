import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A repository in a temporary folder, of a person and of an assistant, with an `origin` whose address holds a token. */
export interface TestCheckout {
  readonly folder: string;
  readonly work: string;
  /** Oldest first: a person's, then Claude Code's. */
  readonly commits: readonly [string, string];
  git(...args: readonly string[]): string;
  dispose(): void;
}

export const ADDRESS = "https://git.example.com/team/shop.git";

export function testCheckout(): TestCheckout {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "firstfix-tag-")));
  const work = join(folder, "work");
  execFileSync("git", ["init", "-q", "-b", "main", work]);
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", work, "-c", "user.name=Ada", "-c", "user.email=ada@shop.example", "-c", "commit.gpgsign=false", ...args], { encoding: "utf8", env: { ...process.env, GIT_AUTHOR_DATE: "2026-03-01T10:00:00Z", GIT_COMMITTER_DATE: "2026-03-01T10:00:00Z" } }).trim();
  git("remote", "add", "origin", ADDRESS.replace("https://", "https://ci:p@ss-token@"));
  writeFileSync(join(work, "package.json"), '{ "name": "@team/shop", "version": "2.4.1" }\n');
  writeFileSync(join(work, "cart.js"), "let total = 0;\n");
  git("add", ".");
  git("commit", "-q", "-m", "Start a cart");
  const first = git("rev-parse", "HEAD");
  writeFileSync(join(work, "cart.js"), "let total = 0;\ntotal += 1;\ntotal += 2;\n");
  git("commit", "-q", "-am", "Add up\n\nCo-Authored-By: Claude Opus <noreply@anthropic.com>");
  return { folder, work, commits: [first, git("rev-parse", "HEAD")], git, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}
