import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRepository } from "@firstfix/provenance";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { authors, type AuthorsOptions } from "../commands/authors.ts";
import { uncommitted } from "./work-tree.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "firstfix-work-tree-")));
const shop = join(folder, "shop");
const git = (...args: string[]): string => execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false", "-C", shop, ...args], { encoding: "utf8" }).trim();
const write = (path: string, text: string): void => writeFileSync(join(shop, path), text);
const said = async (path: string): Promise<string[]> => uncommitted(await openRepository(shop), git("rev-parse", "HEAD"), path);
const changed = (path: string): string[] => [`${path} has changes in the work tree that are not committed: they are not shown, and the lines are those of HEAD.`];

/** What the command warns of, as JSON. */
async function warned(options: Partial<AuthorsOptions> = {}): Promise<readonly string[]> {
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((text: string) => void printed.push(text));
  await authors("a.js", { repo: shop, json: true, ...options });
  log.mockRestore();
  return (JSON.parse(printed.join("\n")) as { warnings: readonly string[] }).warnings;
}

beforeAll(() => {
  execFileSync("git", ["init", "-q", "-b", "main", shop]);
  mkdirSync(join(shop, "deep"));
  for (const path of ["a.js", "b.js", "crlf.js", "gone.js", "linked.js", "large.bin", "deep/c.js"]) write(path, "one\ntwo\n");
  write(".gitattributes", "*.bin filter=mine\n");
  git("add", ".");
  git("commit", "-q", "-m", "Start");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("what is not committed", () => {
  it("is told where no revision is named, also what is staged", async () => {
    expect(await warned()).toEqual([]);
    write("a.js", "one\ntwo\nthree\n");
    expect(await warned()).toEqual(changed("a.js"));
    expect(await warned({ lines: "1-9" })).toEqual([...changed("a.js"), "The file ends at line 2; --lines asked for lines up to 9."]);
    git("add", "a.js");
    expect(await warned()).toEqual(changed("a.js"));
    for (const rev of ["HEAD", "main"]) expect(await warned({ rev })).toEqual([]);
  });

  it("is no other line end, no file that is not there, and none behind a link", async () => {
    write("crlf.js", "one\r\ntwo\r\n");
    rmSync(join(shop, "gone.js"));
    rmSync(join(shop, "linked.js"));
    symlinkSync("/etc/passwd", join(shop, "linked.js"));
    rmSync(join(shop, "deep"), { recursive: true });
    mkdirSync(join(folder, "elsewhere"));
    writeFileSync(join(folder, "elsewhere/c.js"), "other\n");
    symlinkSync(join(folder, "elsewhere"), join(shop, "deep"));
    for (const path of ["b.js", "crlf.js", "gone.js", "linked.js", "deep/c.js"]) expect(await said(path), path).toEqual([]);
  });

  it("is looked for without running anything that the repository names", async () => {
    const trap = join(folder, "trap");
    const keys = ["filter.mine.clean", "filter.mine.smudge", "core.fsmonitor", "core.pager", "diff.external"];
    for (const key of keys) git("config", key, `touch ${trap}; cat 2>/dev/null`);
    write("large.bin", "not what was committed\n");
    write("b.js", "changed\n");
    // Whoever filters a file has other bytes there than in the commit.
    expect(await said("large.bin")).toEqual([]);
    expect(await said("b.js")).toEqual(changed("b.js"));
    expect(existsSync(trap)).toBe(false);
    git("status");
    expect(existsSync(trap)).toBe(true);
    for (const key of keys) git("config", "--unset", key);
  });

  it("may be a file of traces, of which only commits are read", async () => {
    mkdirSync(join(shop, ".agent-trace"));
    write(".agent-trace/traces.jsonl", "x".repeat(9 * 1024 * 1024));
    write("a.js", "one\ntwo\n");
    expect(await warned()).toEqual([".agent-trace/traces.jsonl (9.0 MiB) is in the work tree and not in HEAD: records are read from commits only."]);
    git("add", ".agent-trace", "a.js");
    git("commit", "-q", "-m", "Traces");
    expect(await warned()).toEqual(["Evidence was left out, and may say something else of some lines: .agent-trace/traces.jsonl is longer than 8388608 bytes (9437184): not read"]);
  });
});
