import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GitSandbox } from "../testing/sandbox.ts";
import { Mirrors, type Mirrored } from "./mirrors.ts";

const URL = "https://git.shop.example/shop";

describe("a mirror of a repository", () => {
  let folder: string;
  let origin: GitSandbox;
  let mirrors: Mirrors;
  let shop: Mirrored;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "firstfix-mirrors-"));
    origin = new GitSandbox();
    mirrors = new Mirrors(folder);
    shop = { url: URL, source: origin.path };
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    origin.remove();
  });

  it("holds branches, tags, notes, checkpoints and what a clone has from further up", async () => {
    const first = origin.commit("One", { "a.txt": "1\n" });
    origin.git("tag", "-a", "v1", "-m", "v1");
    origin.git("notes", "--ref=ai", "add", "-m", "{}", first);
    origin.git("branch", "entire/checkpoints/v1");
    origin.git("update-ref", "refs/remotes/origin/main", first);
    origin.git("update-ref", "refs/entire/checkpoints/KM/01M1PTJGEYNGRB6R0H85Z29FKM", first);
    const mirror = await mirrors.refresh(shop);
    expect(await mirror.hasRevision(first)).toBe(true);
    expect(await mirror.branches()).toEqual(["entire/checkpoints/v1", "main"]);
    const refs = origin.git("-C", mirror.path, "for-each-ref", "--format=%(refname)").split("\n");
    expect(refs).toEqual(expect.arrayContaining(["refs/notes/ai", "refs/tags/v1", "refs/remotes/origin/main", "refs/entire/checkpoints/KM/01M1PTJGEYNGRB6R0H85Z29FKM"]));

    const second = origin.commit("Two", { "a.txt": "2\n" });
    expect(await mirror.hasRevision(second)).toBe(false);
    await mirrors.refresh(shop);
    expect(await mirror.hasRevision(second)).toBe(true);
    expect(await mirror.readFile("main", "a.txt")).toBe("2\n");
  });

  it("follows forced pushes, renamed and deleted branches, and keeps deployed revisions and branches of fixes", async () => {
    const base = origin.commit("One", { "a.txt": "1\n" });
    origin.git("branch", "topic");
    origin.git("branch", "gone");
    const deployed = origin.commit("Deployed", { "a.txt": "2\n" });
    const mirror = await mirrors.refresh(shop);
    await mirrors.keep(shop, deployed);
    const fix = await mirror.commitFiles({ base: deployed, branch: "firstfix/inc_1", changes: [{ path: "a.txt", text: "fixed\n" }], message: "Fix", authorName: "Firstfix", authorEmail: "fix@firstfix.invalid" });

    origin.git("reset", "--quiet", "--hard", base);
    const forced = origin.commit("Instead", { "b.txt": "1\n" });
    origin.git("branch", "-m", "topic", "topic/renamed");
    origin.git("branch", "-D", "gone");
    origin.git("branch", "firstfix/inc_2");
    await mirrors.refresh(shop);

    expect((await mirror.commit("main")).id).toBe(forced);
    expect(await mirror.branches()).toEqual(["firstfix/inc_1", "main", "topic/renamed"]);
    expect((await mirror.commit("firstfix/inc_1")).id).toBe(fix);
    // Whatever cleans up in there: a commit that was deployed stays.
    origin.git("-C", mirror.path, "-c", "gc.pruneExpire=now", "gc", "--quiet", "--prune=now");
    expect(await mirror.readFile(deployed, "a.txt")).toBe("2\n");
  });

  it("gets a commit that no branch leads to, where the source gives it", async () => {
    const base = origin.commit("One", { "a.txt": "1\n" });
    const lost = origin.commit("Lost before it was ever fetched", { "a.txt": "2\n" });
    origin.git("reset", "--quiet", "--hard", base);
    const mirror = await mirrors.refresh(shop);
    expect(await mirror.hasRevision(lost)).toBe(false);
    expect(await mirrors.fetchCommit(shop, lost)).toBe(true);
    expect(await mirror.readFile(lost, "a.txt")).toBe("2\n");
    expect(await mirrors.fetchCommit(shop, "f".repeat(40))).toBe(false);
  });

  it("says that its source is shallow, how to mend it, and follows when it is mended", async () => {
    const first = origin.commit("One", { "a.txt": "1\n" });
    for (const n of [2, 3, 4]) origin.commit(`Commit ${n}`, { "a.txt": `${n}\n` });
    const shallow = join(folder, "shallow");
    origin.git("clone", "--quiet", "--depth=2", `file://${origin.path}`, shallow);
    const cut = { url: URL, source: shallow };
    const mirror = await mirrors.refresh(cut);
    expect((await mirrors.status(cut))?.shallow).toBe(true);
    await expect(mirror.commit(first)).rejects.toMatchObject({ code: "repository.shallow", hint: expect.stringContaining(`git -C ${shallow} fetch --unshallow`) });
    await mirrors.refresh(cut);
    origin.git("-C", shallow, "fetch", "--quiet", "--unshallow");
    await mirrors.refresh(cut);
    expect((await mirrors.status(cut))?.shallow).toBe(false);
    expect((await mirror.commit(first)).subject).toBe("One");
  });

  it("names submodules and does not fetch them, and takes binary and large files without reading them", async () => {
    const inner = new GitSandbox();
    try {
      inner.commit("Inner", { "lib.js": "1\n" });
      origin.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.path, "vendor/inner");
      writeFileSync(join(origin.path, "film.bin"), Buffer.alloc(12 * 1024 * 1024, Buffer.from([0, 1, 2, 3, 254])));
      const id = origin.commit("With a film", { "a.txt": "1\n" });
      const mirror = await mirrors.refresh(shop);
      expect((await mirrors.status(shop))?.submodules).toEqual(["vendor/inner"]);
      await expect(mirror.readFile(id, "film.bin")).rejects.toThrow(/longer than/);
      expect(await mirror.diff(id)).toContain("Binary files");
      expect((await mirror.listFiles(id, "")).map((file) => file.path)).not.toContain("vendor/inner");
    } finally {
      inner.remove();
    }
  });

  it("gives up a fetch that brings too much, or takes too long, and leaves nothing half made", async () => {
    for (let n = 0; n < 3; n += 1) origin.write(`noise-${n}.bin`, Buffer.from(Array.from({ length: 400_000 }, () => Math.floor(Math.random() * 256))).toString("base64"));
    origin.commit("Noise");
    await expect(mirrors.refresh(shop, { msMax: 1 })).rejects.toMatchObject({ code: "repository.failed", retryable: true });
    await expect(mirrors.refresh(shop, { bytesMax: 100_000 })).rejects.toThrow(/brought more than 100000 bytes/);
    await expect(mirrors.refresh(shop, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(Error);
    expect(readdirSync(mirrors.folder)).toEqual([]);
    expect(await mirrors.open(shop)).toBeNull();
    const mirror = await mirrors.refresh(shop);
    expect(existsSync(mirror.path)).toBe(true);
  });

  it("takes a repository of SHA-256, an empty one, and one that has moved", async () => {
    const other = new GitSandbox(["--object-format=sha256"]);
    const empty = new GitSandbox();
    try {
      const id = other.commit("One", { "a.txt": "1\n" });
      const elsewhere = { url: "https://git.shop.example/other", source: other.path };
      expect(id).toHaveLength(64);
      expect(await (await mirrors.refresh(elsewhere)).readFile(id, "a.txt")).toBe("1\n");
      other.git("branch", "--move", "dev");
      other.git("symbolic-ref", "HEAD", "refs/heads/main");
      const unborn = { url: "https://git.shop.example/unborn", source: other.path };
      expect(await (await mirrors.refresh(unborn)).readFile(id, "a.txt")).toBe("1\n");
      const nothing = { url: "https://git.shop.example/empty", source: empty.path };
      expect(await (await mirrors.refresh(nothing)).branches()).toEqual([]);
      const first = empty.commit("First", { "a.txt": "1\n" });
      expect(await (await mirrors.refresh(nothing)).hasRevision(first)).toBe(true);
      origin.commit("One", { "a.txt": "1\n" });
      const moved = await mirrors.refresh({ ...nothing, source: origin.path });
      expect((await moved.commit("main")).subject).toBe("One");
      expect(await moved.hasRevision(first)).toBe(true);
    } finally {
      other.remove();
      empty.remove();
    }
  });

  it.runIf(process.getuid?.() === 0)("reads a folder that belongs to another user (run as root only)", async () => {
    const id = origin.commit("One", { "a.txt": "1\n" });
    execFileSync("chown", ["-R", "12345:12345", origin.path]);
    expect(await (await mirrors.refresh(shop)).hasRevision(id)).toBe(true);
  });

  it("says what went wrong when the source is away, and is as it was", async () => {
    const first = origin.commit("One", { "a.txt": "1\n" });
    const mirror = await mirrors.refresh(shop);
    const away = { ...shop, source: join(folder, "nowhere") };
    await expect(mirrors.refresh(away)).rejects.toMatchObject({ code: "repository.failed", hint: expect.stringContaining("folder") });
    expect((await mirrors.status(away))?.failure).toContain("nowhere");
    expect(await mirror.hasRevision(first)).toBe(true);
    await mirrors.refresh(shop);
    expect(await mirrors.status(shop)).toMatchObject({ failure: "", shallow: false, branches: 1 });
    expect(await mirrors.remove(shop)).toBe(true);
    expect(await mirrors.open(shop)).toBeNull();
    expect(readdirSync(mirrors.folder)).toEqual([]);
  });
});
