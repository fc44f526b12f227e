import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryBus } from "@firstfix/bus";
import { createLogger, parseConfig } from "@firstfix/kit";
import { openRepository } from "@firstfix/provenance";
import { openStore, type Store } from "@firstfix/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Operations } from "./api.ts";
import { repositoryOperations, type AddedRepository, type ListedRepository } from "./repositories.ts";

const NAME = "https://git.shop.example/shop";

describe("repositories that are added", () => {
  let folder: string;
  let store: Store;
  let operations: Operations;
  const call = <T>(name: string, input: object): Promise<T> => operations[`repositories.${name}`]!(input, () => {}, new AbortController().signal) as Promise<T>;
  const git = (...args: string[]): string => execFileSync("git", ["-C", join(folder, "shop"), "-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], { encoding: "utf8" }).trim();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "firstfix-operations-"));
    store = await openStore({ path: join(folder, "data") });
    execFileSync("git", ["init", "--quiet", "--initial-branch=main", join(folder, "shop")]);
    writeFileSync(join(folder, "shop", "a.txt"), "1\n");
    git("add", ".");
    git("commit", "--quiet", "-m", "One");
    const config = parseConfig({ data: "data", repositories: [{ url: "https://git.shop.example/kept", path: "shop" }] }, folder);
    operations = repositoryOperations({ config, store, bus: createMemoryBus(), log: createLogger("test", "silent") });
  });

  afterAll(async () => {
    await store?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("get their name from the origin, or are asked for it", async () => {
    await expect(call("add", { source: join(folder, "shop") })).rejects.toMatchObject({ code: "bad_request", hint: expect.stringContaining("--url") as string });
    git("remote", "add", "origin", "https://me:secret@git.shop.example/shop.git");
    const added = await call<AddedRepository>("add", { source: join(folder, "shop") });
    expect(added).toMatchObject({ url: NAME, source: join(folder, "shop"), push: false, mirror: { branches: 1, shallow: false } });
    expect(JSON.stringify([added, await store.journal.read()])).not.toContain("secret");
  });

  it("are refused where the input is wrong, with the key and what is allowed", async () => {
    await expect(call("add", { source: join(folder, "shop"), url: "--evil" })).rejects.toMatchObject({ code: "bad_request", message: expect.stringMatching(/^url: /) as string });
    for (const url of ["../../../../etc/x", "etc/../../x", "https://git.shop.example/%2e%2e/x", "git@git.shop.example:../x", "shop", "https://-x/y"]) await expect(call("add", { source: join(folder, "shop"), url }), url).rejects.toMatchObject({ code: "bad_request", message: expect.stringMatching(/^url: a URL, host:path/) as string });
    await expect(call("add", { source: join(folder, "shop"), dependencies: ["node_modules"] })).rejects.toThrow(/dependencies\.0: a whole path/);
    await expect(call("add", { source: join(folder, "shop"), pusch: true })).rejects.toThrow(/pusch/);
    await expect(call("add", { source: "shop" })).rejects.toMatchObject({ code: "bad_request" });
    await expect(call("add", { source: join(folder, "shop"), url: "https://git.shop.example/kept.git" })).rejects.toMatchObject({ code: "conflict" });
    await expect(call("add", { source: join(folder, "nothing"), url: NAME })).rejects.toMatchObject({ code: expect.stringMatching(/^repository\./) as string });
    await expect(call("refresh", { urls: ["https://git.shop.example/other"] })).rejects.toMatchObject({ code: "not_found" });
  });

  it("can be said anew with other settings, and are listed beside clones", async () => {
    await call("add", { source: join(folder, "shop"), url: `${NAME}/`, environments: ["production"] });
    const listed = await call<ListedRepository[]>("list", {});
    expect(listed.map((one) => [one.url, one.kind, one.environments])).toEqual([["https://git.shop.example/kept", "clone", []], [NAME, "mirror", ["production"]]]);
  });

  it("are not removed with fixes that nobody fetched, unless that is said", async () => {
    const [, listed] = await call<ListedRepository[]>("list", {});
    const mirror = await openRepository(listed?.mirror?.path ?? "");
    await mirror.commitFiles({ base: git("rev-parse", "HEAD"), branch: "firstfix/inc_1", changes: [{ path: "a.txt", text: "2\n" }], message: "Fix", authorName: "Firstfix", authorEmail: "fix@firstfix.invalid" });
    await call("refresh", {});
    await expect(call("remove", { url: NAME })).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("firstfix/inc_1") as string });
    expect(await call("remove", { url: `${NAME}.git`, force: true })).toEqual({ url: NAME, mirrorRemoved: true });
    await expect(call("remove", { url: NAME })).rejects.toMatchObject({ code: "not_found" });
  });
});
