import { existsSync, mkdtempSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locate } from "./git/locate.ts";
import { newestTips } from "./git/revisions.ts";
import { openRepository, type Repository } from "./repository.ts";
import { rankSuspects } from "./suspects/rank.ts";
import { GitSandbox } from "./testing/sandbox.ts";

const sandboxes: GitSandbox[] = [];
const scratch = mkdtempSync(join(tmpdir(), "firstfix-scratch-"));
function sandbox(options: readonly string[] = []): GitSandbox {
  const made = new GitSandbox(options);
  sandboxes.push(made);
  return made;
}
afterAll(() => {
  for (const one of sandboxes) one.remove();
  rmSync(scratch, { recursive: true, force: true });
});

describe("a repository", () => {
  let box: GitSandbox;
  let repo: Repository;
  let first: string;
  let second: string;
  let merge: string;

  beforeAll(async () => {
    box = sandbox();
    first = box.commit("Start\n\nWith a body.\n", { "src/a.js": "one\ntwo\nthree\n", "docs/ü b.md": "# hi\n", "bin.dat": "a\0b" });
    box.git("checkout", "--quiet", "-b", "side");
    const side = box.commit("Side work", { "side.js": "1\n" });
    box.git("checkout", "--quiet", "main");
    second = box.commit("Change two", { "src/a.js": "one\nTWO\nthree\n", "docs/ü b.md": null, "docs/tab\there.md": "# hi\n" });
    box.git("merge", "--quiet", "--no-ff", "-m", "Merge side", side);
    merge = box.git("rev-parse", "HEAD");
    box.git("tag", "v1");
    repo = await openRepository(box.path);
  });

  it("knows revisions by id, abbreviation, branch and tag, and refuses expressions", async () => {
    for (const name of [merge, merge.slice(0, 10), merge.toUpperCase(), "main", "v1"]) expect(await repo.hasRevision(name), name).toBe(true);
    for (const name of ["0".repeat(40), "HEAD@{0}", ":/Start", "main~1", "--all", "", "main\n", "a..b", "nope"]) expect(await repo.hasRevision(name), name).toBe(false);
    expect((await repo.commit("v1")).id).toBe(merge);
  });

  it("reads a commit", async () => {
    expect(await repo.commit(first)).toMatchObject({ id: first, parents: [], authorEmail: "ada@example.com", subject: "Start", message: "Start\n\nWith a body.", authoredAt: Date.UTC(2026, 0, 1, 0, 1) });
  });

  it("lists the commits between two revisions without merges, newest first, and sees through them", async () => {
    expect((await repo.commitsBetween(first, merge)).map((commit) => commit.subject)).toEqual(["Change two", "Side work"]);
    expect(await repo.commitsBetween(merge, first)).toEqual([]);
    expect((await repo.commitsBetween(null, merge)).map((commit) => commit.subject)).toEqual(["Change two", "Side work", "Start"]);
  });

  it("reads a range in which somebody wrote an endless message", async () => {
    const good = box.git("rev-parse", "HEAD");
    const endless = box.gitWith({ input: `Endless\n\n${"x".repeat(40 * 1024 * 1024)}` }, "commit-tree", "-p", good, "-F", "-", `${good}^{tree}`);
    const after = box.gitWith({ input: "After\n" }, "commit-tree", "-p", endless, "-F", "-", `${good}^{tree}`);
    const commits = await repo.commitsBetween(good, after);
    expect(commits.map((one) => [one.id, one.subject])).toEqual([[after, "After"], [endless, "Endless"]]);
    expect(commits[1]?.message.length).toBeLessThan(100_000);
    expect((await repo.commit(endless)).subject).toBe("Endless");
  });

  it("knows ancestors", async () => {
    expect([await repo.isAncestor(first, merge), await repo.isAncestor(merge, first), await repo.isAncestor(first, first)]).toEqual([true, false, true]);
  });

  it("reads files and lists them, with odd names, and no binary ones", async () => {
    expect(await repo.readFile(first, "src/a.js")).toBe("one\ntwo\nthree\n");
    expect(await repo.readFile(first, "docs/ü b.md")).toBe("# hi\n");
    expect(await repo.readFile(second, "docs/tab\there.md")).toBe("# hi\n");
    for (const path of ["bin.dat", "src", "nope", "../etc/passwd", "/etc/passwd", ":(top)src/a.js", "*.js", ""]) expect(await repo.readFile(first, path), path).toBeNull();
    expect((await repo.listFiles(first, "src")).map((file) => file.path)).toEqual(["src/a.js"]);
    expect((await repo.listFiles(first, "./docs/")).map((file) => [file.path, file.size])).toEqual([["docs/ü b.md", 5]]);
    expect((await repo.listFiles(first, "")).length).toBe(3);
  });

  it("shows a commit's diff and changed files, renames included", async () => {
    expect(await repo.diff(second)).toContain("-two\n+TWO\n");
    expect(await repo.diff(first)).toContain("+two\n");
    expect(await repo.changedFiles(second)).toEqual([
      { path: "docs/tab\there.md", pathBefore: "docs/ü b.md", status: "R" },
      { path: "src/a.js", pathBefore: "src/a.js", status: "M" },
    ]);
    // Of a merge only what it brought to its first parent counts.
    expect((await repo.changedFiles(merge)).map((file) => file.path)).toEqual(["side.js"]);
  });

  it("says what to do when a revision, a repository or its history is missing", async () => {
    await expect(repo.commit("f".repeat(40))).rejects.toMatchObject({ code: "repository.revision_missing", retryable: true, hint: expect.stringContaining("fetch") });
    await expect(openRepository(join(scratch, "nowhere"))).rejects.toMatchObject({ code: "repository.missing", hint: expect.stringContaining("repositories[].path") });
    mkdirSync(join(box.path, "src"), { recursive: true });
    await expect(openRepository(join(box.path, "src"))).rejects.toMatchObject({ code: "repository.missing" });
    const shallow = join(scratch, "shallow.git");
    box.git("clone", "--quiet", "--bare", "--depth=1", `file://${box.path}`, shallow);
    const cut = await openRepository(shallow);
    expect([await cut.isShallow(), await repo.isShallow()]).toEqual([true, false]);
    expect(await cut.readFile(merge, "side.js")).toBe("1\n");
    await expect(cut.commit(first)).rejects.toMatchObject({ code: "repository.shallow", hint: expect.stringContaining("--unshallow") });
    await expect(cut.commitsBetween(null, second)).rejects.toMatchObject({ code: "repository.shallow" });
  });

  it("opens bare repositories, linked work trees and those of SHA-256", async () => {
    const bare = join(scratch, "bare.git");
    box.git("clone", "--quiet", "--bare", box.path, bare);
    expect((await (await openRepository(bare)).commit("main")).id).toBe(merge);
    const linked = join(scratch, "linked");
    box.git("worktree", "add", "--quiet", "--detach", linked, first);
    expect((await (await openRepository(linked)).commit("main")).id).toBe(merge);
    expect((await (await openRepository(linked)).commit("HEAD")).id).toBe(first);
    const wide = sandbox(["--object-format=sha256"]);
    const id = wide.commit("Wide", { "a.txt": "hi\n" });
    const opened = await openRepository(wide.path);
    expect(id).toHaveLength(64);
    expect(await opened.readFile(id, "a.txt")).toBe("hi\n");
    expect((await opened.blame(id, "a.txt", 1, 1))[0]?.commit).toBe(id);
  });

  it("takes a link for what it leads to, and no folder within a repository for one", async () => {
    const own = sandbox();
    own.commit("Start", { "sub/a.txt": "hi\n" });
    for (const [name, to] of [["to-root", own.path], ["to-sub", join(own.path, "sub")]] as const) symlinkSync(to, join(scratch, name));
    expect((await (await openRepository(join(scratch, "to-root"))).commit("HEAD")).subject).toBe("Start");
    for (const path of [join(own.path, "sub"), join(scratch, "to-sub")]) await expect(openRepository(path)).rejects.toMatchObject({ code: "repository.missing" });
  });

  it("tells who wrote a commit beside a branch that points at what is not there", async () => {
    const own = sandbox();
    const id = own.commit("Start\n\nCo-Authored-By: Claude <noreply@anthropic.com>", { "a.txt": "hi\n" });
    own.write(".git/refs/heads/broken", `${"1234".repeat(10)}\n`);
    const opened = await openRepository(own.path);
    expect(await newestTips(await locate(own.path), 10)).toEqual([id]);
    expect((await opened.attributeCommit(await opened.commit(id))).agent).toBe("Claude Code");
  });

  it.skipIf(process.getuid?.() !== 0)("opens a repository that belongs to another user", async () => {
    const other = sandbox();
    const id = other.commit("Theirs", { "a.txt": "hi\n" });
    const { execFileSync } = await import("node:child_process");
    execFileSync("chown", ["-R", "65534:65534", other.path]);
    expect((await (await openRepository(other.path)).commit(id)).subject).toBe("Theirs");
  });
});

