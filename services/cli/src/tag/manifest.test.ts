import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openRepository } from "@firstfix/provenance";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFacts } from "./facts.ts";
import { manifestSchema, provenanceManifest } from "./manifest.ts";
import { ADDRESS, testCheckout, type TestCheckout } from "./testing/checkout.ts";

const EPOCH = { SOURCE_DATE_EPOCH: "1790000000" };

let test: TestCheckout;
beforeAll(() => {
  test = testCheckout();
});
afterAll(() => test.dispose());

describe("the provenance manifest", () => {
  it("lists the commits since a revision with who wrote them, by line", async () => {
    const facts = await readFacts({ repo: test.work, environment: "production" }, {});
    const { manifest, warnings } = await provenanceManifest(facts, "HEAD~1", EPOCH);
    expect(warnings).toEqual([]);
    const claude = { authorship: "ai", agent: "Claude Code", count: 2 };
    expect(manifest).toMatchObject({
      schema: "firstfix.provenance/1", repository: ADDRESS, revision: test.commits[1], previous: test.commits[0], ref: { name: "main", type: "branch" }, dirty: false,
      service: "@team/shop", version: "2.4.1", environment: "production", builtAt: "2026-09-21T14:13:20.000Z", run: null, incomplete: null,
      commits: [{ commit: test.commits[1], committedAt: "2026-03-01T10:00:00.000Z", subject: "Add up", authorship: "ai", agent: "Claude Code", channel: "trailer", lines: [claude] }],
      lines: [claude],
    });
    expect(JSON.stringify(manifest)).not.toMatch(/Ada|ada@|token/);
  });

  it("is the same byte for byte, and without --since lists the commit that is built", async () => {
    const make = async (): Promise<string> => JSON.stringify((await provenanceManifest(await readFacts({ repo: test.work }, {}), undefined, EPOCH)).manifest);
    const once = await make();
    expect(await make()).toBe(once);
    expect(JSON.parse(once)).toMatchObject({ previous: null, commits: [{ commit: test.commits[1] }] });
    // What GitHub and GitLab say was there before a new branch.
    const zeros = await provenanceManifest(await readFacts({ repo: test.work }, {}), "0".repeat(40), EPOCH);
    expect(JSON.stringify(zeros.manifest)).toBe(once);
  });

  it("counts no line that nobody wrote, and agrees with what is asked of each line", async () => {
    test.git("checkout", "-q", "-b", "generated");
    writeFileSync(join(test.work, "package-lock.json"), "{\n}\n".repeat(50));
    writeFileSync(join(test.work, "more.js"), "one();\n");
    test.git("add", ".");
    test.git("commit", "-q", "-m", "Add\u001B[31m more");
    const { manifest } = await provenanceManifest(await readFacts({ repo: test.work }, {}), test.commits[0], EPOCH);
    expect(manifest.commits.map(({ subject, lines }) => [subject, lines.map(({ agent, count }) => [agent, count])])).toEqual([["Add [31m more", [["", 1]]], ["Add up", [["Claude Code", 2]]]]);
    const repository = await openRepository(test.work);
    for (const { commit, lines } of manifest.commits) {
      const counted = (await Promise.all(["cart.js", "more.js"].map((path) => repository.attributeLines(commit, path)))).reduce((sum, byLine) => sum + byLine.size, 0);
      expect(lines.reduce((sum, { count }) => sum + count, 0)).toBe(counted);
    }
    test.git("checkout", "-q", "main");
  });

  it("says what a shallow clone lacks, and that there is no repository", async () => {
    const shallow = join(test.folder, "shallow");
    execFileSync("git", ["clone", "-q", "--depth", "1", `file://${test.work}`, shallow]);
    const cut = await provenanceManifest(await readFacts({ repo: shallow }, {}), test.commits[0], EPOCH);
    expect(cut.manifest).toMatchObject({ previous: test.commits[0], commits: [], incomplete: expect.stringMatching(/shallow.*fetch-depth: 0/s) as string });
    expect(cut.manifest.incomplete).not.toContain(test.folder);
    expect(cut.warnings).toHaveLength(1);
    // The commit at which the clone ends seems to add every file; that must not be counted.
    const { manifest } = await provenanceManifest(await readFacts({ repo: shallow }, {}), undefined, EPOCH);
    expect(manifest).toMatchObject({ commits: [{ commit: test.commits[1], authorship: "ai", agent: "Claude Code", lines: [] }], lines: [], incomplete: expect.stringContaining("is shallow") as string });
    const none = await provenanceManifest(await readFacts({ repo: test.folder }, { GITHUB_SHA: test.commits[1] }), undefined, EPOCH);
    expect(none.manifest).toMatchObject({ revision: test.commits[1], commits: [], incomplete: "there is no git repository here" });
    await expect(provenanceManifest(await readFacts({ repo: test.work }, {}), "nothing", EPOCH)).rejects.toMatchObject({ code: "repository.revision_missing" });
  });

  it("says that it lists nothing where --since is the newer of the two", async () => {
    const older = await readFacts({ repo: test.work, rev: test.commits[0] }, {});
    const { manifest, warnings } = await provenanceManifest(older, test.commits[1], EPOCH);
    expect(manifest.commits).toEqual([]);
    expect(warnings).toEqual([`the manifest lists no commit: ${test.commits[0].slice(0, 12)} is part of the history of --since ${test.commits[1].slice(0, 12)}`]);
    // Nothing new is no mistake.
    expect((await provenanceManifest(older, test.commits[0], EPOCH)).warnings).toEqual([]);
  });

  it("refuses a time that is none", async () => {
    const facts = await readFacts({ repo: test.work }, {});
    await expect(provenanceManifest(facts, undefined, { SOURCE_DATE_EPOCH: "yesterday" })).rejects.toMatchObject({ code: "bad_request" });
  });

  it("is described key by key in docs/tagging.md", () => {
    const described = [...readFileSync(join(import.meta.dirname, "../../../../docs/tagging.md"), "utf8").matchAll(/^\| `([\w.[\]]+)` \|/gm)].map(([, key]) => key);
    const { commits } = manifestSchema.shape;
    const keys = [...Object.keys(manifestSchema.shape), ...Object.keys(commits.element.shape).map((key) => `commits[].${key}`), ...Object.keys(manifestSchema.shape.lines.element.shape).map((key) => `lines[].${key}`)];
    expect(keys.filter((key) => !described.includes(key))).toEqual([]);
  });
});
