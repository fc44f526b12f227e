import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GitSandbox } from "../testing/sandbox.ts";
import { Mirrors, type Mirrored } from "./mirrors.ts";

let folder: string;
let origin: GitSandbox;
let mirrors: Mirrors;
let shop: Mirrored;
let path: string;
let fix: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "firstfix-damage-"));
  origin = new GitSandbox();
  mirrors = new Mirrors(folder);
  shop = { url: "https://git.shop.example/shop", source: origin.path };
  const base = origin.commit("One", { "a.txt": "1\n" });
  const mirror = await mirrors.refresh(shop);
  path = mirror.path;
  fix = await mirror.commitFiles({ base, branch: "firstfix/inc_1", changes: [{ path: "a.txt", text: "fixed\n" }], message: "Fix", authorName: "Firstfix", authorEmail: "fix@firstfix.invalid" });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  origin.remove();
});

const packOf = (): string => join(path, "objects", "pack", readdirSync(join(path, "objects", "pack")).find((name) => name.endsWith(".pack")) ?? "");

describe("a mirror that git cannot read any more", () => {
  it.each<[string, () => void]>([
    ["without its objects", () => rmSync(join(path, "objects"), { recursive: true })],
    ["with an empty HEAD", () => writeFileSync(join(path, "HEAD"), "")],
    ["with half a pack", () => {
      origin.git("-C", path, "repack", "-a", "-d", "-q");
      truncateSync(packOf(), 40);
    }],
  ])("%s is made anew by the next refresh, and kept beside", async (_, damage) => {
    damage();
    const second = origin.commit("Two", { "a.txt": "2\n" });
    const mirror = await mirrors.refresh(shop);
    expect(await mirror.hasRevision(second)).toBe(true);
    expect(readdirSync(mirrors.folder).filter((name) => name.endsWith(".damaged"))).toHaveLength(1);
    expect(await mirrors.remove(shop)).toBe(true);
    expect(readdirSync(mirrors.folder).filter((name) => /\.(?:git|damaged)$/.test(name))).toEqual([]);
  });

  it("gives what can still be read of branches of fixes to the new one", async () => {
    // git fsck finds the branch that leads nowhere; the fix itself is whole.
    writeFileSync(join(path, "refs", "heads", "main"), "not an id\n");
    const mirror = await mirrors.refresh(shop);
    expect(await mirror.branches()).toContain("firstfix/inc_1");
    expect(await mirror.readFile(fix, "a.txt")).toBe("fixed\n");
  });

  it("can be removed whatever is left of it, and one that is whole is left alone when the source fails", async () => {
    rmSync(join(path, "objects"), { recursive: true });
    expect(await mirrors.remove(shop)).toBe(true);
    expect(await mirrors.remove(shop)).toBe(false);
    await mirrors.refresh(shop);
    rmSync(origin.path, { recursive: true, force: true });
    await expect(mirrors.refresh(shop)).rejects.toThrow();
    expect(readdirSync(mirrors.folder).filter((name) => name.endsWith(".damaged"))).toEqual([]);
  });
});
