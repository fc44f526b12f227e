import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "firstfix-failure-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
const firstfix = (...args: string[]): Ended => spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, encoding: "utf8", env: { ...process.env, FIRSTFIX_DATA: join(folder, "data") }, timeout: 30_000 });
/** Standard output leads where the script says: $1 is node, $2 the program. */
const inShell = (script: string): Ended => spawnSync("sh", ["-c", script, "sh", process.execPath, MAIN], { cwd: folder, encoding: "utf8", timeout: 30_000 });

describe("a failure", () => {
  it("is one line and a hint, without control characters, and tells a wrong call from one that failed", () => {
    expect(firstfix("repo", "add", "no\u001b[31m\nsuch\u202e")).toEqual(expect.objectContaining({ status: 2, stdout: "", stderr: expect.stringMatching(/^firstfix: there is no folder no\\u001b\[31m such\\u202e\n {2}hint: [^\n]*\n$/) as string }));
    expect(firstfix("authors", "a.js", "--no\u009bpe")).toMatchObject({ status: 2, stderr: "firstfix: unknown option '--no\\u009bpe'\n  hint: firstfix authors --help shows what it takes.\n" });
    expect(firstfix("authors", "a.js")).toMatchObject({ status: 1, stderr: expect.stringMatching(/^firstfix: this folder is in no git repository\n {2}hint: [^\n]*\n$/) as string });
    writeFileSync(join(folder, "wrong.yaml"), '"a\\e[31m": 1\n');
    expect(firstfix("repo", "list", "--config", "wrong.yaml")).toMatchObject({ status: 2, stderr: expect.stringMatching(/^firstfix: a\\u001b\[31m: no such key\n {2}hint: /) as string });
    expect(firstfix("repo")).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(/^Usage: firstfix repo /) as string });
  });

  it("is as short as a screen, however long what was given", () => {
    const { status, stderr } = firstfix("report", "x".repeat(100_000));
    expect([status, stderr.length < 3_000]).toEqual([2, true]);
  });
});

describe("output", () => {
  it.runIf(existsSync("/dev/full"))("that is lost on a full disk is a failure", () => {
    expect(inShell('"$1" "$2" config > /dev/full')).toMatchObject({ status: 1, stderr: "firstfix: the output cannot be written: ENOSPC: no space left on device, write\n" });
  });

  it("that nobody reads to its end is none", () => {
    // The reader is gone before the first word.
    expect(inShell(`{ sleep 0.3; FIRSTFIX_REPOSITORY=https://h/x FIRSTFIX_REVISION=${"a".repeat(40)} "$1" "$2" tag; echo "status $?" >&2; } | true`)).toMatchObject({ stderr: "status 0\n" });
  });
});
