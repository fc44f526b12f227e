import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import { parseAgentTraces } from "./agent-trace.ts";
import { entireFolder, entireRef, entireSessions, parseEntireSession } from "./entire.ts";

const box = new GitSandbox();
afterAll(() => box.remove());

const HEAD = "1".repeat(40);
const ai = { type: "ai", model_id: "anthropic/claude-opus-4-5" };
const row = (revision: string, path: string, ranges: readonly object[], more: object = {}): string =>
  JSON.stringify({ version: "1.0", id: "5f0c9f3e-0000-4000-8000-000000000000", timestamp: "2026-02-01T00:00:00Z", vcs: { type: "git", revision }, tool: { name: "cursor", version: "2.4" }, files: [{ path, conversations: [{ url: "x", contributor: ai, ranges }] }], ...more });

describe("parseAgentTraces", () => {
  it("reads ranges, a range's contributor above its conversation's, and only the revisions asked for", () => {
    const text = [
      row(HEAD, "./src/a.ts", [{ start_line: 2, end_line: 5, content_hash: "murmur3:9f2e8a1b" }, { start_line: 7, end_line: 7, contributor: { type: "human" } }]),
      row("2".repeat(40), "src/b.ts", [{ start_line: 1, end_line: 1 }]),
    ].join("\n");
    expect(parseAgentTraces(text, [HEAD])).toEqual({
      problems: [],
      lines: [
        { path: "src/a.ts", from: 2, to: 5, authorship: "ai", agent: "Cursor", model: "claude-opus-4-5", hash: "murmur3:9f2e8a1b", revision: HEAD, raw: "src/a.ts 2-5 ai anthropic/claude-opus-4-5 cursor murmur3:9f2e8a1b" },
        { path: "src/a.ts", from: 7, to: 7, authorship: "human", agent: "", model: "", hash: "", revision: HEAD, raw: "src/a.ts 7-7 human cursor" },
      ],
    });
  });

  it("says what it refuses, and goes on", () => {
    const text = [`{"vcs":{"revision":"${HEAD}"`, row(HEAD, "a", [{ start_line: 3, end_line: 1 }, { start_line: 0, end_line: 1e12 }]), row(HEAD, "a", [{ start_line: 1, end_line: 1 }], { vcs: { type: "hg", revision: HEAD } }), row(HEAD, "b", [{ start_line: 1, end_line: 1 }])].join("\n");
    const { lines, problems } = parseAgentTraces(text, [HEAD]);
    expect(lines.map(({ path }) => path)).toEqual(["b"]);
    expect(problems).toEqual(["line 1: no JSON object", "line 2: no range: a 3–1", "line 2: no range: a 0–1000000000000", "line 3: not of git: hg"]);
  });

  it("takes any text and any JSON without throwing", () => {
    const value = fc.oneof(fc.string(), fc.json(), fc.jsonValue().map((inner) => JSON.stringify({ vcs: { revision: HEAD }, files: inner })), fc.jsonValue().map((inner) => JSON.stringify({ vcs: { revision: HEAD }, files: [{ path: "a", conversations: inner }] })));
    fc.assert(fc.property(fc.array(value), (rows) => {
      for (const { from, to } of parseAgentTraces(rows.join("\n"), [HEAD, "a"]).lines) expect(from >= 1 && from <= to).toBe(true);
    }));
  });
});

