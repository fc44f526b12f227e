import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { GitSandbox } from "../testing/sandbox.ts";
import { countObjects, tidy } from "./fetch.ts";
import { Mirrors } from "./mirrors.ts";
import { parseSource } from "./source.ts";

it("rolls up the packs of many fetches and loses nothing, not even what no branch leads to", async () => {
  const folder = mkdtempSync(join(tmpdir(), "firstfix-tidy-"));
  const origin = new GitSandbox();
  try {
    const shop = { url: "https://git.shop.example/shop", source: origin.path };
    const mirrors = new Mirrors(folder);
    const base = origin.commit("Base", { "a.txt": "0\n" });
    const ids: string[] = [];
    for (let n = 1; n <= 4; n += 1) {
      origin.git("reset", "--quiet", "--hard", base);
      ids.push(origin.commit(`Commit ${n}`, { "a.txt": `${n}\n` }));
      await mirrors.refresh(shop);
    }
    const mirror = await mirrors.refresh(shop);
    expect((await countObjects(mirror.path)).packs).toBeGreaterThan(2);
    await tidy(mirror.path, parseSource(origin.path), undefined, 1);
    expect(await countObjects(mirror.path)).toMatchObject({ packs: 1, loose: 0 });
    for (const [n, id] of ids.entries()) expect(await mirror.readFile(id, "a.txt")).toBe(`${n + 1}\n`);
    await mirrors.refresh(shop);
    expect((await mirror.commit("main")).id).toBe(ids.at(-1));
  } finally {
    rmSync(folder, { recursive: true, force: true });
    origin.remove();
  }
});
