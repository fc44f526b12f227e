import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import { lineAuthors } from "./authors.ts";

const box = new GitSandbox();
afterAll(() => box.remove());

const record = (revision: string, path: string, start_line: number, end_line: number): string =>
  `${JSON.stringify({ version: "1.0", id: "5f0c9f3e-0000-4000-8000-000000000000", timestamp: "2026-02-01T00:00:00Z", vcs: { type: "git", revision }, tool: { name: "cursor" }, files: [{ path, conversations: [{ contributor: { type: "ai", model_id: "anthropic/claude-opus-4-5" }, ranges: [{ start_line, end_line }] }] }] })}\n`;
const written = async (id: string, path: string): Promise<string[]> => [...(await (await openRepository(box.path)).attributeLines(id, path))].map(([line, { authorship, confidence }]) => `${line} ${authorship} ${confidence}`);

describe("a record that names a commit", () => {
  it("is its child's where both added lines at that place, and the named one shows why it is not believed", async () => {
    const person = box.commit("By hand", { "a.js": "1\n2\n3\n" });
    const assistant = box.commit("By an assistant", { "a.js": "1\nx\ny\n2\n3\n", ".agent-trace/traces.jsonl": record(person, "a.js", 2, 3) });
    expect(await written(assistant, "a.js")).toEqual(["2 ai 0.75", "3 ai 0.75"]);
    expect(await written(person, "a.js")).toEqual(["1 unknown 0", "2 unknown 0", "3 unknown 0"]);
    const { evidence } = await (await openRepository(box.path)).attributeCommit(person);
    expect(evidence).toMatchObject([{ channel: "agent-trace", confidence: 0.2, raw: expect.stringContaining(`${assistant.slice(0, 12)}, made on this commit, changed the file too`) as string }]);
  });

  it("is not the named one's where its child changed the file, above or below, in the same second and by the same author", async () => {
    const lines = Array.from({ length: 10 }, (_, at) => `v${at}`);
    for (const above of ["// licence\n", ""]) {
      const at = { GIT_AUTHOR_DATE: "2026-01-05T10:00:00Z" };
      const person = box.commit("By hand", { "s.js": `${lines.join("\n")}${above}\n` }, at);
      const child = box.commit("By an assistant", { "s.js": `${above}${lines.slice(0, 5).join("\n")}\nfunction ai() {\n  return 42;\n}\n${lines.slice(5).join("\n")}${above}\n`, ".agent-trace/traces.jsonl": record(person, "s.js", 6, 8) }, at);
      expect((await written(person, "s.js")).filter((one) => one.includes("ai"))).toEqual([]);
      expect((await written(child, "s.js")).filter((one) => one.includes("ai")).length).toBe(above === "" ? 3 : 0);
      box.commit("Away", { "s.js": null });
    }
  });

  it("decides nothing where two of its children added lines at that place", async () => {
    const base = box.commit("Base", { "d.js": "1\n2\n3\n" });
    box.git("checkout", "--quiet", "-b", "feature");
    const assistant = box.commit("By an assistant", { "d.js": "1\nai\nai\n2\n3\n", ".agent-trace/traces.jsonl": record(base, "d.js", 2, 3) });
    expect(await written(assistant, "d.js")).toEqual(["2 ai 0.75", "3 ai 0.75"]);
    box.git("checkout", "--quiet", "main");
    const person = box.commit("By hand", { "d.js": "1\nme\nme\n2\n3\n" });
    box.git("merge", "--quiet", "--no-ff", "--strategy=ours", "-m", "Merge feature", "feature");
    box.commit("Keep the record", { ".agent-trace/traces.jsonl": record(base, "d.js", 2, 3) });
    for (const id of [person, assistant]) expect(await written(id, "d.js")).toEqual(["2 unknown 0", "3 unknown 0"]);
    expect((await (await openRepository(box.path)).attributeCommit(person)).evidence[0]?.raw).toContain("made on the same commit, added these lines too");
  });

  it("is its own where no child adds lines there, and a merge is no child of what it merges", async () => {
    box.git("checkout", "--quiet", "-b", "side");
    const own = box.commit("After the edit", { "b.js": "1\n2\n" });
    box.git("checkout", "--quiet", "main");
    box.commit("Meanwhile", { "c.js": "1\n", ".agent-trace/traces.jsonl": record(own, "b.js", 1, 2) });
    box.git("merge", "--quiet", "--no-ff", "-m", "Merge side", "side");
    expect(await written(own, "b.js")).toEqual(["1 ai 0.75", "2 ai 0.75"]);
  });

  it("is read on the branch that has it, with the siblings that it could be about", async () => {
    const base = box.commit("Base", { "e.js": "1\n2\n" });
    box.git("checkout", "--quiet", "-b", "traced");
    const assistant = box.commit("By an assistant", { "e.js": "1\nai\n2\n" });
    box.commit("Its record", { ".agent-trace/traces.jsonl": record(base, "e.js", 2, 2) });
    box.git("checkout", "--quiet", "main");
    expect(await written(assistant, "e.js")).toEqual(["2 ai 0.75"]);
    const person = box.commit("By hand", { "e.js": "1\nme\n2\n" });
    for (const id of [person, assistant]) expect(await written(id, "e.js")).toEqual(["2 unknown 0"]);
  });

  it("is a commit's that was amended, though a branch has it as it was", async () => {
    const base = box.commit("Base", { "f.js": "1\n2\n" });
    const first = box.commit("By an assistant", { "f.js": "1\nai\n2\n", ".agent-trace/traces.jsonl": record(base, "f.js", 2, 2) });
    box.git("branch", "before-amend");
    box.git("commit", "--quiet", "--amend", "-m", "By an assistant, said better");
    const amended = box.git("rev-parse", "HEAD");
    expect(amended).not.toBe(first);
    expect(await written(amended, "f.js")).toEqual(["2 ai 0.75"]);
  });

  it("is read at the revision that is asked for, where no branch has it", async () => {
    const base = box.commit("Base", { "g.js": "1\n2\n" });
    box.git("checkout", "--quiet", "--detach");
    box.commit("By an assistant", { "g.js": "1\nai\n2\n" });
    const tip = box.commit("Its record", { ".agent-trace/traces.jsonl": record(base, "g.js", 2, 2) });
    box.git("checkout", "--quiet", "main");
    const repo = await openRepository(box.path);
    expect((await lineAuthors(repo, tip, "g.js")).map(({ attribution }) => attribution.authorship)).toEqual(["unknown", "ai", "unknown"]);
  });
});
