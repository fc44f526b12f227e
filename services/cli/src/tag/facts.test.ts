import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withoutCredentials } from "@firstfix/provenance";
import { readCheckout, stripCredentials } from "@firstfix/sdk/checkout";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFacts } from "./facts.ts";
import { ADDRESS, testCheckout, type TestCheckout } from "./testing/checkout.ts";

let test: TestCheckout;
let head: string;
beforeAll(() => {
  test = testCheckout();
  head = test.commits[1];
});
afterAll(() => test.dispose());

const GITHUB = { GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "team/shop", GITHUB_RUN_ID: "77", GITHUB_REF_TYPE: "branch", GITHUB_REF_NAME: "main" };

describe("what is built", () => {
  it("is read from a checkout, from any folder in it, without credentials", async () => {
    mkdirSync(join(test.work, "deep"), { recursive: true });
    for (const repo of [test.work, join(test.work, "deep")])
      expect(await readFacts({ repo }, {})).toMatchObject({ revision: head, ref: { name: "main", type: "branch" }, repository: ADDRESS, service: "@team/shop", version: "2.4.1", dirty: false, environment: "", warnings: [] });
  });

  it("is what the SDK says of the same checkout, also detached, packed and shallow", async () => {
    const same = async (folder: string): Promise<void> => {
      const facts = await readFacts({ repo: folder }, {});
      expect(facts.revision).toBe(head);
      expect({ revision: facts.revision, repository: facts.repository }).toEqual({ revision: readCheckout(folder).revision, repository: readCheckout(folder).repository });
    };
    await same(test.work);
    const shallow = join(test.folder, "shallow");
    execFileSync("git", ["clone", "-q", "--depth", "1", `file://${test.work}`, shallow]);
    await same(shallow);
    test.git("pack-refs", "--all");
    await same(test.work);
    test.git("checkout", "-q", "--detach");
    await same(test.work);
    expect((await readFacts({ repo: test.work }, {})).ref).toBeNull();
    test.git("checkout", "-q", "main");
  });

  it("has an address without credentials, however they look", () => {
    for (const url of ["https://u:p@h/x.git", "https://u:p@ss@h/x.git", "https://h/a@b", "git@h:o/x.git", "ssh://git@h/x.git", "/srv/x@y"]) expect(stripCredentials(url)).toBe(withoutCredentials(url));
  });

  it("has its branch from the CI where HEAD is detached", async () => {
    test.git("checkout", "-q", "--detach");
    const refOf = async (env: Record<string, string>): Promise<unknown> => (await readFacts({ repo: test.work }, env)).ref;
    expect(await refOf({ ...GITHUB, GITHUB_SHA: head })).toEqual({ name: "main", type: "branch" });
    expect(await refOf({ ...GITHUB, GITHUB_SHA: head, GITHUB_REF_NAME: "7/merge", GITHUB_HEAD_REF: "feature/a,b" })).toEqual({ name: "feature/a,b", type: "branch" });
    expect(await refOf({ ...GITHUB, GITHUB_SHA: head, GITHUB_REF_TYPE: "tag", GITHUB_REF_NAME: "v2" })).toEqual({ name: "v2", type: "tag" });
    expect(await refOf({ CI_COMMIT_SHA: head, CI_COMMIT_REF_NAME: "release" })).toEqual({ name: "release", type: "branch" });
    expect(await refOf({ CI_COMMIT_SHA: head, CI_COMMIT_REF_NAME: "v3", CI_COMMIT_TAG: "v3" })).toEqual({ name: "v3", type: "tag" });
    test.git("checkout", "-q", "main");
  });

  it("is known without .git where a CI names it", async () => {
    const plain = join(test.folder, "plain");
    cpSync(test.work, plain, { recursive: true });
    rmSync(join(plain, ".git"), { recursive: true });
    expect(await readFacts({ repo: plain }, { ...GITHUB, GITHUB_SHA: head })).toMatchObject({ revision: head, repository: "https://github.com/team/shop", ref: { name: "main" }, version: "2.4.1", run: "https://github.com/team/shop/actions/runs/77" });
    expect(await readFacts({ repo: plain }, { CI_COMMIT_SHA: head, CI_REPOSITORY_URL: "https://gitlab-ci-token:t@git.example.com/a/b.git", CI_ENVIRONMENT_NAME: "staging", CI_JOB_URL: "https://git.example.com/a/b/-/jobs/1" })).toMatchObject({ repository: "https://git.example.com/a/b.git", environment: "staging", run: "https://git.example.com/a/b/-/jobs/1" });
    await expect(readFacts({ repo: plain }, {})).rejects.toMatchObject({ code: "repository.revision_missing" });
    await expect(readFacts({ repo: plain }, { GITHUB_SHA: "main; rm" })).rejects.toMatchObject({ code: "repository.revision_missing" });
  });

  it("says when files differ from the commit, and when CI and checkout disagree", async () => {
    writeFileSync(join(test.work, "new.js"), "untracked\n");
    expect((await readFacts({ repo: test.work }, {})).warnings).toEqual([]);
    writeFileSync(join(test.work, "cart.js"), "changed\n");
    const dirty = await readFacts({ repo: test.work }, {});
    expect(dirty).toMatchObject({ revision: head, dirty: true });
    expect(dirty.warnings).toEqual([expect.stringContaining("1 tracked file differs")]);
    test.git("checkout", "-q", "cart.js");
    const other = await readFacts({ repo: test.work }, { ...GITHUB, GITHUB_SHA: "b".repeat(40) });
    expect(other.revision).toBe(head);
    expect(other.warnings).toEqual([expect.stringContaining("GITHUB_SHA says bbbbbbbbbbbb")]);
  });

  it("says when the remote is a path that only this folder knows", async () => {
    for (const [address, said] of [["../shop", 1], ["./shop", 1], ["https://git.example.com/a/../shop", 1], ["https://git.example.com/a..b/shop", 0], ["/srv/git/shop", 0]] as const) {
      expect((await readFacts({ repo: test.work }, { FIRSTFIX_REPOSITORY: address })).warnings.filter((one) => one.includes(address)), address).toHaveLength(said);
    }
  });

  it("says when FIRSTFIX_REVISION contradicts the checkout, or the CI where there is none", async () => {
    const warned = async (revision: string, env: Record<string, string> = {}, repo = test.work): Promise<readonly string[]> => {
      const facts = await readFacts({ repo }, { FIRSTFIX_REVISION: revision, FIRSTFIX_REPOSITORY: ADDRESS, ...env });
      expect(facts.revision).toBe(revision.toLowerCase());
      return facts.warnings;
    };
    expect(await warned(head)).toEqual([]);
    expect(await warned(head.toUpperCase())).toEqual([]);
    expect(await warned(test.commits[0])).toEqual([`FIRSTFIX_REVISION says ${test.commits[0].slice(0, 12)}, the checkout is at ${head.slice(0, 12)}: taken is FIRSTFIX_REVISION`]);
    expect(await warned("a".repeat(40))).toEqual([expect.stringContaining("which the checkout does not have")]);
    const bare = join(test.folder, "no-checkout");
    mkdirSync(bare);
    expect(await warned("a".repeat(40), {}, bare)).toEqual([]);
    expect(await warned("a".repeat(40), { GITHUB_SHA: "b".repeat(40) }, bare)).toEqual([expect.stringContaining("GITHUB_SHA says bbbbbbbbbbbb")]);
  });

  it("is another revision where one is named, and that revision has no dirty files", async () => {
    writeFileSync(join(test.work, "cart.js"), "changed\n");
    test.git("tag", "v1", test.commits[0]);
    expect(await readFacts({ repo: test.work, rev: "v1" }, {})).toMatchObject({ revision: test.commits[0], ref: { name: "v1", type: "tag" }, version: "v1", dirty: null, warnings: [] });
    await expect(readFacts({ repo: test.work, rev: "--help" }, {})).rejects.toMatchObject({ code: "repository.revision_missing" });
    test.git("checkout", "-q", "cart.js");
  });

  it("is the full id of --rev where there is no repository to look in, and nothing else of it", async () => {
    const plain = join(test.folder, "without-git");
    mkdirSync(plain);
    const env = { FIRSTFIX_REPOSITORY: ADDRESS, ...GITHUB, GITHUB_SHA: "b".repeat(40) };
    for (const id of [head, "a".repeat(64), head.toUpperCase()]) expect(await readFacts({ repo: plain, rev: id }, env)).toMatchObject({ revision: id.toLowerCase(), dirty: null, warnings: [] });
    for (const rev of ["main", head.slice(0, 12), ""]) await expect(readFacts({ repo: plain, rev }, env)).rejects.toMatchObject({ code: "repository.revision_missing", message: `--rev ${JSON.stringify(rev)} cannot be looked up: ${plain} is in no git repository`, hint: expect.stringContaining("FIRSTFIX_REVISION") as string });
    // A repository knows better.
    await expect(readFacts({ repo: test.work, rev: "a".repeat(40) }, env)).rejects.toMatchObject({ code: "repository.revision_missing", hint: expect.stringContaining("shallow") as string });
  });

  it("says which given attributes are none", async () => {
    const { attributes, warnings } = await readFacts({ repo: test.work }, { OTEL_RESOURCE_ATTRIBUTES: "team=shop,brok\nen,=x," });
    expect(attributes.get("team")).toBe("shop");
    expect(warnings).toEqual(['OTEL_RESOURCE_ATTRIBUTES: "brok\\nen" is no key=value and is left out', 'OTEL_RESOURCE_ATTRIBUTES: "=x" is no key=value and is left out']);
  });

  it("keeps attributes that were given, but not an older commit", async () => {
    const { attributes, environment } = await readFacts({ repo: test.work }, { OTEL_RESOURCE_ATTRIBUTES: `vcs.ref.head.revision=${"c".repeat(40)},team=check out,deployment.environment=qa,long=${"x".repeat(300)}` });
    expect(environment).toBe("qa");
    expect(Object.fromEntries(attributes)).toEqual({ "vcs.ref.head.revision": head, "vcs.ref.head.name": "main", "vcs.ref.head.type": "branch", "vcs.repository.url.full": ADDRESS, "service.version": "2.4.1", "deployment.environment.name": "qa", team: "check out" });
  });

  it("has no service whose name could be more than a name", async () => {
    for (const service of ["a\nPATH=/evil", "$(id)", 'a"b', " a", ""]) {
      if (service === "") continue;
      await expect(readFacts({ repo: test.work, service }, {})).rejects.toMatchObject({ code: "bad_request" });
    }
    expect((await readFacts({ repo: test.work, service: "Käse shop 2" }, {})).service).toBe("Käse shop 2");
    // Nobody asked for the name of a package: it must not end a build.
    const odd = join(test.folder, "odd");
    mkdirSync(odd);
    writeFileSync(join(odd, "package.json"), '{ "name": "$(id)\\u001b[31m" }');
    expect(await readFacts({ repo: odd }, { GITHUB_SHA: head, FIRSTFIX_REPOSITORY: ADDRESS })).toMatchObject({ service: "", warnings: [expect.stringMatching(/^[^\p{Cc}]*--service[^\p{Cc}]*$/u)] });
  });
});