describe("blame", () => {
  it("sees through white space and moves, and answers [] where there is nothing", async () => {
    const box = sandbox();
    const body = "export function total(items) {\n  return items.reduce((sum, item) => sum + item.price * item.quantity, 0);\n}\n";
    const first = box.commit("Add total", { "src/cart.js": body });
    box.commit("Indent", { "src/cart.js": body.replaceAll("  ", "\t") });
    const moved = box.commit("Move", { "src/cart.js": "export const empty = 0;\n", "src/total.js": body.replaceAll("  ", "\t") });
    const repo = await openRepository(box.path);
    expect((await repo.blame(moved, "src/total.js", 1, 3)).map((line) => [line.line, line.commit, line.originPath])).toEqual([1, 2, 3].map((line) => [line, first, "src/cart.js"]));
    expect(await repo.blame(moved, "src/total.js", 50, 60)).toEqual([]);
    expect(await repo.blame(moved, "nope.js", 1, 1)).toEqual([]);
  });

  it("honours the ignore list of the blamed revision only", async () => {
    const box = sandbox();
    const first = box.commit("One", { "a.js": "const total = price * quantity;\n" });
    const second = box.commit("Two", { "a.js": "const total = price*quantity ;;\n" });
    const third = box.commit("List", { ".git-blame-ignore-revs": `# formatting\n${second} # prettier\nnot an id\n` });
    const repo = await openRepository(box.path);
    expect((await repo.blame(second, "a.js", 1, 1))[0]?.commit).toBe(second);
    expect((await repo.blame(third, "a.js", 1, 1))[0]?.commit).toBe(first);
  });
});

