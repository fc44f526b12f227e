import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GitServer } from "../testing/git-server.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import { Mirrors } from "./mirrors.ts";
import { Places } from "./places.ts";

const TOKEN = "tok3n-that-nobody-may-see";
const NAME = "https://git.shop.example/shop";

describe("a repository behind a password", () => {
  let folder: string;
  let origin: GitSandbox;
  let server: GitServer;
  let base: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "firstfix-http-"));
    origin = new GitSandbox();
    origin.commit("One", { "a.txt": "1\n" });
    origin.git("clone", "--quiet", "--bare", origin.path, join(folder, "served", "shop.git"));
    origin.git("-C", join(folder, "served", "shop.git"), "config", "http.receivepack", "true");
    server = new GitServer({ root: join(folder, "served"), password: TOKEN });
    base = await server.start();
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
    origin.remove();
  });

  it("is read with the token of the environment, which nobody sees", async () => {
    vi.stubEnv("FIRSTFIX_GIT_TOKEN_127_0_0_1", TOKEN);
    const mirrors = new Mirrors(folder);
    const told: unknown[] = [];
    const mirror = await mirrors.refresh({ url: NAME, source: `${base}/shop.git` }, { tell: (one) => told.push(one) });
    expect((await mirror.commit("main")).subject).toBe("One");
    expect(server.authorizations.length).toBeGreaterThan(0);
    expect(server.leaks).toEqual([]);
    const written = spawnSync("grep", ["-rl", "-e", TOKEN, "-e", Buffer.from(`x-access-token:${TOKEN}`).toString("base64"), mirrors.folder], { encoding: "utf8" });
    expect(written).toMatchObject({ status: 1, stdout: "" });
    expect(JSON.stringify(told)).not.toContain(TOKEN);
  });

  it("says what to do without a token, and with a wrong one, and never says the token", async () => {
    const mirrors = new Mirrors(folder);
    const shop = { url: NAME, source: `${base}/shop.git` };
    await expect(mirrors.refresh(shop)).rejects.toMatchObject({ code: "repository.failed", hint: expect.stringContaining("FIRSTFIX_GIT_TOKEN_127_0_0_1") });
    vi.stubEnv("FIRSTFIX_GIT_TOKEN", "wrong-secret");
    const error = (await mirrors.refresh(shop).catch((one: unknown) => one)) as Error & { hint: string };
    expect(error.message).toContain("git cannot reach");
    expect(`${error.message} ${error.hint} ${String(error.cause)}`).not.toContain("wrong-secret");
  });

  it("is read over SSH by the user's own command, which sees no token", async () => {
    vi.stubEnv("FIRSTFIX_GIT_TOKEN", TOKEN);
    const ssh = join(folder, "ssh");
    // In the place of ssh: runs what would be run on the other machine, and writes down what it was given.
    writeFileSync(ssh, `#!/bin/sh\nprintf '%s\\n' "$@" > ${folder}/arguments\nenv > ${folder}/environment\nfor last; do :; done\nexec sh -c "$last"\n`, { mode: 0o755 });
    vi.stubEnv("GIT_SSH_COMMAND", `${ssh} -oMine=yes`);
    const mirror = await new Mirrors(folder).refresh({ url: NAME, source: `git@git.shop.example:${origin.path}` });
    expect((await mirror.commit("main")).subject).toBe("One");
    expect(readFileSync(join(folder, "arguments"), "utf8")).toMatch(/^-oMine=yes\n(?:.*\n)*git@git\.shop\.example\ngit-upload-pack /);
    expect(readFileSync(join(folder, "environment"), "utf8")).not.toContain(TOKEN);
  });

  it("does not send the token to where it is redirected", async () => {
    vi.stubEnv("FIRSTFIX_GIT_TOKEN", TOKEN);
    const other = new GitServer({ root: join(folder, "served"), redirectTo: base });
    const front = await other.start();
    try {
      await expect(new Mirrors(folder).refresh({ url: NAME, source: `${front}/shop.git` })).rejects.toMatchObject({ code: "repository.failed" });
      expect(server.authorizations).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it("gets a fix as a branch of its own, never forced; where that fails the mirror is as it was", async () => {
    vi.stubEnv("FIRSTFIX_GIT_TOKEN", TOKEN);
    const source = `${base}/shop.git`;
    const recorded = new Map([[NAME, { url: NAME, source, push: true, environments: [], dependencies: [] }]]);
    const places = new Places({ configured: [], dataFolder: folder, recorded: () => recorded });
    const commit = { base: origin.git("rev-parse", "HEAD"), branch: "firstfix/inc_1", changes: [{ path: "a.txt", text: "fixed\n" }], message: "Fix", authorName: "Firstfix", authorEmail: "fix@firstfix.invalid" };
    const done = await places.commit(NAME, commit);
    expect(done.says).toBe(`Pushed to ${source} as firstfix/inc_1.`);
    const served = join(folder, "served", "shop.git");
    expect(origin.git("-C", served, "rev-parse", "refs/heads/firstfix/inc_1")).toBe(done.commit);

    // Somebody's own work stands on the next fix's branch over there.
    const theirs = origin.commit("Theirs", { "b.txt": "1\n" });
    origin.git("push", "--quiet", served, `${theirs}:refs/heads/firstfix/inc_2`);
    await expect(places.commit(NAME, { ...commit, branch: "firstfix/inc_2" })).rejects.toMatchObject({ code: "repository.failed", message: expect.stringContaining("could not be pushed") });
    expect(origin.git("-C", served, "rev-parse", "refs/heads/firstfix/inc_2")).toBe(theirs);
    expect(await (await places.open(NAME, commit.base)).branches()).not.toContain("firstfix/inc_2");
    await expect(places.commit(NAME, { ...commit, branch: "main" })).rejects.toMatchObject({ code: "bad_request" });
    await places.close();
  });
});