describe("what is given wrongly", () => {
  it("is refused with what to give", async () => {
    await expect(readFacts({ repo: join(test.folder, "none") }, {})).rejects.toMatchObject({ code: "bad_request", message: expect.stringMatching(/there is no such folder$/) as string, hint: expect.stringMatching(/checkout/) as string });
    for (const environment of ["a\u001b[31m", "x".repeat(256)]) await expect(readFacts({ repo: test.work, environment }, {})).rejects.toMatchObject({ code: "bad_request", message: expect.stringMatching(/^--environment /) as string, hint: expect.stringMatching(/255 characters/) as string });
    expect((await readFacts({ repo: test.work, environment: "" }, { FIRSTFIX_ENVIRONMENT: "qa" })).environment).toBe("");
  });

  it("is named where nothing else says which commit it is", async () => {
    await expect(readFacts({ repo: test.folder }, { FIRSTFIX_REVISION: "main" })).rejects.toMatchObject({ code: "repository.revision_missing", message: expect.stringMatching(/\(FIRSTFIX_REVISION is not the full id of a commit and does not count\)$/) as string });
  });
});

describe("a package file", () => {
  it.each([
    ["pyproject.toml", '[build-system]\nname = "no"\n[project]\nname = "cart-api" # ours\nversion = "1.4.0"\n', "cart-api", "1.4.0"],
    ["pyproject.toml", "[project]\nname = 'dyn'\ndynamic = [\"version\"]\n", "dyn", ""],
    ["Cargo.toml", '[package]\nname = "cart"\nversion = "0.3.0"\n[dependencies]\nversion = "9"\n', "cart", "0.3.0"],
    ["go.mod", "module example.com/team/cart/v2\n\ngo 1.24\n", "cart", ""],
    ["package.json", '{ "private": true }', "", ""],
    ["package.json", "{ not JSON", "", ""],
  ])("%s names service and version", async (file, text, name, version) => {
    const folder = join(test.folder, "packages", String(Math.random()));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), text);
    expect(await readFacts({ repo: folder }, { GITHUB_SHA: head })).toMatchObject({ service: name, version });
  });
});