describe("export", () => {
  it("writes files with their modes and the links that stay inside", async () => {
    const box = sandbox();
    box.write("bin/run.sh", "#!/bin/sh\n", 0o755);
    const sub = box.blob("irrelevant");
    const id = box.commit("Files", { ".gitattributes": "secret.txt export-ignore\n*.txt filter=evil\n", "secret.txt": "kept\n", "lib/deep/a.js": "1\n" });
    const tree = box.git("rev-parse", `${id}^{tree}`);
    expect(tree).not.toBe(sub);
    const into = join(scratch, "plain");
    expect(await (await openRepository(box.path)).exportTree(id, into)).toMatchObject({ files: 4, skipped: [] });
    expect(readFileSync(join(into, "secret.txt"), "utf8")).toBe("kept\n");
    expect(statSync(join(into, "bin/run.sh")).mode & 0o777).toBe(0o755);
    await expect((await openRepository(box.path)).exportTree(id, into)).rejects.toMatchObject({ code: "conflict" });
  });

  it("writes nothing outside of the folder, whatever the tree says", async () => {
    const box = sandbox();
    box.commit("Start", { "a.txt": "a\n" });
    const file = box.blob("evil\n");
    const inner = box.gitWith({ input: `100644 blob ${file}\tpwned\0` }, "mktree", "-z");
    const up = box.gitWith({ input: `040000 tree ${inner}\t..\0` }, "mktree", "-z");
    const outside = join(scratch, "outside");
    mkdirSync(outside);
    const id = box.commitTree([
      { mode: "100644", type: "blob", id: file, name: "ok.txt" },
      { mode: "120000", type: "blob", id: box.blob("ok.txt"), name: "inside" },
      { mode: "120000", type: "blob", id: box.blob(outside), name: "absolute" },
      { mode: "120000", type: "blob", id: box.blob("../outside"), name: "escape" },
      { mode: "120000", type: "blob", id: box.blob("inside/../../outside"), name: "crooked" },
      { mode: "120000", type: "blob", id: box.blob(outside), name: "twice" },
      { mode: "040000", type: "tree", id: inner, name: "twice" },
      { mode: "040000", type: "tree", id: inner, name: ".." },
      { mode: "040000", type: "tree", id: up, name: "sub" },
      { mode: "040000", type: "tree", id: inner, name: ".GIT" },
      { mode: "160000", type: "commit", id: "1".repeat(40), name: "module" },
    ]);
    const into = join(scratch, "hostile");
    const { skipped } = await (await openRepository(box.path)).exportTree(id, into);
    expect(skipped.map((one) => one.path).sort()).toEqual(["../pwned", ".GIT/pwned", "absolute", "crooked", "escape", "module", "sub/../pwned", "twice"].sort());
    expect(readlinkSync(join(into, "inside"))).toBe("ok.txt");
    expect(readFileSync(join(into, "twice/pwned"), "utf8")).toBe("evil\n");
    expect([existsSync(join(outside, "pwned")), existsSync(join(scratch, "pwned")), existsSync(join(into, "pwned"))]).toEqual([false, false, false]);
  });
});

