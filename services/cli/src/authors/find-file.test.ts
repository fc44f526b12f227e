import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { authors } from "../commands/authors.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "firstfix-find-")));
const shop = join(folder, "shop");
const git = (...args: string[]): string => execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false", "-C", shop, ...args], { encoding: "utf8" }).trim();
const start = process.cwd();
afterEach(() => {
  process.chdir(start);
  vi.restoreAllMocks();
});

interface Said {
  readonly path: string;
  readonly warnings: readonly string[];
}

/** What the command prints as JSON, called in a folder. */
async function ask(cwd: string, file: string, options: { readonly repo?: string; readonly rev?: string; readonly lines?: string } = {}): Promise<Said> {
  process.chdir(cwd);
  const printed: string[] = [];
  vi.spyOn(console, "log").mockImplementation((text: string) => void printed.push(text));
  await authors(file, { repo: ".", json: true, ...options });
  return JSON.parse(printed.join("\n")) as Said;
}

beforeAll(() => {
  mkdirSync(join(shop, "src"), { recursive: true });
  execFileSync("git", ["init", "-q", "-b", "main", shop]);
  writeFileSync(join(shop, "a.js"), "one\ntwo\nthree\nfour\n");
  git("add", ".");
  git("commit", "-q", "-m", "Start");
  const files = { "src/cart.js": "x\n", "src/gone.js": "y\n", "empty.js": "", "binary.dat": "a\0b", "huge.txt": "x\n".repeat(4_500_000), "con\u001b[31m\n.js": "z\n", "-dash.js": "z\n" };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(shop, name), text);
  symlinkSync("/etc/passwd", join(shop, "outside.js"));
  git("add", ".");
  git("commit", "-q", "-m", "More");
  rmSync(join(shop, "src/gone.js"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the file that is meant", () => {
  it.each([
    ["missing.js", {}, "there is no file missing.js at HEAD", /^git ls-tree/],
    ["CART.JS", {}, "there is no file CART.JS at HEAD", /^Did you mean src\/cart\.js\?$/],
    ["src/cart.js", { rev: "HEAD~1" }, "there is no file src/cart.js at HEAD~1", /^It is there at HEAD/],
    ["src", {}, "src is a folder at HEAD", /such as src\/cart\.js\.$/],
    [".", {}, ". is a folder at HEAD", /such as /],
    ["empty.js", {}, "empty.js is empty at HEAD: it has no lines", /./],
    ["binary.dat", {}, "binary.dat is a binary file at HEAD: it has no lines", /text file/],
    ["huge.txt", {}, "huge.txt has 8.6 MiB at HEAD: files of more than 8.0 MiB are not blamed", /./],
    ["outside.js", {}, "outside.js is a symbolic link, which has no lines of its own (HEAD)", /leads to/],
    ["a.js", { lines: "900-901" }, "--lines 900-901: a.js has only 4 lines at HEAD", /--lines 1-4/],
  ])("%j %j is not found, and the hint says what to do", async (file, options, message, hint) => {
    await expect(ask(shop, file, options)).rejects.toMatchObject({ code: "not_found", message, hint: expect.stringMatching(hint) as string });
  });

  it.each([
    ["../../etc/passwd", {}, "../../etc/passwd lies outside of the repository SHOP", /--repo/],
    ["/etc/passwd", {}, "/etc/passwd lies outside of the repository SHOP", /--repo/],
    ["a.js", { lines: "9-3" }, "--lines 9-3 ends before it begins", /^Is --lines 3-9 meant\?$/],
    ["a.js", { lines: "x" }, "--lines x is not a range of lines", /--lines 10-25/],
    ["a.js", { lines: "0-3" }, "--lines 0-3: the first line is line 1", /./],
    ["a.js", { lines: "-5" }, "--lines -5 is not a range of lines", /./],
    ["a.js", { lines: "1-99999999999" }, "--lines 1-99999999999 is not a range of lines", /./],
  ])("%j %j is refused, and the hint says what to give", async (file, options, message, hint) => {
    await expect(ask(shop, file, options)).rejects.toMatchObject({ code: "bad_request", message: message.replace("SHOP", shop), hint: expect.stringMatching(hint) as string });
  });

  it("is found from any folder, by any of its names, and where it is gone by now", async () => {
    const src = join(shop, "src");
    const path = async (...args: Parameters<typeof ask>): Promise<string> => (await ask(...args)).path;
    expect(await path(shop, "src/cart.js")).toBe("src/cart.js");
    expect(await path(shop, join(src, "cart.js"))).toBe("src/cart.js");
    expect(await path(src, "cart.js")).toBe("src/cart.js");
    expect(await path(src, "src/cart.js")).toBe("src/cart.js");
    expect(await path(src, "../a.js")).toBe("a.js");
    expect(await path(src, "gone.js")).toBe("src/gone.js");
    expect(await path(folder, "cart.js", { repo: "shop/src" })).toBe("src/cart.js");
    expect(await path(folder, "a.js", { repo: "shop/.git" })).toBe("a.js");
    expect(await path(shop, "-dash.js")).toBe("-dash.js");
    expect(await path(shop, "con\u001b[31m\n.js")).toBe("con\u001b[31m\n.js");
  });

  it("may lie in a submodule, which is named with how it is asked, or not be committed yet", async () => {
    const outer = join(folder, "outer");
    const at = (...args: string[]): string => execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "protocol.file.allow=always", "-C", outer, ...args], { encoding: "utf8" }).trim();
    execFileSync("git", ["init", "-q", "-b", "main", outer]);
    at("submodule", "--quiet", "add", shop, "lib/shop");
    at("commit", "-q", "-m", "Shop");
    const id = git("rev-parse", "--short=12", "HEAD");
    const lies = (file: string, rev = "HEAD"): string => `${file} lies in the submodule lib/shop, which is a repository of its own (${rev})`;
    await expect(ask(outer, "lib/shop/src/cart.js")).rejects.toMatchObject({ code: "not_found", message: lies("lib/shop/src/cart.js"), hint: "Ask there: firstfix authors src/cart.js --repo lib/shop" });
    await expect(ask(join(outer, "lib"), "shop/a.js", { rev: "main" })).rejects.toMatchObject({ message: lies("shop/a.js", "main"), hint: `Ask there: firstfix authors a.js --repo shop --rev ${id}` });
    await expect(ask(folder, "a.js", { repo: "outer/lib/shop" })).resolves.toMatchObject({ path: "a.js" });
    await expect(ask(folder, "lib/shop", { repo: "outer" })).rejects.toMatchObject({ message: "lib/shop is the submodule lib/shop, which is a repository of its own (HEAD)", hint: "Ask there: firstfix authors FILE --repo outer/lib/shop" });
    rmSync(join(outer, "lib/shop"), { recursive: true });
    await expect(ask(outer, "lib/shop/a.js")).rejects.toMatchObject({ message: lies("lib/shop/a.js"), hint: `It is not checked out here: git -C ${outer} submodule update --init lib/shop, then firstfix authors a.js --repo lib/shop` });
    writeFileSync(join(outer, "new.js"), "x\n");
    await expect(ask(outer, "new.js")).rejects.toMatchObject({ message: "there is no file new.js at HEAD", hint: expect.stringMatching(/^It lies in the work tree and was not committed/) as string });
  });

  it("may end before a range does, and a shallow clone may not know who wrote it", async () => {
    expect((await ask(shop, "a.js", { lines: "3-900" })).warnings).toEqual(["The file ends at line 4; --lines asked for lines up to 900."]);
    const shallow = join(folder, "shallow");
    execFileSync("git", ["clone", "-q", "--depth", "1", `file://${shop}`, shallow]);
    expect((await ask(shallow, "a.js")).warnings).toEqual([expect.stringMatching(/^The clone is shallow: who wrote 4 lines is not known/)]);
    await expect(ask(shallow, "a.js", { rev: "HEAD~1" })).rejects.toMatchObject({ code: "repository.revision_missing", hint: expect.stringMatching(/^The clone is shallow, and may lack it: git -C .* fetch --unshallow$/) as string });
  });
});

