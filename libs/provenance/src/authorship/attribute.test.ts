import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";

const box = new GitSandbox();
afterAll(() => box.remove());

function note(commit: string, upper: string, meta: Record<string, unknown> = {}): void {
  const lower = { schema_version: "authorship/3.0.0", base_commit_sha: commit, prompts: { "0123456789abcdef": { agent_id: { tool: "claude", id: "1", model: "opus-4" } } }, humans: { h_1: { author: "Ada" } }, sessions: {}, ...meta };
  box.gitWith({ input: `${upper}\n---\n${JSON.stringify(lower)}\n` }, "notes", "--ref=refs/notes/ai", "add", "--force", "--file=-", commit);
}

const CLAUDE = "\n\nCo-Authored-By: Claude <noreply@anthropic.com>";

describe("attribution of commits and lines", () => {
  it("takes each line's author from the note, leaves others untracked, and refuses lines that the commit did not add", async () => {
    box.commit("Start", { "a.js": "1\n2\n3\n" });
    const id = box.commit(`Add${CLAUDE}`, { "a.js": "1\nA\nB\nC\n2\n3\n", "b.js": "x\n" });
    note(id, "a.js\n  0123456789abcdef 2\n  h_1 3\n  0123456789abcdef 5-6\n  0123456789abcdef 1-900\nnope.js\n  0123456789abcdef 1");
    const repo = await openRepository(box.path);
    const lines = await repo.attributeLines(id, "a.js");
    expect([...lines].map(([line, one]) => [line, one.authorship, one.agent, one.model])).toEqual([
      [2, "ai", "Claude Code", "opus-4"],
      [3, "human", "", ""],
      [4, "unknown", "", ""],
    ]);
    expect(lines.get(2)?.evidence.map((one) => one.channel)).toEqual(["git-ai-note", "trailer"]);
    expect((await repo.attributeLines(id, "b.js")).get(1)?.authorship).toBe("unknown");
    expect(await repo.attributeCommit(id)).toMatchObject({ authorship: "mixed", agent: "Claude Code", model: "opus-4" });
  });

  it("falls back to the commit's own evidence where there is no note", async () => {
    const id = box.commit(`More${CLAUDE}`, { "c.js": "1\n2\n" });
    const repo = await openRepository(box.path);
    expect([...(await repo.attributeLines(id, "c.js"))].map(([line, one]) => [line, one.authorship, one.evidence[0]?.channel])).toEqual([
      [1, "ai", "trailer"],
      [2, "ai", "trailer"],
    ]);
    const plain = box.commit("By whom?", { "d.js": "1\n" });
    expect(await repo.attributeCommit(plain)).toEqual({ authorship: "unknown", agent: "", model: "", confidence: 0, evidence: [] });
  });

  it("lets an assistant that is the git author speak for untracked lines", async () => {
    const id = box.commit("Agent's", { "e.js": "1\n2\n" }, { GIT_AUTHOR_EMAIL: "198982749+Copilot@users.noreply.github.com" });
    note(id, "e.js\n  h_1 1");
    const lines = await (await openRepository(box.path)).attributeLines(id, "e.js");
    expect([lines.get(1)?.authorship, lines.get(2)?.agent]).toEqual(["human", "Copilot cloud agent"]);
  });

  it("doubts a note that names another base, and finds notes below fan-out folders", async () => {
    const id = box.commit("Rebased", { "f.js": "1\n" });
    note(id, "f.js\n  0123456789abcdef 1", { base_commit_sha: "1".repeat(40) });
    const repo = await openRepository(box.path);
    expect((await repo.attributeCommit(id)).confidence).toBe(0.6);
    const blob = box.git("notes", "--ref=refs/notes/ai", "list", id);
    const leaf = box.gitWith({ input: `100644 blob ${blob}\t${id.slice(4)}\0` }, "mktree", "-z");
    const inner = box.gitWith({ input: `040000 tree ${leaf}\t${id.slice(2, 4)}\0` }, "mktree", "-z");
    const outer = box.gitWith({ input: `040000 tree ${inner}\t${id.slice(0, 2)}\0` }, "mktree", "-z");
    box.git("update-ref", "refs/notes/ai", box.git("commit-tree", "-m", "notes", outer));
    expect((await repo.attributeCommit(id)).agent).toBe("Claude Code");
  });
});