describe("commitFiles", () => {
  const author = { authorName: "Firstfix", authorEmail: "firstfix@example.com" };

  it("commits on a branch without touching the work tree, the index or other branches", async () => {
    const box = sandbox();
    box.write("run.sh", "old\n", 0o755);
    const base = box.commit("Start", { "src/a.js": "old\n", "gone.js": "x\n" });
    box.write("src/a.js", "being edited\n");
    const repo = await openRepository(box.path);
    const id = await repo.commitFiles({ base, branch: "firstfix/inc-1", changes: [{ path: "src/a.js", text: "new\n" }, { path: "run.sh", text: "new\n" }, { path: "test/new.js", text: "t\n" }, { path: "gone.js", text: null }], message: "Fix it\n\nFirstfix-Incident: inc_1", ...author });
    expect(await repo.commit("firstfix/inc-1")).toMatchObject({ id, parents: [base], authorName: "Firstfix", message: "Fix it\n\nFirstfix-Incident: inc_1" });
    expect(box.git("ls-tree", "-r", "--format=%(objectmode) %(path)", id).split("\n")).toEqual(["100755 run.sh", "100644 src/a.js", "100644 test/new.js"]);
    expect(box.git("status", "--porcelain")).toBe("M src/a.js");
    expect(box.git("rev-parse", "main")).toBe(base);
    const next = await repo.commitFiles({ base: id, branch: "firstfix/inc-1", changes: [{ path: "src/a.js", text: "newer\n" }], message: "Again", ...author });
    expect(box.git("rev-parse", "firstfix/inc-1")).toBe(next);
  });

  it("refuses paths outside, through links, bad names and branches that are checked out", async () => {
    const box = sandbox();
    box.commit("Start", { "a.js": "1\n" });
    const base = box.commitTree([{ mode: "100644", type: "blob", id: box.blob("1\n"), name: "a.js" }, { mode: "120000", type: "blob", id: box.blob("/etc"), name: "link" }]);
    const repo = await openRepository(box.path);
    const attempt = async (path: string, branch = "fix", authorName = "F"): Promise<string> => repo.commitFiles({ base, branch, changes: [{ path, text: "x" }], message: "m", authorName, authorEmail: "f@example.com" });
    for (const path of ["../x", "/etc/x", ".git/config", "link/x", "link", "a.js/x", "a//b", ""]) await expect(attempt(path), path).rejects.toMatchObject({ code: "bad_request" });
    for (const branch of ["a..b", "-x y", "x.lock", ""]) await expect(attempt("b.js", branch), branch).rejects.toMatchObject({ code: "bad_request" });
    await expect(attempt("b.js", "fix", "a <b>")).rejects.toMatchObject({ code: "bad_request" });
    await expect(attempt("b.js", "main")).rejects.toMatchObject({ code: "conflict" });
    expect(await repo.hasRevision("fix")).toBe(false);
  });
});