describe("the repository and the revision that are meant", () => {
  beforeAll(() => {
    mkdirSync(join(folder, "plain"));
    writeFileSync(join(folder, "plain/file"), "");
    execFileSync("git", ["init", "-q", join(folder, "new")]);
    execFileSync("git", ["clone", "-q", "--bare", shop, join(folder, "bare.git")]);
  });

  it.each([
    ["/nonexistent", "HEAD", "repository.missing", "there is no folder /nonexistent"],
    ["plain", "HEAD", "repository.missing", "plain is in no git repository"],
    ["plain/file", "HEAD", "repository.missing", "plain/file is no folder"],
    ["new", "HEAD", "repository.revision_missing", "FOLDER/new has no commit yet, so it has no revision HEAD"],
    ["shop", "nope", "repository.revision_missing", "FOLDER/shop has no revision nope (--rev)"],
    ["shop", "--all", "repository.revision_missing", "FOLDER/shop has no revision --all (--rev)"],
    ["shop", "HEAD:a.js", "repository.revision_missing", "--rev HEAD:a.js names a blob of FOLDER/shop, which is no commit"],
  ])("are not %s at %s", async (repo, rev, code, message) => {
    await expect(ask(folder, "a.js", { repo, rev })).rejects.toMatchObject({ code, message: message.replace("FOLDER", folder), hint: expect.stringMatching(/./) as string });
  });

  it("may be bare, and named by a folder in it", async () => {
    for (const repo of ["bare.git", "bare.git/objects"]) expect((await ask(folder, "a.js", { repo })).path, repo).toBe("a.js");
  });
});