describe("Entire's metadata", () => {
  it("names the folder, the sessions, the agent and its share", () => {
    expect([entireRef("01M1PTJGEYNGRB6R0H85Z29FKM"), entireRef("a3b2c4d5e6f7"), entireRef("01M1PTJGEYNGRB6R0H85Z29FKI"), entireRef("../x")]).toEqual(["refs/entire/checkpoints/KM/01M1PTJGEYNGRB6R0H85Z29FKM", "refs/entire/checkpoints/f7/a3b2c4d5e6f7", null, null]);
    expect([entireFolder("a3b2c4d5e6f7"), entireFolder("../../../etc"), entireFolder("A3B2C4D5E6F7")]).toEqual(["a3/b2c4d5e6f7", null, null]);
    expect([entireSessions('{"sessions":[{},{}]}'), entireSessions("{}"), entireSessions("no"), entireSessions(JSON.stringify({ sessions: Array.from({ length: 900 }) }))]).toEqual([2, 0, 0, 20]);
    expect(parseEntireSession('{"agent":"Claude Code","initial_attribution":{"agent_lines":114,"total_committed":142,"agent_percentage":75}}')).toEqual({ agent: "Claude Code", model: "", share: 0.75, raw: "agent Claude Code, 75% of the committed lines" });
    expect(parseEntireSession('{"agent":"Gemini CLI","model":"gemini-3"}')).toMatchObject({ agent: "Gemini", model: "gemini-3", share: null });
    for (const text of ["", "[]", "null", '{"agent":5}', '{"checkpoint_id":"a3b2c4d5e6f7"}']) expect(parseEntireSession(text)).toBeNull();
    expect(parseEntireSession('{"agent":"x","initial_attribution":{"agent_percentage":1e9}}')?.share).toBeNull();
  });
});

