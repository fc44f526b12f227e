import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import { lineAuthors } from "./authors.ts";
import { attributeChange, attributeChanges, type ChangeAuthors } from "./changes.ts";

const box = new GitSandbox();
const tools = mkdtempSync(join(tmpdir(), "firstfix-test-"));
afterAll(() => {
  box.remove();
  rmSync(tools, { recursive: true, force: true });
});

/** Git processes that the work starts: a git that writes itself down stands before the real one. */
async function processes(work: () => Promise<unknown>): Promise<number> {
  // oxlint-disable-next-line node/no-process-env -- the search path is what the test changes
  const before = process.env["PATH"] ?? "";
  const real = before.split(delimiter).map((folder) => join(folder, "git")).find((file) => existsSync(file)) ?? "git";
  writeFileSync(join(tools, "git"), `#!/bin/sh\necho x >> ${join(tools, "log")}\nexec ${real} "$@"\n`);
  chmodSync(join(tools, "git"), 0o755);
  writeFileSync(join(tools, "log"), "");
  try {
    // oxlint-disable-next-line node/no-process-env -- as above
    process.env["PATH"] = `${tools}${delimiter}${before}`;
    await work();
  } finally {
    // oxlint-disable-next-line node/no-process-env -- as above
    process.env["PATH"] = before;
  }
  return readFileSync(join(tools, "log"), "utf8").split("\n").length - 1;
}

async function all(): Promise<ChangeAuthors[]> {
  const changes: ChangeAuthors[] = [];
  const ids = box.git("rev-list", "--all").split("\n");
  await attributeChanges(await openRepository(box.path), ids, (change) => void changes.push(change));
  expect(changes.map((change) => change.commit.id)).toEqual(ids);
  return changes;
}

/** Added, deleted and files of every commit as git itself counts them. */
function numstat(): Map<string, number[]> {
  const counts = new Map<string, number[]>();
  let now: number[] = [];
  for (const line of box.git("log", "--all", "--diff-merges=first-parent", "-M", "--numstat", "--format=commit %H").split("\n")) {
    const row = /^(\d+|-)\t(\d+|-)\t/.exec(line);
    if (line.startsWith("commit ")) counts.set(line.slice(7), (now = [0, 0, 0]));
    else if (row !== null) now.splice(0, 3, (now[0] ?? 0) + (Number(row[1]) || 0), (now[1] ?? 0) + (Number(row[2]) || 0), (now[2] ?? 0) + 1);
  }
  return counts;
}

