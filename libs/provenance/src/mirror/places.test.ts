import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GitSandbox } from "../testing/sandbox.ts";
import { Places, type RecordedRepository } from "./places.ts";

const NAME = "https://git.shop.example/shop";
const PERSON = { authorName: "Firstfix", authorEmail: "fix@firstfix.invalid" };

describe("the repositories of a process", () => {
  let folder: string;
  let origin: GitSandbox;
  const recorded = new Map<string, RecordedRepository>();
  const places: Places[] = [];

  const open = (options: { readonly missingPauseMs?: number; readonly waitMs?: number; readonly path?: string } = {}): Places => {
    const { path, ...pauses } = options;
    const one = new Places({ configured: path === undefined ? [] : [{ url: `${NAME}.git`, path, dependencies: [], environments: ["staging"] }], dataFolder: folder, recorded: () => recorded, ...pauses });
    places.push(one);
    return one;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "firstfix-places-"));
    origin = new GitSandbox();
    recorded.set(NAME, { url: NAME, source: origin.path, push: false, environments: ["production"], dependencies: [] });
  });

  afterEach(async () => {
    for (const one of places.splice(0)) await one.close();
    rmSync(folder, { recursive: true, force: true });
    origin.remove();
  });

  it("takes the configuration before the journal, and knows nothing that nobody named", async () => {
    origin.commit("One", { "a.txt": "1\n" });
    expect(open({ path: origin.path }).find(NAME)).toMatchObject({ path: origin.path, environments: ["staging"], push: false });
    expect(open().find(`${NAME}.git/`)).toMatchObject({ path: null, environments: ["production"] });
    await expect(open().open("https://user:secret@other.example/x", "main")).rejects.toMatchObject({ code: "repository.missing", message: expect.not.stringContaining("secret"), hint: expect.stringContaining("firstfix repo add") });
  });

  it("makes a mirror when it is first needed, and fetches for a revision that is missing, but not at every mention", async () => {
    origin.commit("One", { "a.txt": "1\n" });
    const one = open({ missingPauseMs: 600_000 });
    const first = origin.git("rev-parse", "HEAD");
    expect((await (await one.open(NAME, first)).commit(first)).subject).toBe("One");
    const second = origin.commit("Two", { "a.txt": "2\n" });
    expect(await (await one.open(NAME, second)).readFile(second, "a.txt")).toBe("2\n");
    const third = origin.commit("Three", { "a.txt": "3\n" });
    await expect(one.open(NAME, third)).rejects.toMatchObject({ code: "repository.revision_missing", hint: expect.stringContaining(origin.path) });
    expect(await (await open({ missingPauseMs: 0 }).open(NAME, third)).hasRevision(third)).toBe(true);
  });

  it("does not wait long for a large repository, and has it later", async () => {
    origin.commit("One", { "a.txt": "1\n" });
    const one = open({ waitMs: 1 });
    await expect(one.open(NAME, "main")).rejects.toMatchObject({ code: "repository.failed", retryable: true, message: expect.stringContaining("still being fetched") });
    const until = Date.now() + 20_000;
    while (Date.now() < until && (await one.mirrors.open({ url: NAME, source: origin.path })) === null) await sleep(20);
    expect(await (await one.open(NAME, "main")).hasRevision("main")).toBe(true);
  });

  it("does not ask a source that refuses at every mention, and tries another source at once", async () => {
    const id = origin.commit("One", { "a.txt": "1\n" });
    recorded.set(NAME, { url: NAME, source: join(folder, "away"), push: false, environments: [], dependencies: [] });
    const one = open({ missingPauseMs: 60_000 });
    const first = await one.open(NAME, id).catch((error: unknown) => error);
    expect(first).toMatchObject({ code: "repository.failed" });
    expect(await one.open(NAME, "main").catch((error: unknown) => error)).toBe(first);
    recorded.set(NAME, { url: NAME, source: origin.path, push: false, environments: [], dependencies: [] });
    expect(await (await one.open(NAME, id)).hasRevision(id)).toBe(true);
  });

  it("keeps mirrors fresh by itself, and goes on when a source is away", async () => {
    const first = origin.commit("One", { "a.txt": "1\n" });
    const one = open();
    const mirror = await one.open(NAME, first);
    recorded.set("https://git.shop.example/away", { url: "https://git.shop.example/away", source: join(folder, "away"), push: false, environments: [], dependencies: [] });
    one.keepFresh(50);
    const second = origin.commit("Two", { "a.txt": "2\n" });
    const until = Date.now() + 20_000;
    while (Date.now() < until && !(await mirror.hasRevision(second))) await sleep(50);
    expect(await mirror.hasRevision(second)).toBe(true);
    recorded.delete("https://git.shop.example/away");
  });

  it("says how to fetch a fix that is not pushed", async () => {
    const base = origin.commit("One", { "a.txt": "1\n" });
    const one = open();
    const { commit, says } = await one.commit(NAME, { base, branch: "firstfix/inc_1", changes: [{ path: "a.txt", text: "fixed\n" }], message: "Fix", ...PERSON });
    const how = /git (fetch .+)$/.exec(says)?.[1] ?? "";
    expect(says).toContain("Not pushed");
    origin.git(...how.split(" "));
    expect(origin.git("rev-parse", "firstfix/inc_1")).toBe(commit);
  });

  it("puts a fix into a clone on this machine without running anything of it", async () => {
    const base = origin.commit("One", { "a.txt": "1\n" });
    const mark = join(folder, "mark");
    for (const hook of ["reference-transaction", "update", "pre-receive", "post-receive", "post-update"]) origin.write(`.git/hooks/${hook}`, `#!/bin/sh\ntouch ${mark}\n`, 0o755);
    origin.git("config", "core.fsmonitor", `touch ${mark}`);
    origin.git("config", "uploadpack.packObjectsHook", `touch ${mark}; true`);
    rmSync(mark, { force: true });
    recorded.set(NAME, { url: NAME, source: origin.path, push: true, environments: [], dependencies: [] });
    const one = open();
    const fix = { base, branch: "firstfix/inc_1", changes: [{ path: "a.txt", text: "fixed\n" }], message: "Fix", ...PERSON };
    const { commit, says } = await one.commit(NAME, fix);
    expect(says).toBe(`Pushed to ${origin.path} as firstfix/inc_1.`);
    expect(existsSync(mark)).toBe(false);
    expect(origin.git("-c", "core.fsmonitor=false", "show", "firstfix/inc_1:a.txt")).toBe("fixed");
    expect(origin.git("rev-parse", "firstfix/inc_1")).toBe(commit);

    // A branch of somebody's own is not moved, and the fix can be tried again.
    origin.git("update-ref", "refs/heads/firstfix/inc_2", origin.git("commit-tree", "-m", "theirs", `${base}^{tree}`));
    await expect(one.commit(NAME, { ...fix, branch: "firstfix/inc_2" })).rejects.toMatchObject({ code: "conflict" });
    origin.git("update-ref", "-d", "refs/heads/firstfix/inc_2");
    expect((await one.commit(NAME, { ...fix, branch: "firstfix/inc_2" })).says).toContain("Pushed");
  });
});
