import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";

const box = new GitSandbox();
const folder = mkdtempSync(join(tmpdir(), "firstfix-overstated-"));
afterAll(() => {
  box.remove();
  rmSync(folder, { recursive: true, force: true });
});

const CLAUDE = "Co-Authored-By: Claude <noreply@anthropic.com>";
const note = (id: string, base: string, upper: string, more: object = {}): void =>
  void box.gitWith({ input: `${upper}\n---\n${JSON.stringify({ schema_version: "authorship/3.0.0", base_commit_sha: base, prompts: {}, humans: {}, sessions: { s_1: { agent_id: { tool: "cursor", model: "gpt-5" } } }, ...more })}\n` }, "notes", "--ref=refs/notes/ai", "add", "--force", "--file=-", id);
const lines = (count: number): string => Array.from({ length: count }, (_, at) => `line ${at}\n`).join("");

describe("evidence that says less than it seems to", () => {
  it("of a few lines does not make the whole commit an assistant's", async () => {
    const [few, most] = [box.commit("Mostly by hand", { "few.js": lines(300) }), box.commit("Mostly not", { "most.js": lines(10) })];
    note(few, few, "few.js\n  s_1::t_1 5");
    note(most, most, "most.js\n  s_1::t_1 1-8");
    const repo = await openRepository(box.path);
    expect(await repo.attributeCommit(few)).toMatchObject({ authorship: "mixed", agent: "Cursor" });
    expect(await repo.attributeCommit(most)).toMatchObject({ authorship: "ai", agent: "Cursor" });
  });

  it("in a note of another commit does not silence what the commit says itself", async () => {
    const id = box.commit(`With a stray note\n\n${CLAUDE}`, { "stray.js": lines(3) });
    note(id, "0".repeat(40), "other.js\n  s_1::t_1 1-9");
    expect([...(await (await openRepository(box.path)).attributeLines(id, "stray.js")).values()].map((one) => one.agent)).toEqual(["Claude Code", "Claude Code", "Claude Code"]);
  });

  it("with a key that leads nowhere proves nobody", async () => {
    const id = box.commit("Who", { "who.js": lines(1) });
    note(id, id, "who.js\n  h_deadbeef 1");
    expect((await (await openRepository(box.path)).attributeLines(id, "who.js")).get(1)).toMatchObject({ authorship: "unknown" });
  });

  it("where a shallow clone ends says nothing of the lines, and why", async () => {
    box.commit(`The tip\n\n${CLAUDE}`, { "tip.js": lines(1) });
    const clone = join(folder, "shallow");
    box.git("clone", "--quiet", "--depth=1", `file://${box.path}`, clone);
    const repo = await openRepository(clone);
    const head = box.git("rev-parse", "HEAD");
    const [first] = (await repo.attributeLines(head, "few.js")).values();
    expect(first).toMatchObject({ authorship: "unknown", evidence: [{ confidence: 0, raw: expect.stringContaining("git fetch --unshallow") as string }] });
    expect(await repo.attributeCommit(head)).toMatchObject({ authorship: "ai", agent: "Claude Code" });
  });

  it("in prose is no trailer", async () => {
    const repo = await openRepository(box.path);
    const said = async (text: string): Promise<string> => (await repo.attributeCommit(box.commit(`Say\n\n${text}`))).authorship;
    expect(await said(`${CLAUDE} is now stripped by the hook\nwhen a commit is made.`)).toBe("unknown");
    expect(await said("Generated-by: cursor pagination script")).toBe("unknown");
    expect(await said("Generated-by: Cursor")).toBe("ai");
    expect(await said("Assisted-by: Gemini 3 Pro")).toBe("mixed");
    expect(await said(`${CLAUDE} (with review)`)).toBe("ai");
  });
});
