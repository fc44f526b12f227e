import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import { assign, branchAgent, mergedBranch } from "./pull-requests.ts";

const box = new GitSandbox();
afterAll(() => box.remove());

/** A branch with a commit per message, merged under the subject; ids of the commits and of the merge. */
function merge(branch: string, messages: readonly string[], subject: string): { commits: string[]; merge: string } {
  box.git("checkout", "--quiet", "-b", branch);
  const commits = messages.map((message) => box.commit(message, { [`${branch.replaceAll("/", "_")}-${message}.js`]: `${message}\n` }));
  box.git("checkout", "--quiet", "main");
  box.git("merge", "--quiet", "--no-ff", "-m", subject, branch);
  return { commits, merge: box.git("rev-parse", "HEAD") };
}

describe("branches of assistants", () => {
  it.each([
    ["copilot/fix-login", "Copilot cloud agent"],
    ["codex/add-tests-4f3a", "Codex"],
    ["cursor/refactor-cart-1a2b", "Cursor"],
    ["claude/issue-12-20250814-1530", "Claude Code"],
    ["claude/fix-cart-total-01Ab3dEf", "Claude Code"],
    ["devin/1729000000-fix-login", "Devin"],
    ["jules-1234567890123456789-abc", "Jules"],
  ])("%s", (branch, agent) => expect(branchAgent(branch)?.agent).toBe(agent));

  it.each(["main", "claude/fix-login", "devin/fix-login", "jules/fix", "jules-wip", "copilot", "feature/copilot/x", "copilots/x", "cody/x", "fix-claude/issue-1-20250814-1530", ""])("is a person's as likely: %s", (branch) => expect(branchAgent(branch)).toBeNull());

  it.each([
    ["Merge pull request #12 from shop/copilot/fix-login", "copilot/fix-login"],
    ["Merge branch 'codex/x' into 'main'", "codex/x"],
    ["Merge branch 'codex/x'", "codex/x"],
    ["Merge remote-tracking branch 'origin/codex/x'", "codex/x"],
    ["Merged in codex/x (pull request #3)", "codex/x"],
    ["Merge branch 'main' into copilot/fix-login", "main"],
    ["Merge copilot/x", null],
    ["Revert \"Merge pull request #12 from shop/copilot/fix-login\"", null],
  ])("%s", (subject, branch) => expect(mergedBranch(subject)).toBe(branch));
});

describe("commits of a merged branch", () => {
  it("have the branch as their weakest evidence, and others have not", async () => {
    const before = box.commit("Start", { "a.js": "1\n" });
    const agents = merge("codex/add-total", ["one", "two"], "Merge pull request #1 from shop/codex/add-total");
    const people = merge("feature", ["three"], "Merge pull request #2 from shop/feature");
    const after = box.commit("After", { "b.js": "1\n" });
    const repo = await openRepository(box.path);
    for (const id of [...agents.commits, agents.merge]) {
      expect(await repo.attributeCommit(id)).toMatchObject({ authorship: "ai", agent: "Codex", confidence: 0.4, evidence: [{ channel: "pull-request", raw: "Merged by: Merge pull request #1 from shop/codex/add-total" }] });
    }
    for (const id of [before, ...people.commits, people.merge, after]) expect((await repo.attributeCommit(id)).authorship).toBe("unknown");
  });

  it("belong to the innermost merge that names an assistant, and to the one that first brought them", async () => {
    box.git("checkout", "--quiet", "-b", "epic");
    const own = box.commit("epic", { "epic.js": "1\n" });
    box.git("checkout", "--quiet", "-b", "cursor/part-1a2b");
    const part = box.commit("part", { "part.js": "1\n" });
    box.git("checkout", "--quiet", "epic");
    box.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request #4 from shop/cursor/part-1a2b", "cursor/part-1a2b");
    box.git("checkout", "--quiet", "main");
    box.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request #5 from shop/codex/epic", "epic");
    const repo = await openRepository(box.path);
    expect([(await repo.attributeCommit(own)).agent, (await repo.attributeCommit(part)).agent]).toEqual(["Codex", "Cursor"]);
  });

  it("are found in any history, even one with loops, in bounded time", () => {
    const id = fc.integer({ min: 0, max: 30 }).map(String);
    fc.assert(
      fc.property(fc.dictionary(id, fc.array(id, { maxLength: 3 })), fc.dictionary(id, fc.constant("m")), (parents, subjects) => {
        const brought = assign("0", new Map(Object.entries(parents)), new Map(Object.entries(subjects)));
        for (const [commit, by] of brought) expect([Object.hasOwn(parents, commit), by]).toEqual([true, "m"]);
      }),
    );
    const deep = new Map(Array.from({ length: 100_000 }, (_, index) => [String(index), index % 2 === 0 ? [`x${index}`, String(index + 2)] : [String(index + 2)]] as const));
    expect(assign("0", deep, new Map([["0", "m"]])).size).toBeLessThanOrEqual(100_000);
  });

  it("bears any subject", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.string().map((text) => `Merge branch '${text}'`)), (text) => typeof (branchAgent(mergedBranch(text) ?? "")?.agent ?? "") === "string"));
    const started = performance.now();
    for (const start of ["claude/", "jules-", "a-".repeat(50)]) branchAgent(`${start}${"a-1".repeat(100_000)}!`);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