describe("a hostile repository", () => {
  it("runs none of the programs that its configuration, hooks and attributes name", async () => {
    const box = sandbox();
    const base = box.commit("Start", { "a.txt": "one\n", ".gitattributes": "*.txt filter=evil diff=evil merge=evil\n" });
    const next = box.commit("Next", { "a.txt": "two\n" });
    const marker = join(scratch, "ran");
    const evil = join(scratch, "evil.sh");
    writeFileSync(evil, `#!/bin/sh\necho "$0 $*" >> ${marker}\ncat\n`, { mode: 0o755 });
    const hooks = join(box.path, ".git/hooks");
    mkdirSync(hooks, { recursive: true });
    for (const hook of ["reference-transaction", "post-update", "pre-commit", "post-index-change", "post-commit"]) writeFileSync(join(hooks, hook), `#!/bin/sh\necho hook >> ${marker}\n`, { mode: 0o755 });
    const settings: Record<string, string> = { "core.fsmonitor": evil, "core.hooksPath": hooks, "core.pager": evil, "core.editor": evil, "core.sshCommand": evil, "diff.external": evil, "diff.evil.textconv": evil, "diff.evil.command": evil, "filter.evil.clean": evil, "filter.evil.smudge": evil, "filter.evil.process": evil, "filter.evil.required": "true", "gpg.program": evil, "log.showSignature": "true", "commit.gpgSign": "true", "credential.helper": evil, "pager.log": evil, "alias.log": `!${evil}`, "core.askPass": evil, "extensions.partialClone": "origin", "remote.origin.promisor": "true", "remote.origin.url": `ext::${evil}`, "protocol.ext.allow": "always", "hook.evil.command": evil, "hook.evil.event": "reference-transaction", "uploadpack.packObjectsHook": evil, "blame.ignoreRevsFile": "/nonexistent" };
    const config = Object.entries(settings).map(([key, value]) => {
      const parts = key.split(".");
      const section = parts.length === 3 ? `${parts[0]} "${parts[1]}"` : parts[0];
      return `[${section}]\n\t${parts.at(-1)} = "${value}"\n`;
    });
    writeFileSync(join(box.path, ".git/config"), `[core]\n\trepositoryformatversion = 1\n${config.join("")}`);
    const repo = await openRepository(box.path);
    await repo.commit(next);
    await repo.commitsBetween(base, next);
    await repo.isAncestor(base, next);
    expect(await repo.diff(next)).toContain("+two");
    await repo.changedFiles(next);
    await repo.readFile(next, "a.txt");
    expect((await repo.blame(next, "a.txt", 1, 1))[0]?.commit).toBe(next);
    expect(await repo.hasRevision("0".repeat(40))).toBe(false);
    expect(await repo.hasRevision("0123456")).toBe(false);
    await repo.attributeCommit(next);
    await repo.attributeLines(next, "a.txt");
    const ranking = await rankSuspects(repo, { good: base, bad: next, places: [{ path: "a.txt", line: 1, function: "", weight: 1 }], symbols: ["GET /two", "two.three"], files: ["a.txt"], scoreMin: 0 });
    expect(ranking.candidates).toBe(1);
    await repo.exportTree(next, join(scratch, "from-hostile"));
    await repo.commitFiles({ base: next, branch: "fix", changes: [{ path: "a.txt", text: "three\n" }], message: "m", authorName: "F", authorEmail: "f@example.com" });
    expect(await repo.hasRevision("fix")).toBe(true);
    expect(existsSync(marker)).toBe(false);
  });
});
