import { describe, expect, it } from "vitest";
import type { Evidence } from "./ledger.ts";
import { levelAt, marksOf, saidOfLines } from "./marks.ts";

const said = (channel: string, agent: string, more: Partial<Evidence> = {}): Evidence => ({ channel, agent, role: "author", confidence: 0.9, raw: "", ...more });
const note = said("git-ai-note", "Claude Code", { confidence: 0.97, lines: { path: "a.ts", from: 3, to: 5 } });
const claude = { authorship: "ai", agent: "Claude Code" };

describe("marks of lines", () => {
  it("take what stands for a commit for no more than that", () => {
    const marks = marksOf([said("trailer", "Claude Code")]);
    expect([levelAt(marks, "a.ts", 3), levelAt(marks, "b.ts", 1)]).toEqual(["whole", "whole"]);
    expect(marks.whole).toBe("whole commit, by trailer, 90% sure");
    expect(saidOfLines(marks, claude)).toBe("whole commit, by trailer, 90% sure");
    expect(marksOf([said("git-author", "Copilot", { confidence: 0.99 })]).whole).toBe("whole commit, by its author, 99% sure");
    expect(marksOf([said("pull-request", "Devin", { confidence: 0.5 })]).whole).toBe("whole commit, by pull request, 50% sure");
  });

  it("are of a line where a record names it, and only there", () => {
    const marks = marksOf([said("trailer", "Claude Code", { confidence: 0.8 }), note]);
    expect([2, 3, 5, 6].map((line) => levelAt(marks, "a.ts", line))).toEqual(["whole", "line", "line", "whole"]);
    expect(levelAt(marks, "b.ts", 3)).toBe("whole");
    expect(saidOfLines(marks, claude)).toBe("");
  });

  it("are of the line where nothing is said of the whole: the ledger holds the longest records only", () => {
    expect(levelAt(marksOf([note]), "long.ts", 9_000)).toBe("line");
    expect(marksOf([]).whole).toBeNull();
  });

  it("show that evidence disagrees, on every line", () => {
    const marks = marksOf([said("trailer", "Copilot"), note]);
    expect([levelAt(marks, "a.ts", 3), levelAt(marks, "a.ts", 9)]).toEqual(["disputed", "disputed"]);
    expect(marks.disputed).toContain("the git-ai note decides");
  });

  it("leave out reviewers, and what is too weak to decide", () => {
    const marks = marksOf([said("trailer", "Copilot", { role: "reviewer" }), said("trailer", "Cursor", { confidence: 0.1 }), note]);
    expect([marks.whole, marks.disputed]).toEqual([null, null]);
  });

  it("say nothing of lines of people and of nobody", () => {
    const marks = marksOf([said("trailer", "Claude Code")]);
    expect([saidOfLines(marks, { authorship: "human", agent: "" }), saidOfLines(marks, { authorship: "unknown", agent: "" })]).toEqual(["", ""]);
  });
});
