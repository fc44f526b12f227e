import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryBus } from "@firstfix/bus";
import type { BackfillProgress, BackfillResult } from "@firstfix/changes";
import { createLogger, parseConfig } from "@firstfix/kit";
import { openStore, select, type Store } from "@firstfix/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Operation } from "./api.ts";
import { backfillOperations } from "./backfill.ts";

const folder = mkdtempSync(join(tmpdir(), "firstfix-backfill-"));
const [plain, remote, configured] = ["plain", "remote", "configured"].map((name) => join(folder, name)) as [string, string, string];
const bus = createMemoryBus();
let store: Store;
let backfill: Operation;

function git(path: string, ...args: readonly string[]): void {
  const person = { GIT_AUTHOR_NAME: "Ada", GIT_AUTHOR_EMAIL: "ada@example.com", GIT_COMMITTER_NAME: "Ada", GIT_COMMITTER_EMAIL: "ada@example.com" };
  // oxlint-disable-next-line node/no-process-env -- a test's git needs PATH and HOME as the developer has them
  execFileSync("git", args, { cwd: path, env: { ...process.env, ...person, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" }, stdio: "pipe" });
}

beforeAll(async () => {
  for (const path of [plain, remote, configured]) {
    mkdirSync(path);
    git(path, "init", "--quiet", "--initial-branch=main", ".");
    writeFileSync(join(path, "a.js"), "one\ntwo\n");
    git(path, "add", "--all");
    git(path, "commit", "--quiet", "-m", "Begin\n\nCo-Authored-By: Claude <noreply@anthropic.com>");
  }
  git(remote, "remote", "add", "origin", "https://name:secret@git.example.com/team/remote.git");
  store = await openStore({ path: join(folder, "data") });
  const config = parseConfig({ data: join(folder, "data"), repositories: [{ url: "https://git.example.com/team/named/", path: configured }] }, folder);
  backfill = backfillOperations({ config, store, bus, log: createLogger("operations", "silent") })["backfill"] as Operation;
});
afterAll(async () => {
  await store.close();
  await bus.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = async (input: object): Promise<BackfillResult> => (await backfill(input, () => {}, new AbortController().signal)) as BackfillResult;

describe("the operation backfill", () => {
  it("names a folder's rows as its owner, its remote or its path do, never with credentials", async () => {
    expect((await run({ path: plain })).repository).toBe(plain);
    expect((await run({ path: remote })).repository).toBe("https://git.example.com/team/remote");
    expect((await run({ path: configured })).repository).toBe("https://git.example.com/team/named");
    expect((await run({ path: plain, url: "https://git.example.com/team/mine.git" })).repository).toBe("https://git.example.com/team/mine");
    expect(await select(store.background, "SELECT repository, agent, lines_added FROM changes FINAL ORDER BY repository DESC LIMIT 1")).toEqual([{ repository: "https://git.example.com/team/remote", agent: "Claude Code", lines_added: 2 }]);
  });

  it("finds a repository by its address, and tells of progress", async () => {
    const steps: BackfillProgress[] = [];
    const result = (await backfill({ url: "https://git.example.com/team/named.git", again: true }, (step) => steps.push(step as BackfillProgress), new AbortController().signal)) as BackfillResult;
    expect(result).toMatchObject({ repository: "https://git.example.com/team/named", commits: 1, recorded: 1, lines: { files: 1, blamed: 1, lines: 2 } });
    expect(steps.findLast(({ what }) => what === "lines")).toMatchObject({ done: 1, total: 1, leftMs: 0 });
  });

  it("refuses what it cannot do, and names the key and what is allowed", async () => {
    await expect(run({})).rejects.toMatchObject({ code: "bad_request" });
    await expect(run({ path: "relative" })).rejects.toMatchObject({ code: "bad_request", message: expect.stringContaining("path: a whole path") as string });
    await expect(run({ path: plain, lines: "yes" })).rejects.toMatchObject({ code: "bad_request", message: expect.stringContaining("lines") as string });
    await expect(run({ path: plain, other: 1 })).rejects.toMatchObject({ code: "bad_request" });
    await expect(run({ path: folder })).rejects.toMatchObject({ code: "repository.missing" });
    await expect(run({ path: plain, revision: "nowhere" })).rejects.toMatchObject({ code: "repository.revision_missing" });
    await expect(run({ url: "https://git.example.com/team/unknown" })).rejects.toMatchObject({ code: "repository.missing", hint: expect.stringContaining("repo add") as string });
  });
});
