import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TestRepository } from "../../../libs/changes/src/testing/repository.ts";

const CLI = fileURLToPath(new URL("../../../services/cli/src/main.ts", import.meta.url));
const COMMITS = 3_000;
const git = new TestRepository();
const folder = mkdtempSync(join(tmpdir(), "firstfix-interrupted-"));
const scratch = join(folder, "scratch");

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `firstfix backfill` as a person calls it, who presses Ctrl-C once it says what is waited for. */
function backfill(until: RegExp | null): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, "backfill", "--repo", git.path, "--no-lines"], { env: { ...process.env, FIRSTFIX_DATA: join(folder, "data"), TMPDIR: scratch }, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    const waited = until !== null && !until.test(stderr);
    stderr += text;
    if (waited && until.test(stderr)) child.kill("SIGINT");
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

beforeAll(() => {
  mkdirSync(scratch);
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const commits = Array.from({ length: COMMITS }, (_, at) => `commit refs/heads/main\ncommitter Ada Example <ada@example.com> ${1_767_225_600 + at * 60} +0000\n${data(`Change ${at}`)}M 100644 inline f${at % 90}.js\n${data(`const x = ${at};\n`)}`);
  git.gitWith(commits.join(""), { name: "Ada", email: "ada@example.com" }, "fast-import", "--quiet");
});
afterAll(() => {
  git.dispose();
  rmSync(folder, { recursive: true, force: true });
});

it("stops at Ctrl-C as a shell expects, leaves nothing behind, and goes on where it stopped", async () => {
  const first = await backfill(/changes: [1-9]\d* of 3000/);
  expect(first).toMatchObject({ code: 130, stdout: "", stderr: expect.stringMatching(/firstfix: interrupted\n {2}hint: Call it again: it goes on where it stopped\.\n$/) as string });
  const second = await backfill(null);
  expect(second.code).toBe(0);
  const [, recorded, known] = /3000 commits, (\d+) recorded now, (\d+) known before/.exec(second.stdout) ?? [];
  expect(Number(known)).toBeGreaterThan(0);
  expect(Number(recorded)).toBeGreaterThan(0);
  expect(Number(recorded) + Number(known)).toBe(COMMITS);
  expect(readdirSync(scratch)).toEqual([]);
});