describe("the ledger", () => {
  it("believes an Agent Trace range that holds only lines of the commit, and shows the others", async () => {
    const parent = box.commit("Start", { "a.js": "1\n2\n" });
    const traces = [row(parent, "a.js", [{ start_line: 2, end_line: 3 }]), row(parent, "b.js", [{ start_line: 1, end_line: 1 }]), row(parent, "a.js", [{ start_line: 1, end_line: 99 }])].join("\n");
    const id = box.commit("Add", { "a.js": "1\nA\nB\n2\n", ".agent-trace/traces.jsonl": `${traces}\n` });
    const repo = await openRepository(box.path);
    const lines = await repo.attributeLines(id, "a.js");
    expect([...lines].map(([line, { authorship, agent, model, confidence }]) => [line, authorship, agent, model, confidence])).toEqual([2, 3].map((line) => [line, "ai", "Cursor", "claude-opus-4-5", 0.75]));
    const whole = await repo.attributeCommit(id);
    expect(whole.evidence.map(({ channel, confidence }) => [channel, confidence])).toEqual([["agent-trace", 0.75], ["agent-trace", 0.2]]);
  });

  it("finds records that were committed later, ranks them below a note, and shows the conflict", async () => {
    const id = box.commit("More", { "c.js": "1\n" });
    box.commit("Traces", { ".agent-trace/traces.jsonl": row(id, "c.js", [{ start_line: 1, end_line: 1 }]) });
    const repo = await openRepository(box.path);
    expect((await repo.attributeLines(id, "c.js")).get(1)).toMatchObject({ authorship: "ai", agent: "Cursor" });
    const note = { schema_version: "authorship/3.0.0", base_commit_sha: id, prompts: {}, humans: { h_1: { author: "Ada" } }, sessions: {} };
    box.gitWith({ input: `c.js\n  h_1 1\n---\n${JSON.stringify(note)}\n` }, "notes", "--ref=refs/notes/ai", "add", "--force", "--file=-", id);
    const one = (await repo.attributeLines(id, "c.js")).get(1);
    expect(one?.authorship).toBe("human");
    expect(one?.evidence.map(({ channel, authorship }) => [channel, authorship])).toEqual([["git-ai-note", "human"], ["agent-trace", "ai"]]);
  });

  it("takes the records of the parent, any version and any hash, and does not believe a position that nobody knew", async () => {
    const before = box.git("rev-parse", "HEAD");
    const id = box.commit("Edit", { "p.js": "1\n2\n3\n", "q.js": "1\n", "r.js": "1\n2\n3\n", "s.js": "1\n" });
    const some = (path: string, range: object, revision = before): string => row(revision, path, [{ content_hash: "opaque9f2e8a1b", ...range }], { version: path === "q.js" ? "0.1.0" : "1.0" });
    box.commit("Record", { ".agent-trace/traces.jsonl": [some("p.js", { start_line: 1, end_line: 1 }), some("q.js", { start_line: 1, end_line: 1 }), some("r.js", { start_line: 1, end_line: 2 }), some("s.js", { start_line: 1, end_line: 1 }, "3".repeat(40)), some("p.js", { start_line: 2, end_line: 2 }, id)].join("\n") });
    const repo = await openRepository(box.path);
    const of = async (path: string): Promise<unknown[]> => [...(await repo.attributeLines(id, path)).values()].map((one) => `${one.authorship} ${one.confidence}`);
    expect(await of("p.js")).toEqual(["unknown 0", "ai 0.6", "unknown 0"]);
    expect(await of("q.js")).toEqual(["ai 0.75"]);
    expect(await of("r.js")).toEqual(["ai 0.45", "ai 0.45", "unknown 0"]);
    expect(await of("s.js")).toEqual(["unknown 0"]);
    expect((await repo.attributeCommit(id)).evidence.map((one) => [one.confidence, one.raw])).toContainEqual([0.2, "p.js 1-1 ai anthropic/claude-opus-4-5 cursor opaque9f2e8a1b (its content_hash is of a kind that is not known: not compared)"]);
  });

  it("names the agent of Entire's checkpoint, which the trailer does not", async () => {
    const id = box.commit("Do it\n\nEntire-Checkpoint: a3b2c4d5e6f7", { "d.js": "1\n" });
    const repo = await openRepository(box.path);
    expect((await repo.attributeCommit(id)).agent).toBe("Unnamed assistant");
    const blob = (value: object): string => box.blob(JSON.stringify(value));
    const tree = (entries: string): string => box.gitWith({ input: entries }, "mktree");
    const session = tree(`100644 blob ${blob({ agent: "Claude Code", model: "opus", initial_attribution: { agent_percentage: 99 } })}\tmetadata.json\n`);
    const folder = tree(`100644 blob ${blob({ sessions: [{}] })}\tmetadata.json\n040000 tree ${session}\t0\n`);
    box.git("update-ref", "refs/heads/entire/checkpoints/v1", box.git("commit-tree", "-m", "c", tree(`040000 tree ${tree(`040000 tree ${folder}\tb2c4d5e6f7\n`)}\ta3\n`)));
    expect(await repo.attributeCommit(id)).toMatchObject({ agent: "Claude Code", model: "opus", authorship: "ai" });
  });

  it("reads a checkpoint that has a ref of its own, and those that git's squash quotes", async () => {
    const ulid = "01M1PTJGEYNGRB6R0H85Z29FKM";
    const blob = (value: object): string => box.blob(JSON.stringify(value));
    const tree = (entries: string): string => box.gitWith({ input: entries }, "mktree");
    const session = tree(`100644 blob ${blob({ agent: "Gemini CLI", model: "gemini-3", initial_attribution: { agent_percentage: 100 } })}\tmetadata.json\n`);
    const checkpoint = box.git("commit-tree", "-m", "c", tree(`040000 tree ${session}\t0\n100644 blob ${blob({ sessions: [{}] })}\tmetadata.json\n`));
    const id = box.commit(`Do it\n\nEntire-Checkpoint: ${ulid}`, { "u.js": "1\n" });
    const squashed = box.commit(`Squashed commit of the following:\n\ncommit ${"a".repeat(40)}\nAuthor: Ada <ada@example.com>\n\n    Do it\n    \n    Entire-Checkpoint: ${ulid}`, { "u.js": "2\n" });
    const repo = await openRepository(box.path);
    expect(await repo.attributeCommit(id)).toMatchObject({ authorship: "mixed", agent: "Unnamed assistant" });
    box.git("update-ref", `refs/entire/checkpoints/KM/${ulid}`, checkpoint);
    expect((await repo.attributeCommit(id)).evidence).toContainEqual(expect.objectContaining({ authorship: "ai", agent: "Gemini", model: "gemini-3" }));
    for (const one of [id, squashed]) expect(await repo.attributeCommit(one)).toMatchObject({ authorship: "ai", agent: "Gemini" });
  });

  it("bears a file of traces that is too long, binary, or a link", async () => {
    const repo = await openRepository(box.path);
    for (const text of ["\0", "x".repeat(9 * 1024 * 1024)]) {
      const id = box.commit("Hostile", { ".agent-trace/traces.jsonl": text, "e.js": text.slice(0, 1) + String(text.length) });
      const { authorship, evidence } = await repo.attributeCommit(id);
      expect([authorship, evidence.map((one) => one.raw)]).toEqual(["unknown", [expect.stringMatching(/is no text: not read|longer than 8388608 bytes \(9437184\): not read/)]]);
    }
  });
});
