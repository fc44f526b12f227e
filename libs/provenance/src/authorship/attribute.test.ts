import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import { conflicts } from "./judge.ts";

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

  it("says which ranges of a note it does not believe, and why", async () => {
    const id = box.commit("Wrong ranges", { "g.js": "1\n2\n" });
    note(id, "g.js\n  0123456789abcdef 1-9\n  0123456789abcdef 2\nnope.js\n  h_1 1\n../../etc/passwd\n  h_1 1\n/etc/passwd\n  h_1 1\n.git/config\n  h_1 1\n\"a\\000b\"\n  h_1 1\n  what 3");
    const repo = await openRepository(box.path);
    const { evidence, authorship } = await repo.attributeCommit(id);
    expect(authorship).toBe("ai");
    expect(evidence.map(({ raw, confidence }) => [raw, confidence])).toEqual([
      ["g.js 0123456789abcdef 2", 0.97],
      ["Not believed, because they hold lines that this commit did not add: g.js 0123456789abcdef 1-9; nope.js h_1 1; ../../etc/passwd h_1 1; /etc/passwd h_1 1; .git/config h_1 1 and 1 more", 0],
      ["The note: not understood: what 3", 0],
    ]);
  });

  it("makes a commit nobody's, or mixed, of which a record lists a few lines only", async () => {
    const hundred = (mark: string): string => Array.from({ length: 100 }, (_, at) => `${mark}${at}`).join("\n");
    const repo = await openRepository(box.path);
    const verdict = async (ranges: string, key: string, message = "Much", env: Record<string, string> = {}): Promise<string> => {
      const id = box.commit(message, { "m.js": hundred(`${key}${ranges}${message.length}`) }, env);
      note(id, `m.js\n  ${key} ${ranges}`);
      const { authorship, agent } = await repo.attributeCommit(id);
      return `${authorship} ${agent}`.trim();
    };
    expect([await verdict("50", "h_1"), await verdict("1-60", "h_1"), await verdict("50", "0123456789abcdef"), await verdict("1-60", "0123456789abcdef")]).toEqual(["unknown", "human", "mixed Claude Code", "ai Claude Code"]);
    // The same lines twice are no more lines.
    expect(await verdict("1-20,1-20,5-20", "0123456789abcdef")).toBe("mixed Claude Code");
    const trace = (id: string, type: string): string => `${JSON.stringify({ version: "1.0", vcs: { type: "git", revision: id }, tool: { name: "cursor" }, files: [{ path: "n.js", conversations: [{ contributor: { type }, ranges: [{ start_line: 50, end_line: 50 }] }] }] })}\n`;
    const traced = async (type: string, message: string): Promise<string> => {
      const id = box.commit(message, { "n.js": hundred(type + message) });
      box.commit("Record", { ".agent-trace/traces.jsonl": trace(id, type) });
      const { authorship, agent } = await repo.attributeCommit(id);
      return `${authorship} ${agent}`.trim();
    };
    expect([await traced("ai", "One"), await traced("human", "Two"), await traced("ai", "Three\n\nCo-Authored-By: Cursor <cursoragent@cursor.com>")]).toEqual(["mixed Cursor", "unknown", "ai Cursor"]);
  });

  it("credits the commit's lines of a range that another diff counted, where the note is the commit's own", async () => {
    box.commit("Before", { "l.js": "a\n}\nb\nc\n" });
    // Lines 1, 2, 4, 6 and 7 are new.
    const id = box.commit("More", { "l.js": "new\nnew {\na\nnew\n}\nnew\nnew\nb\nc\n" });
    const repo = await openRepository(box.path);
    const told = async (ranges: string, more: Record<string, unknown> = {}): Promise<unknown[]> => {
      note(id, `l.js\n  0123456789abcdef ${ranges}`, more);
      return [...(await repo.attributeLines(id, "l.js"))].filter(([, one]) => one.authorship === "ai").map(([line, one]) => [line, one.confidence]);
    };
    expect(await told("1-7")).toEqual([1, 2, 4, 6, 7].map((line) => [line, 0.9]));
    expect((await repo.attributeCommit(id)).evidence[0]?.raw).toBe("l.js 0123456789abcdef 1-7 (of it 1-2, 4-4, 6-7)");
    expect(await told("5-7")).toEqual([6, 7].map((line) => [line, 0.9]));
    for (const ranges of ["2-3", "3-3", "6-9", "1-12", "4-99"]) expect(await told(ranges), ranges).toEqual([]);
    expect(await told("1-7", { base_commit_sha: "1".repeat(40) })).toEqual([]);
  });

  it("compares a note of another commit with that commit: the same lines count, others do not", async () => {
    const repo = await openRepository(box.path);
    const base = box.commit("Before rebase", { "h.js": "one\ntwo\nthree\n" });
    box.commit("Remove again", { "h.js": null });
    const rebased = box.commit("After rebase", { "h.js": "one\ntwo\nTHREE\n" });
    note(rebased, "h.js\n  0123456789abcdef 1-2\n  h_1 3\n../x\n  h_1 1\n./h.js\n  h_1 1", { base_commit_sha: base });
    const lines = await repo.attributeLines(rebased, "h.js");
    expect([...lines].map(([line, one]) => [line, one.authorship, one.confidence])).toEqual([[1, "ai", 0.9], [2, "ai", 0.9], [3, "unknown", 0]]);
    expect((await repo.attributeCommit(rebased)).evidence.some((one) => one.raw.includes(`read otherwise at the note's own commit ${base.slice(0, 12)}: h.js h_1 3`))).toBe(true);
    const copied = box.commit("Something else", { "i.js": "1\n2\n3\n" });
    note(copied, "i.js\n  0123456789abcdef 1-3", { base_commit_sha: base });
    expect((await repo.attributeLines(copied, "i.js")).get(1)?.authorship).toBe("unknown");
  });

  it("does not believe a note that is the parent's, and believes one without a base less", async () => {
    const repo = await openRepository(box.path);
    const parent = box.commit("By a machine", { "k.js": "m1\nm2\n" });
    const upper = "k.js\n  0123456789abcdef 1-2";
    note(parent, upper);
    const child = box.commit("By hand", { "k.js": "h1\nh2\n" });
    note(child, upper, { base_commit_sha: parent });
    expect((await repo.attributeLines(parent, "k.js")).get(1)?.agent).toBe("Claude Code");
    expect((await repo.attributeLines(child, "k.js")).get(1)?.authorship).toBe("unknown");
    expect((await repo.attributeCommit(child)).evidence.map((one) => one.raw)).toContainEqual(expect.stringContaining("copy of that of the parent"));
    // The same without the name of its commit, which says as little.
    const bare = { base_commit_sha: "", git_ai_version: "2" };
    note(parent, upper, bare);
    note(child, upper, bare);
    expect((await repo.attributeLines(child, "k.js")).get(1)?.authorship).toBe("unknown");
    note(child, upper, { base_commit_sha: "" });
    expect((await repo.attributeLines(child, "k.js")).get(1)?.confidence).toBe(0.6);
  });

  it("believes a note whose commit is gone by how it fits what this commit added", async () => {
    const repo = await openRepository(box.path);
    box.commit("Before", { "f.js": "1\n2\n3\n4\n5\n6\n", "g.js": "1\n2\n3\n" });
    const id = box.commit("Edit", { "f.js": "1\nA\nB\n2\n3\n4\nC\n5\n6\n", "g.js": "1\nD\nE\nF\n2\n3\n" });
    const confidence = async (upper: string, base: string): Promise<number[]> => {
      note(id, upper, { base_commit_sha: base });
      return [...(await repo.attributeLines(id, "f.js"))].map(([, one]) => one.confidence);
    };
    const parent = box.git("rev-parse", `${id}^`);
    for (const base of ["f".repeat(40), "", parent, "no id"]) {
      // Both of its edges are a hunk's; one of them; some of what it lists elsewhere is not this commit's; most of it is not.
      expect(await confidence("f.js\n  0123456789abcdef 2-3", base), base).toEqual([0.75, 0.75, 0]);
      expect(await confidence("f.js\n  0123456789abcdef 2", base), base).toEqual([0.6, 0, 0]);
      expect(await confidence("f.js\n  0123456789abcdef 2-3\ng.js\n  0123456789abcdef 6", base), base).toEqual([0.6, 0.6, 0]);
      expect(await confidence("f.js\n  0123456789abcdef 2-3\ng.js\n  0123456789abcdef 2-5", base), base).toEqual([0, 0, 0]);
    }
    const { authorship, evidence } = await repo.attributeCommit(id);
    expect([authorship, evidence.map((one) => one.confidence)]).toEqual(["unknown", [0.25, 0]]);
    expect(await confidence("f.js\n  0123456789abcdef 2-3", id)).toEqual([0.97, 0.97, 0]);
  });

  it("says that a note was not read, and why", async () => {
    const repo = await openRepository(box.path);
    for (const [text, why] of [["x".repeat(1024 * 1024 + 1), "The git-ai note is longer than 1048576 bytes (1048578): not read"], ["hello", "none that git-ai 3 writes"], ["\0", "is no text"]] as const) {
      const id = box.commit(`Note of ${text.length}${CLAUDE}`, { "j.js": `${text.length}\n` });
      box.gitWith({ input: text }, "notes", "--ref=refs/notes/ai", "add", "--force", "--file=-", id);
      const { authorship, evidence } = await repo.attributeCommit(id);
      // Such a note says nothing, not even that the lines are untracked.
      expect([authorship, evidence[0]?.channel, evidence[0]?.raw]).toEqual(["ai", "git-ai-note", expect.stringContaining(why)]);
      expect((await repo.attributeLines(id, "j.js")).get(1)?.authorship).toBe("ai");
    }
  });

  it("gives a squashed commit's trailers to the commit, and to no line", async () => {
    const id = box.commit("Add all (#7)\n\n* one\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n\n* two\n\nCo-authored-by: Grace <grace@example.com>", { "k.js": "1\n2\n" });
    const repo = await openRepository(box.path);
    expect(await repo.attributeCommit(id)).toMatchObject({ authorship: "mixed", agent: "Claude Code" });
    expect((await repo.attributeLines(id, "k.js")).get(1)).toMatchObject({ authorship: "mixed", agent: "Claude Code" });
    note(id, "k.js\n  h_1 1");
    expect([...(await repo.attributeLines(id, "k.js"))].map(([, one]) => one.authorship)).toEqual(["human", "unknown"]);
  });

  it("shows at each line which records contradict each other", async () => {
    const id = box.commit("Both", { "l.js": "1\n2\n", ".agent-trace/traces.jsonl": "" });
    const trace = { version: "1.0", id: "x", timestamp: "2026-01-01T00:00:00Z", vcs: { type: "git", revision: id }, tool: { name: "cursor" }, files: [{ path: "l.js", conversations: [{ contributor: { type: "ai" }, ranges: [{ start_line: 1, end_line: 2 }] }] }] };
    box.commit("Traces", { ".agent-trace/traces.jsonl": `${JSON.stringify(trace)}\n` });
    note(id, "l.js\n  h_1 1\n  0123456789abcdef 2");
    const lines = await (await openRepository(box.path)).attributeLines(id, "l.js");
    expect([1, 2].map((line) => conflicts(lines.get(line)!, "line").map((one) => one.agent))).toEqual([["Cursor"], ["Cursor"]]);
    expect(conflicts(await (await openRepository(box.path)).attributeCommit(id)).map((one) => one.agent)).toEqual(["Cursor"]);
  });
});
