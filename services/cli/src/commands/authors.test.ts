import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const CLI = fileURLToPath(new URL("../../firstfix.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "firstfix-authors-"));
const git = (input: string, ...args: string[]): string => execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false", "-C", folder, ...args], { encoding: "utf8", input }).trim();
const authors = (...args: string[]): string => execFileSync(process.execPath, [CLI, "authors", "--repo", folder, ...args], { encoding: "utf8" });

let first = "";
let second = "";
beforeAll(() => {
  git("", "init", "-q", "-b", "main");
  writeFileSync(join(folder, "a.js"), "one\ntwo\u001b[31m\nthree\n");
  git("", "add", ".");
  git("Start\n\nCo-Authored-By: Claude Opus 4.5 <noreply@anthropic.com>", "commit", "-q", "-F", "-");
  first = git("", "rev-parse", "HEAD");
  writeFileSync(join(folder, "a.js"), "one\ntwo\u001b[31m\n3\n4\n5\n");
  git("", "add", ".");
  git("Go on", "commit", "-q", "-F", "-", "--author=x <198982749+Copilot@users.noreply.github.com>");
  second = git("", "rev-parse", "HEAD");
  const note = { schema_version: "authorship/3.0.0", base_commit_sha: second, humans: { h_1: { author: "Ada" } } };
  git(`a.js\n  h_1 4\n---\n${JSON.stringify(note)}\n`, "notes", "--ref=refs/notes/ai", "add", "-F", "-", second);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("firstfix authors", () => {
  it("prints who wrote each line, the evidence per group, and what disagrees", () => {
    const said = authors("a.js");
    expect(said).not.toContain("\u001b");
    expect(said.split("\n")).toEqual([
      `${first.slice(0, 10)}  Claude Code (Opus 4.5)  90%  1  one`,
      `${first.slice(0, 10)}  Claude Code (Opus 4.5)  90%  2  two\\u001b[31m`,
      `${second.slice(0, 10)}  Copilot cloud agent     95%  3  3`,
      `${second.slice(0, 10)}  person                  97%! 4  4`,
      `${second.slice(0, 10)}  Copilot cloud agent     95%  5  5`,
      "",
      "Evidence, strongest first:",
      `  ${first.slice(0, 10)}  lines 1-2: Claude Code (Opus 4.5)`,
      "      trailer: Co-Authored-By: Claude Opus 4.5 <noreply@anthropic.com>  (90%)",
      `  ${second.slice(0, 10)}  lines 3, 5: Copilot cloud agent`,
      "      git-author: Author: x <198982749+Copilot@users.noreply.github.com>  (95%)",
      `  ${second.slice(0, 10)}  lines 4: person`,
      "      git-ai-note: a.js h_1 4  (97%)",
      "    ! git-author: Author: x <198982749+Copilot@users.noreply.github.com>  (95%)",
      "",
      "5 lines: 4 by assistants, 0 mixed, 1 by people, 0 unknown (no evidence either way). 1 with evidence that disagrees (!): the stronger decides.",
      "",
    ]);
  });

  it("prints the same as JSON, in the documented form", () => {
    const copilot = { channel: "git-author", authorship: "ai", agent: "Copilot cloud agent", model: "", role: "author", confidence: 0.95, raw: "Author: x <198982749+Copilot@users.noreply.github.com>" };
    expect(JSON.parse(authors("a.js", "--lines", "2-4", "--json"))).toEqual({
      schema: "firstfix.authors/1",
      warnings: [],
      path: "a.js",
      revision: second,
      lines: { total: 3, ai: 2, mixed: 0, human: 1, unknown: 0, conflicting: 1 },
      groups: [
        { from: 2, to: 2, commit: first, originPath: "a.js", originFrom: 2, authorship: "ai", agent: "Claude Code", model: "Opus 4.5", confidence: 0.9, evidence: [{ channel: "trailer", authorship: "ai", agent: "Claude Code", model: "Opus 4.5", role: "author", confidence: 0.9, raw: "Co-Authored-By: Claude Opus 4.5 <noreply@anthropic.com>" }], conflicts: [] },
        { from: 3, to: 3, commit: second, originPath: "a.js", originFrom: 3, authorship: "ai", agent: "Copilot cloud agent", model: "", confidence: 0.95, evidence: [copilot], conflicts: [] },
        { from: 4, to: 4, commit: second, originPath: "a.js", originFrom: 4, authorship: "human", agent: "", model: "", confidence: 0.97, evidence: [{ channel: "git-ai-note", authorship: "human", agent: "", model: "", role: "author", confidence: 0.97, raw: "a.js h_1 4", lines: { path: "a.js", from: 4, to: 4 } }, copilot], conflicts: [copilot] },
      ],
    });
  });
});