describe("many commits at once", () => {
  it("counts what git counts: renames, binary files, odd names, merges, links, no end of line", async () => {
    box.commit("Start", { "a.js": "1\n2\n3\n4\n5\n", "b c.js": "1\n", "ü/\"q\".js": "1\n", "t\tab.js": "x\n", "bin": "\0\x01", "-- x": "1\n", "empty": "" });
    box.commit("Change", { "a.js": "1\nA\n3\nB\nC\n5\n", "b c.js": "1\n2", "bin": "\0\x02", "++ y": "@@ -1 +1 @@\ndiff --git a/x b/x\n-- a/x\n++ b/x\n" });
    box.git("mv", "a.js", "dir with space.js");
    box.commit("Move", { "t\tab.js": "y\n", "++ y": "-- a\n++ b\n" });
    box.git("checkout", "--quiet", "-b", "side", "HEAD~1");
    box.commit("Side", { "side.js": "1\n2\n" });
    box.git("checkout", "--quiet", "main");
    box.git("merge", "--quiet", "--no-ff", "-m", "Merge branch 'side'", "side");
    box.commit("Delete", { "b c.js": null, "empty": null });
    box.commit("Nothing");
    rmSync(join(box.path, "side.js"));
    symlinkSync("dir with space.js", join(box.path, "side.js"));
    chmodSync(join(box.path, "t\tab.js"), 0o755);
    box.commit("A link in its place, and another mode");
    box.commit("Long line", { "long.js": `${"x".repeat(200_000)}\n${"y".repeat(70_000)}` });
    const changes = await all();
    expect(new Map(changes.map((one) => [one.commit.id, [one.linesAdded, one.deleted, one.files]]))).toEqual(numstat());
    for (const { added, linesAdded } of changes) expect([...added.values()].flat().reduce((sum, one) => sum + one.count, 0)).toBe(linesAdded);
    const paths = changes.flatMap((one) => [...one.added.keys()]);
    for (const path of ["b c.js", "ü/\"q\".js", "t\tab.js", "dir with space.js", "++ y", "-- x", "side.js", "bin", "empty"]) expect(paths).toContain(path);
  });

  it("counts the lines of each author, and agrees with what is said of lines and commits one by one", async () => {
    const id = box.commit("By three\n\nCo-Authored-By: Claude <noreply@anthropic.com>", { "three.js": "1\n2\n3\n4\n5\n", "other.js": "1\n" });
    const lower = { schema_version: "authorship/3.0.0", base_commit_sha: id, prompts: { "0123456789abcdef": { agent_id: { tool: "claude", id: "1", model: "opus" } } }, humans: { h_1: { author: "Ada" } } };
    box.gitWith({ input: `three.js\n  0123456789abcdef 1,3-4\n  h_1 2\n---\n${JSON.stringify(lower)}\n` }, "notes", "--ref=refs/notes/ai", "add", "--file=-", id);
    const repo = await openRepository(box.path);
    const change = await attributeChange(repo, id);
    expect(Object.fromEntries(change.added)).toEqual({
      "other.js": [{ authorship: "unknown", agent: "", model: "", count: 1 }],
      "three.js": [{ authorship: "ai", agent: "Claude Code", model: "opus", count: 3 }, { authorship: "human", agent: "", model: "", count: 1 }, { authorship: "unknown", agent: "", model: "", count: 1 }],
    });
    expect(change.attribution).toEqual(await repo.attributeCommit(id));
    expect(change.commit).toEqual(await repo.commit(id));
    for (const one of await all()) expect(one.commit).toEqual(await repo.commit(one.commit.id));
    expect([...(await repo.attributeLines(id, "three.js")).values()].map((one) => one.authorship)).toEqual(["ai", "human", "ai", "ai", "unknown"]);
  });

  it("counts submodules as files without lines, and passes over what is no commit", async () => {
    const id = box.commitTree([{ mode: "160000", type: "commit", id: "1".repeat(40), name: "module" }, { mode: "100644", type: "blob", id: box.blob("1\n2\n"), name: "z" }]);
    const repo = await openRepository(box.path);
    const seen: ChangeAuthors[] = [];
    await attributeChanges(repo, ["2".repeat(40), id, box.blob("x")], (change) => void seen.push(change));
    expect(seen.map((one) => [one.commit.id, one.linesAdded, one.files])).toEqual([[id, 2, 2]]);
  });

  it("starts no more git processes for 500 commits and a file of 10,000 lines than for a few", async () => {
    const many = new GitSandbox();
    try {
      const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}`);
      const ids = many.lay(Array.from({ length: 500 }, (_, index) => {
        if (index > 0) for (let line = index * 20; line < index * 20 + 20; line += 1) lines[line] = `line ${line} of ${index}`;
        return { message: index % 2 === 0 ? `Change ${index}\n\nCo-Authored-By: Claude <noreply@anthropic.com>` : `Change ${index}`, files: { "a.txt": `${lines.join("\n")}\n` } };
      }));
      const repo = await openRepository(many.path);
      let authors: Awaited<ReturnType<typeof lineAuthors>> = [];
      expect(await processes(async () => (authors = await lineAuthors(repo, ids.at(-1) ?? "", "a.txt")))).toBeLessThan(25);
      expect([authors.length, new Set(authors.map((one) => one.commit)).size, authors[40]?.attribution.agent, authors[20]?.attribution.agent]).toEqual([10_000, 500, "Claude Code", ""]);
      expect(await processes(async () => attributeChanges(repo, ids, () => {}))).toBeLessThan(15);
    } finally {
      many.remove();
    }
  });

  it("stops when it is told to", async () => {
    const repo = await openRepository(box.path);
    await expect(attributeChanges(repo, [box.git("rev-parse", "HEAD")], () => {}, { signal: AbortSignal.abort() })).rejects.toThrow();
  });
});
