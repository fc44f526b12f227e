import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessTo } from "./credentials.ts";
import { Mirrors } from "./mirrors.ts";
import { namesRepository, parseSource } from "./source.ts";

describe("where a repository may be fetched from", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "firstfix-hostile-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is a folder, or an address of a kind that git fetches by itself", () => {
    expect(parseSource("/srv/git/shop.git/")).toEqual({ kind: "path", address: "/srv/git/shop.git", host: "" });
    expect(parseSource("file:///srv/git/a%20shop")).toMatchObject({ kind: "file", address: "/srv/git/a shop" });
    expect(parseSource("https://git.example.com:8443/o/shop.git")).toMatchObject({ kind: "https", host: "git.example.com:8443" });
    expect(parseSource("ssh://git@git.example.com:2222/o/shop.git")).toMatchObject({ kind: "ssh" });
    expect(parseSource("git@git.example.com:o/shop.git")).toMatchObject({ kind: "ssh", host: "git.example.com" });
    expect(parseSource("git://git.example.com/shop")).toMatchObject({ kind: "git" });
  });

  const hostile = (mark: string): string[] => [
    `--upload-pack=touch ${mark}`,
    `-oProxyCommand=touch ${mark}`,
    `ext::sh -c touch% ${mark}`,
    `fd::17`,
    `transport::https://x`,
    `ssh://-oProxyCommand=touch%20${mark}/x`,
    `-oProxyCommand=touch ${mark}:x`,
    `git@host:-oProxyCommand=touch ${mark}`,
    `ssh://git@host/-oProxyCommand=touch ${mark}`,
    `ssh://git@host/%2doProxyCommand`,
    `https://host/x\n--upload-pack=touch ${mark}`,
    `https://host/\u001b[2Jx`,
    `https://host/\u202ex`,
    `file://other.example/share`,
    `ftp://host/x`,
    `relative/path`,
    `javascript:alert(1)`,
    `data:text/html,x`,
    `http:/host/x`,
    `C:\\src\\shop`,
    `https://user:secret@host/x`,
    `https://ghp_secret@host/x`,
    `ssh://git:secret@host/x`,
    `https://host/x?token=secret`,
    `https://host/${"x".repeat(3000)}`,
    "",
  ];

  it("is nothing that git could take as an option or a program, and carries no secret", async () => {
    const mark = join(folder, "mark");
    for (const address of hostile(mark)) {
      expect(() => parseSource(address), address).toThrow(expect.objectContaining({ code: "bad_request" }) as Error);
      const error = await new Mirrors(folder).refresh({ url: "https://x.example/x", source: address }).then(() => "", (one: Error) => one.message);
      expect(error, address).not.toMatch(/secret|\p{Cc}/u);
    }
    expect(existsSync(mark)).toBe(false);
  });

  it("says that credentials belong in the environment", () => {
    expect(() => parseSource("https://user:secret@git.example.com/x")).toThrow(expect.objectContaining({ hint: expect.stringContaining("FIRSTFIX_GIT_TOKEN_GIT_EXAMPLE_COM") as string }) as Error);
  });
});

describe("what can be the name of a repository", () => {
  it.each(["https://git.example.com/team/shop", "https://git.example.com:8443/a..b/x", "ssh://git@git.example.com/x", "git@git.example.com:team/shop", "git.example.com:team/shop", "git.example.com/team/shop", "localhost:3000/x", "/srv/git/shop", "file:///srv/git/shop"])("takes %s", (text) => {
    expect(namesRepository(text)).toBe(true);
  });
  it.each(["", "shop", "-x", "--upload-pack=x/y", "../../../../etc/x", "./x", "a/../b", "/srv/../etc", "https://h/../x", "https://h/%2E%2e/x", "git@h:../x", "https://-h/x", "https://h/a b", "https://h/\u001b[31m", "host/-x", "ext::sh -c x", "https://", "javascript:alert(1)", "javascript://h/%0aalert(1)", "data:text/html,x", "http:/h/x"])("refuses %j", (text) => {
    expect(namesRepository(text)).toBe(false);
  });
});

describe("what a git process may know", () => {
  const environment = { FIRSTFIX_GIT_TOKEN: "general", FIRSTFIX_GIT_TOKEN_GIT_EXAMPLE_COM: "own", FIRSTFIX_GIT_USERNAME: "bot", SSH_AUTH_SOCK: "/run/agent", HOME: "/home/me", https_proxy: "http://proxy:3128", SECRET: "x" };

  it("gets the host's token before the general one, and one protocol", () => {
    const own = accessTo(parseSource("https://git.example.com/x"), environment);
    expect(own.env).toMatchObject({ FIRSTFIX_ASKED_PASSWORD: "own", FIRSTFIX_ASKED_USERNAME: "bot", GIT_ALLOW_PROTOCOL: "https", https_proxy: "http://proxy:3128" });
    expect(own.env).not.toHaveProperty("SECRET");
    expect(JSON.stringify(own.settings)).not.toContain("own");
    expect(accessTo(parseSource("https://other.example/x"), environment).env).toMatchObject({ FIRSTFIX_ASKED_PASSWORD: "general" });
  });

  it("gets no token for an open line, for a folder or for SSH, and the agent for SSH alone", () => {
    for (const address of ["http://git.example.com/x", "git://git.example.com/x", "/srv/x", "git@git.example.com:x"]) expect(JSON.stringify(accessTo(parseSource(address), environment)), address).not.toMatch(/"own"|"general"/);
    expect(accessTo(parseSource("git@git.example.com:x"), environment).env).toMatchObject({ GIT_ALLOW_PROTOCOL: "ssh", SSH_AUTH_SOCK: "/run/agent", HOME: "/home/me" });
    expect(accessTo(parseSource("https://git.example.com/x"), environment).env).not.toHaveProperty("SSH_AUTH_SOCK");
  });
});
