import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Commit } from "../types.ts";
import { knownAgent, parseIdentity } from "./identities.ts";
import { parseGitAiNote } from "./git-ai-note.ts";
import { commitEvidence, conflicts, judge, ofLines } from "./judge.ts";
import { isSquashed } from "./squash.ts";
import { parseTrailers } from "./trailers.ts";

const BEFORE = Date.UTC(2026, 1, 1);
function commit(message: string, change: Partial<Commit> = {}): Commit {
  return { id: "a".repeat(40), parents: [], authorName: "Ada Example", authorEmail: "ada@example.com", committerName: "Ada Example", committerEmail: "ada@example.com", authoredAt: BEFORE, committedAt: BEFORE, subject: message.split("\n")[0] ?? "", message, ...change };
}
const verdict = (message: string, change: Partial<Commit> = {}) => {
  const { authorship, agent, model, confidence } = judge(commitEvidence(commit(message, change)));
  return { authorship, agent, model, confidence };
};
const trailer = (line: string, change: Partial<Commit> = {}) => verdict(`Do it\n\nWhy.\n\n${line}\n`, change);

describe("identities", () => {
  it.each([
    ["209825114+claude[bot]@users.noreply.github.com", "Claude Code", "author"],
    ["198982749+Copilot@users.noreply.github.com", "Copilot cloud agent", "author"],
    ["198982749+renamed@users.noreply.github.com", "Copilot cloud agent", "author"],
    ["223556219+Copilot@users.noreply.github.com", "Copilot CLI", "author"],
    ["175728472+Copilot@users.noreply.github.com", "Copilot review", "reviewer"],
    ["206951365+cursor[bot]@users.noreply.github.com", "Cursor", "author"],
    ["cursoragent@cursor.com", "Cursor", "author"],
    ["codex@openai.com", "Codex", "author"],
    ["noreply@OpenAI.com", "Codex", "author"],
    ["199175422+chatgpt-codex-connector[bot]@users.noreply.github.com", "Codex", "author"],
    ["noreply@aider.chat", "Aider", "author"],
    ["158243242+devin-ai-integration[bot]@users.noreply.github.com", "Devin", "author"],
    ["161369871+google-labs-jules[bot]@users.noreply.github.com", "Jules", "author"],
    ["176961590+gemini-code-assist[bot]@users.noreply.github.com", "Gemini Code Assist", "reviewer"],
    ["208079219+amazon-q-developer[bot]@users.noreply.github.com", "Amazon Q", "author"],
    ["244629292+kiro-agent@users.noreply.github.com", "Kiro", "author"],
    ["someone@windsurf.com", "Windsurf", "author"],
    ["267193182+codex@users.noreply.github.com", "Codex", "author"],
    ["219766164+opencode-agent[bot]@users.noreply.github.com", "opencode", "author"],
    ["138933559+factory-droid[bot]@users.noreply.github.com", "Factory Droid", "author"],
    ["62310815+github-advanced-security[bot]@users.noreply.github.com", "Copilot Autofix", "reviewer"],
    ["136622811+coderabbitai[bot]@users.noreply.github.com", "CodeRabbit", "reviewer"],
    ["Amp@AmpCode.com", "Amp", "author"],
    ["junie@jetbrains.com", "Junie", "author"],
  ])("knows %s", (email, agent, role) => {
    expect(parseIdentity(email)).toMatchObject({ agent, role });
  });

  it("knows nobody by a name, a look-alike domain or another account", () => {
    for (const email of ["claude@example.com", "devin@example.com", "1+claude[bot]@users.noreply.github.com", "noreply@anthropic.com.example.org", "x@notaider.chat", "Copilot@users.noreply.github.com", "__proto__", "constructor", ""]) expect(parseIdentity(email), email).toBeNull();
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.string(), (text) => void [parseIdentity(text), knownAgent(text)]));
  });
});

describe("a commit's own evidence", () => {
  it.each([
    ["Co-Authored-By: Claude <noreply@anthropic.com>", "ai", "Claude Code", ""],
    ["Co-Authored-By: Claude Opus 4.5 <noreply@anthropic.com>", "ai", "Claude Code", "Opus 4.5"],
    ["Co-Authored-By: Claude Code <noreply@anthropic.com>", "ai", "Claude Code", ""],
    ["Claude-Session: https://claude.ai/code/session_01ABC", "ai", "Claude Code", ""],
    ["🤖 Generated with [Claude Code](https://claude.com/claude-code)", "ai", "Claude Code", ""],
    ["Generated with [Claude Code](https://claude.ai/code)", "ai", "Claude Code", ""],
    ["Generated with [Devin](https://devin.ai)", "ai", "Devin", ""],
    ["Agent-Logs-Url: https://github.com/o/r/sessions/0f8fad5b-d9cb-469f-a165-70867728950e", "ai", "Copilot cloud agent", ""],
    ["Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>", "ai", "Copilot CLI", ""],
    ["Co-authored-by: Copilot <copilot@github.com>", "ai", "VS Code Copilot", ""],
    ["Co-authored-by: Cursor Agent <cursoragent@cursor.com>", "ai", "Cursor", ""],
    ["Made-with: Cursor", "ai", "Cursor", ""],
    ["Co-authored-by: Codex <noreply@openai.com>", "ai", "Codex", ""],
    ["Co-authored-by: aider (gpt-4o) <aider@aider.chat>", "ai", "Aider", "gpt-4o"],
    ["Replit-Commit-Author: Agent\nReplit-Commit-Session-Id: 1", "ai", "Replit Agent", ""],
    ["Assisted-by: Claude:claude-3-opus coccinelle sparse", "mixed", "Claude Code", "claude-3-opus"],
    ["Assisted-by: ChatGPTv5", "mixed", "ChatGPT", ""],
    ["Generated-By: gemini-2.5-pro", "ai", "Gemini", ""],
    ["Generated-by: GitHub Copilot", "ai", "Copilot", ""],
    ["Co-authored-by: Cursor <cursoragent@cursor.com>", "ai", "Cursor", ""],
    ["co-authored-by: aider (claude-3.7-sonnet) <noreply@aider.chat>", "ai", "Aider", "claude-3.7-sonnet"],
    ["Co-authored-by: devin-ai-integration[bot] <158243242+devin-ai-integration[bot]@users.noreply.github.com>", "ai", "Devin", ""],
    ["Co-authored-by: google-labs-jules[bot] <161369871+google-labs-jules[bot]@users.noreply.github.com>", "ai", "Jules", ""],
    ["Co-authored-by: amazon-q-developer[bot] <208079219+amazon-q-developer[bot]@users.noreply.github.com>", "ai", "Amazon Q", ""],
    ["Co-authored-by: Kiro Agent <244629292+kiro-agent@users.noreply.github.com>", "ai", "Kiro", ""],
    ["Co-authored-by: Copilot <198982749+Copilot@users.noreply.github.com>", "ai", "Copilot cloud agent", ""],
    ["Co-authored-by: claude[bot] <209825114+claude[bot]@users.noreply.github.com>", "ai", "Claude Code", ""],
    ["Claude-Session: https://claude.com/code/session_01ABC", "ai", "Claude Code", ""],
    ["Replit-Commit-Author: Assistant\nReplit-Commit-Session-Id: 5ac0", "ai", "Replit Assistant", ""],
    ["Assisted-by: Claude:claude-3-opus [coccinelle] [sparse]", "mixed", "Claude Code", "claude-3-opus"],
    ["Assisted-by: Devin:1.5 [smatch]", "mixed", "Devin", "1.5"],
    ["Assisted-By: Claude Sonnet 4", "mixed", "Claude Code", "Sonnet 4"],
    ["Assisted-by: Claude", "mixed", "Claude Code", ""],
    ["Generated-By: Claude Code", "ai", "Claude Code", ""],
    ["Generated-by: ChatGPT (GPT-5)", "ai", "ChatGPT", "GPT-5"],
    ["Co-authored-by: Amp <amp@ampcode.com>", "ai", "Amp", ""],
    ["Co-authored-by: factory-droid[bot]\n<138933559+factory-droid[bot]@users.noreply.github.com>", "ai", "Factory Droid", ""],
    ["Co-authored-by: google-labs-jules[bot]\n  <161369871+google-labs-jules[bot]@users.noreply.github.com>", "ai", "Jules", ""],
    ["Signed-off-by: Ada <ada@example.com>\nCo-authored-by: Grace <grace@example.com>\nCo-authored-by: Codex <noreply@openai.com>\nReviewed-by: Ada <ada@example.com>", "ai", "Codex", ""],
    ["Co-developed-by: Claude claude-opus-4 <noreply@anthropic.com>", "ai", "Claude Code", "claude-opus-4"],
    ["Co-Authored-By: Claude Code (Sonnet 4.5) <noreply@anthropic.com>", "ai", "Claude Code", "Sonnet 4.5"],
    ["Co-Authored-By: Claude Opus 4.5 (1M context) <noreply@anthropic.com>", "ai", "Claude Code", "Opus 4.5 (1M context)"],
    ["Co-authored-by: opencode-agent[bot] <opencode-agent[bot]@users.noreply.github.com>", "ai", "opencode", ""],
    ["Co-authored-by: Windsurf <noreply@codeium.com>", "ai", "Windsurf", ""],
    ["Assisted-by: LLM", "mixed", "Unnamed assistant", ""],
    ["Generated-by: AI", "ai", "Unnamed assistant", ""],
    ["Amp-Thread-ID: https://ampcode.com/threads/T-019bd659-8bfc-77be-90d9-9fae68275c32", "ai", "Amp", ""],
    ["Co-Authored-By: opencode (GLM-5) <noreply@opencode.ai>", "ai", "opencode", "GLM-5"],
    ["🤖 Generated with [opencode](https://opencode.ai)", "ai", "opencode", ""],
    ["Co-authored-by: openhands <openhands@all-hands.dev>", "ai", "OpenHands", ""],
    ["Assisted-by: Crush <crush@charm.land>", "mixed", "Crush", ""],
    ["💘 Generated with Crush", "ai", "Crush", ""],
    ["Co-Authored-By: Oz <oz-agent@warp.dev>", "ai", "Warp", ""],
    ["Co-authored-by: Qwen-Coder <qwen-coder@alibabacloud.com>", "ai", "Qwen Code", ""],
    ["🤖 Generated with Claude Code", "ai", "Claude Code", ""],
    ["CO-AUTHORED-BY: Claude <NoReply@Anthropic.COM>", "ai", "Claude Code", ""],
    ["Co-authored-by: Cursor cursoragent@cursor.com", "ai", "Cursor", ""],
    ["Co-authored-by:\tCodex\t<codex@openai.com>\r", "ai", "Codex", ""],
    ["Entire-Checkpoint: a3b2c4d5e6f7", "mixed", "Unnamed assistant", ""],
    ["Entire-Checkpoint: 01M1PTJGEYNGRB6R0H85Z29FKM", "mixed", "Unnamed assistant", ""],
    ["Entire-Attribution: 73% agent (146/200 lines)", "mixed", "Unnamed assistant", ""],
    ["Entire-Attribution: 100% agent (200/200 lines)", "ai", "Unnamed assistant", ""],
  ])("reads %s", (line, authorship, agent, model) => {
    expect(trailer(line)).toMatchObject({ authorship, agent, model });
  });

  it.each([
    "Co-authored-by: Claude Monet <claude@example.com>",
    "Co-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>",
    "Co-authored-by: gemini-code-assist[bot] <176961590+gemini-code-assist[bot]@users.noreply.github.com>",
    "Assisted-by: Claude Monet <claude@example.com>",
    "Assisted-by: Grace Example",
    "Assisted-by: Claude Monet",
    "Assisted-by: Devin Example",
    "Assisted-by: Jules",
    "Generated-by: Jules Verne",
    "Assisted-by: Cody Example",
    "Co-authored-by: Devin <devin@example.com>",
    "Co-authored-by: Jules <jules@example.com>",
    "Co-authored-by: Cody <cody@example.com>",
    "Co-authored-by: Claude",
    "Assisted-by: Ai Weiwei",
    "Co-authored-by: Grace Example <grace@windsurf.com>",
    "Amp-Thread-ID: https://ampcode.com.example.com/threads/T-1",
    "Co-authored-by: Amp Rutherford <amp.r@example.com>",
    "Co-authored-by: Grace xcursoragent@cursor.com.example.com",
    "Co-authored-by: coderabbitai[bot] <136622811+coderabbitai[bot]@users.noreply.github.com>",
    "Co-authored-by: Copilot Autofix powered by AI <62310815+github-advanced-security[bot]@users.noreply.github.com>",
    "This page was Generated with Claude Code",
    "> Co-authored-by: Claude <noreply@anthropic.com>",
    "Claude-Session: https://claude.ai.example.com/x",
    "Generated with [Claude Code](https://example.com)",
    "Co-authored-by: Grace Example <grace@windsurf.com.example.com>",
    "Entire-Checkpoint: a3b2c4",
    "Entire-Attribution: 173% agent (146/200 lines)",
    "Generated-by: protoc-gen-go",
    "Made-with: love",
    "Replit-Commit-Author: User",
    "Entire-Attribution: 0% agent (0/200 lines)",
    "Agent-Logs-Url: https://example.com/o/r/sessions/0f8fad5b-d9cb-469f-a165-70867728950e",
    "Reviewed-by: Claude <noreply@anthropic.com>",
    "  Co-authored-by: Claude <noreply@anthropic.com>",
    "constructor: x",
    "Generated-by: hand, without ChatGPT",
    "Assisted-by: GitHub Copilot was not used",
    "Assisted-by: no ChatGPT, no Copilot",
    "Generated-by: openapi-generator 7.1 from gemini.yaml",
    "Generated with [Devin](https://devin.ai) is now stripped from messages.",
    "Generated with [Claude Code](https://claude.ai/code) lines are gone",
    "<!--\nCo-authored-by: Claude <noreply@anthropic.com>\n-->",
    "Shown:\n```\nCo-authored-by: Claude <noreply@anthropic.com>\n```",
  ])("leaves unknown, and never calls human: %s", (line) => {
    expect(trailer(line)).toMatchObject({ authorship: "unknown", agent: "" });
    for (const { channel, confidence } of commitEvidence(commit(`x\n\n${line}`))) expect([channel, Number.isFinite(confidence)]).toEqual(["trailer", true]);
  });

  it.each(["Claude", "Devin", "Jules Example", "Cody", "Copilot", "Cursor Agent", "Aider", "aider (x)"])("takes nobody called %s for an assistant", (authorName) => {
    expect(verdict("Fix", { authorName, committerName: authorName })).toMatchObject({ authorship: "unknown" });
  });

  it("shows an address of the people behind a product, and does not believe it", () => {
    const evidence = commitEvidence(commit("Fix", { authorEmail: "grace@codeium.com" }));
    expect([judge(evidence).authorship, evidence.map(({ agent, confidence }) => [agent, confidence])]).toEqual(["unknown", [["Windsurf", 0.2]]]);
  });

  it("reads who wrote a commit as it was written, whatever a .mailmap makes of the names", async () => {
    const { GitSandbox } = await import("../testing/sandbox.ts");
    const { openRepository } = await import("../repository.ts");
    const box = new GitSandbox();
    try {
      const mailmap = "Ada Example <ada@example.com> <198982749+Copilot@users.noreply.github.com>\nClaude <noreply@anthropic.com> <ada@example.com>\n";
      const person = box.commit("By a person", { ".mailmap": mailmap, "a.js": "1\n" });
      const machine = box.commit("By a machine", { "b.js": "1\n" }, { GIT_AUTHOR_NAME: "copilot-swe-agent[bot]", GIT_AUTHOR_EMAIL: "198982749+Copilot@users.noreply.github.com" });
      const repo = await openRepository(box.path);
      expect((await repo.attributeCommit(person)).authorship).toBe("unknown");
      expect(await repo.attributeCommit(machine)).toMatchObject({ authorship: "ai", agent: "Copilot cloud agent" });
    } finally {
      box.remove();
    }
  });

  it("calls nothing an assistant's whose configuration the commit brings", async () => {
    const { GitSandbox } = await import("../testing/sandbox.ts");
    const { openRepository } = await import("../repository.ts");
    const box = new GitSandbox();
    try {
      const id = box.commit("Set up", { "CLAUDE.md": "Use tabs.\n", "AGENTS.md": "x\n", ".cursor/rules/a.mdc": "x\n", ".github/copilot-instructions.md": "x\n", ".aider.conf.yml": "x: 1\n", ".kiro/specs/a/tasks.md": "x\n", "a.js": "1\n" });
      expect(await (await openRepository(box.path)).attributeCommit(id)).toEqual({ authorship: "unknown", agent: "", model: "", confidence: 0, evidence: [] });
    } finally {
      box.remove();
    }
  });

  it("does not take a checkpoint for a contradiction of what says how much the assistant wrote", () => {
    const claude = "Co-Authored-By: Claude Opus 5.5 <noreply@anthropic.com>";
    expect(trailer(`${claude}\nEntire-Checkpoint: 01M3WE2VX9HQC3NVY9BWYCW6JV`)).toMatchObject({ authorship: "ai", agent: "Claude Code", model: "Opus 5.5" });
    expect(trailer(`${claude}\nEntire-Checkpoint: a3b2c4d5e6f7\nEntire-Attribution: 73% agent (146/200 lines)`)).toMatchObject({ authorship: "mixed", agent: "Claude Code" });
  });

  it("names every assistant of a commit that several wrote, which is theirs", () => {
    const attribution = judge(commitEvidence(commit("Squash (#7)\n\n* One\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n\n* Two\n\nCo-authored-by: Cursor <cursoragent@cursor.com>\nCo-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>")));
    expect(attribution).toMatchObject({ authorship: "ai", agent: "Claude Code + Copilot CLI + Cursor", model: "" });
    // "Assisted" says that a person wrote some of it.
    expect(judge(commitEvidence(commit("x\n\nCo-authored-by: Cursor <cursoragent@cursor.com>\nAssisted-by: Claude:claude-opus-4-5")))).toMatchObject({ authorship: "mixed" });
    expect(attribution.evidence).toHaveLength(3);
    expect(conflicts(attribution)).toEqual([]);
  });

  it("believes a pull request's text less than a trailer, and each only of the commit", () => {
    const text = "Fix (#12)\n\nWhy.\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)";
    expect(judge(commitEvidence(commit(text)))).toMatchObject({ authorship: "ai", agent: "Claude Code", confidence: 0.5, evidence: [{ channel: "pull-request" }] });
    expect(verdict(text.replace(" (#12)", "")).confidence).toBe(0.85);
    for (const subject of ["Fix (#12)", "Fix (!12)"]) expect(ofLines(judge(commitEvidence(commit(`${subject}\n\nCo-Authored-By: Claude <noreply@anthropic.com>`))), true)).toMatchObject({ authorship: "mixed", confidence: 0.54 });
  });

  it("shows what disagrees with the evidence that decided", () => {
    const both = judge(commitEvidence(commit("x\n\nCo-authored-by: Cursor <cursoragent@cursor.com>", { authorEmail: "codex@openai.com" })));
    expect(conflicts(both).map((one) => one.agent)).toEqual(["Cursor"]);
    const same = judge(commitEvidence(commit("x\n\nCo-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>", { authorEmail: "198982749+Copilot@users.noreply.github.com" })));
    expect(conflicts(same)).toEqual([]);
    const line = { channel: "git-ai-note", authorship: "human", agent: "", model: "", role: "author", confidence: 0.97, raw: "", lines: { path: "a", from: 1, to: 2 } } as const;
    const trailer = { channel: "trailer", authorship: "ai", agent: "Cursor", model: "", role: "author", confidence: 0.9, raw: "" } as const;
    expect(conflicts(judge([line, trailer]))).toEqual([trailer]);
    expect(conflicts(judge([line, trailer]), "line")).toEqual([]);
    expect(conflicts(judge([line, { ...line, authorship: "ai", agent: "Cursor", lines: { path: "a", from: 5, to: 6 } }, trailer]))).toEqual([]);
    const traced = { ...line, channel: "agent-trace", authorship: "ai", agent: "Cursor" } as const;
    expect(conflicts(judge([line, traced]), "line")).toEqual([traced]);
    expect(conflicts(judge([line, { ...line, authorship: "ai", agent: "Cursor", lines: { path: "a", from: 2, to: 6 } }]))).toHaveLength(2);
  });

  it("knows what Firstfix itself wrote", () => {
    expect(judge(commitEvidence(commit("Fix it", { authorEmail: "fix@firstfix.invalid" })))).toMatchObject({ authorship: "ai", agent: "Firstfix", confidence: 0.95 });
  });

  it("reads the trailers above what git cherry-pick puts below them as the last ones", () => {
    const picked = `(cherry picked from commit ${"c".repeat(40)})`;
    for (const below of [`\n\n${picked}`, `\n\n${picked}\n${picked}\n`, `\n${picked}`]) expect(judge(commitEvidence(commit(`x\n\nCo-authored-by: Cursor <cursoragent@cursor.com>${below}`)))).toMatchObject({ agent: "Cursor", confidence: 0.9 });
  });

  it("puts a trace whose content was not checked below an assistant that is the git author, and above trailers", () => {
    const traced = { channel: "agent-trace", authorship: "ai", agent: "Cursor", model: "", role: "author", confidence: 0.75, raw: "", lines: { path: "a", from: 1, to: 2 } } as const;
    const codex = commitEvidence(commit("x", { authorEmail: "codex@openai.com" }));
    expect(judge([traced, ...codex])).toMatchObject({ agent: "Codex" });
    expect(conflicts(judge([traced, ...codex]), "line")).toEqual([traced]);
    expect(judge([{ ...traced, confidence: 0.95 }, ...codex])).toMatchObject({ agent: "Cursor" });
    expect(judge([traced, ...commitEvidence(commit("x\n\nCo-authored-by: Codex <codex@openai.com>"))])).toMatchObject({ agent: "Cursor" });
  });

  it("says what of a message it did not read, and reads the trailers that git reads", () => {
    const many = judge(commitEvidence(commit(`x\n\n${"Signed-off-by: Ada <ada@example.com>\n".repeat(300)}Co-Authored-By:Claude <noreply@anthropic.com>`)));
    expect(many).toMatchObject({ authorship: "ai", agent: "Claude Code", evidence: [{ raw: "Co-Authored-By: Claude <noreply@anthropic.com>" }, { raw: "The message has more than 200 trailers: the others are not read" }] });
    expect(judge(commitEvidence(commit(`x\n\n${"a".repeat(70_000)}`))).evidence).toMatchObject([{ raw: expect.stringContaining("longer than 65536") }]);
  });

  it("knows a branch that was put into one commit, in everybody's words", () => {
    const trailer = "Co-Authored-By: Claude <noreply@anthropic.com>";
    const squashed = (subject: string, body = trailer): boolean => isSquashed(commit(`${subject}\n\n${body}`, { subject }));
    for (const subject of ["Add a thing (#12)", "Add a thing (!12)", "Merged PR 12: Add a thing", "Merged in feat/x (pull request #12)", "Squashed commit of the following:"]) expect(squashed(subject), subject).toBe(true);
    expect(squashed("Coupons", `* Add coupons\n\n* Mend them\n\n---------\n\n${trailer}`)).toBe(true);
    expect(squashed("Coupons", `* Add coupons\n* Mend them\n\n${trailer}`)).toBe(false);
    expect(isSquashed(commit("Merged PR 12: Add", { subject: "Merged PR 12: Add", parents: ["a".repeat(40), "b".repeat(40)] }))).toBe(false);
  });

  it("reads what git merge --squash quotes", () => {
    const subject = "Squashed commit of the following:";
    const message = `${subject}\n\ncommit ${"a".repeat(40)}\nAuthor: Ada <ada@example.com>\nDate:   Sun Nov 22 10:00:00 2026 +0000\n\n    Add coupons\n    \n    Co-Authored-By: Claude <noreply@anthropic.com>\n\ncommit ${"b".repeat(40)}\nAuthor: copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>\n\n    Mend them\n`;
    const found = commitEvidence(commit(message, { subject })).map((one) => one.agent);
    expect(found).toEqual(expect.arrayContaining(["Claude Code", "Copilot cloud agent"]));
  });

  it("keeps a reviewer's evidence without believing it about the author", () => {
    const attribution = judge(commitEvidence(commit("x\n\nCo-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>")));
    expect(attribution.evidence).toMatchObject([{ role: "reviewer", agent: "Copilot review" }]);
  });

  it("grades VS Code Copilot low while its trailer was added without anybody's use", () => {
    const line = "Co-authored-by: Copilot <copilot@github.com>";
    for (const time of [Date.UTC(2026, 3, 22), Date.UTC(2026, 4, 6, 23)]) expect(trailer(line, { authoredAt: time }).authorship).toBe("unknown");
    for (const time of [Date.UTC(2026, 3, 21, 23), Date.UTC(2026, 4, 8)]) expect(trailer(line, { authoredAt: time, committedAt: time }).authorship).toBe("ai");
  });

  it("takes aider's suffix on the author as its work and on the committer alone as somebody's", () => {
    expect(verdict("Fix", { authorName: "Ada Example (aider)", committerName: "Ada Example (aider)" })).toMatchObject({ authorship: "ai", agent: "Aider" });
    expect(verdict("Fix", { committerName: "Ada Example (aider)" })).toMatchObject({ authorship: "unknown" });
    expect(verdict("aider: Fix")).toMatchObject({ authorship: "ai", agent: "Aider" });
  });

  it("lets the git author outrank a trailer, and shows both", () => {
    const attribution = judge(commitEvidence(commit("x\n\nCo-authored-by: Cursor <cursoragent@cursor.com>", { authorEmail: "codex@openai.com" })));
    expect(attribution).toMatchObject({ authorship: "ai", agent: "Codex" });
    expect(attribution.evidence.map((one) => one.agent)).toEqual(["Codex", "Cursor"]);
  });

  it("trusts a squashed commit's inner trailers less", () => {
    const line = "Co-Authored-By: Claude <noreply@anthropic.com>";
    const inner = verdict(`Squash (#1)\n\n* Part one\n\n${line}\n\n* Part two\n`).confidence;
    expect(inner).toBeLessThan(trailer(line).confidence);
    expect(inner).toBeGreaterThan(0.3);
  });
});

describe("trailers", () => {
  it("reads folded values and never the subject", () => {
    expect(parseTrailers("fix: subject\n\nBody: text\n\nKey: one\n two\nOther-Key:\tx")).toEqual([
      { key: "Body", value: "text", last: false },
      { key: "Key", value: "one two", last: true },
      { key: "Other-Key", value: "x", last: true },
    ]);
    expect(parseTrailers("fix: subject")).toEqual([]);
  });

  it("never throws, and stays within its bounds", () => {
    const line = fc.oneof(fc.string(), fc.constantFrom("", "Assisted-by: a:b", "Co-authored-by: x <y@z>", " folded", "Generated-by: gpt-4"));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 300 }), (lines) => {
        const trailers = parseTrailers(lines.join("\n"));
        expect(trailers.length).toBeLessThanOrEqual(200);
        for (const one of judge(commitEvidence(commit(lines.join("\n")))).evidence) expect(one.raw.length).toBeLessThanOrEqual(300);
      }),
    );
  });
});

describe("git-ai notes", () => {
  const meta = { schema_version: "authorship/3.0.0", git_ai_version: "1.0.0", base_commit_sha: "b".repeat(40), prompts: { "0123456789abcdef": { agent_id: { tool: "cursor", id: "1", model: "gpt-5" }, human_author: "Ada", accepted_lines: 2, overriden_lines: 0 } }, humans: { h_31dce776f88375: { author: "Ada" } }, sessions: { s_c9883b05a2487d: { agent_id: { tool: "claude", id: "2", model: "opus" }, human_author: "Ada" } } };
  const note = (upper: string, lower: unknown = meta) => parseGitAiNote(`${upper}\n---\n${JSON.stringify(lower)}`);

  it("reads paths, keys and ranges", () => {
    const read = note('src/main.rs\n  s_c9883b05a2487d::t_9f8e7d6c5b4a32 1-10,15-20\n  h_31dce776f88375 42-50\n"src/a file.js"\n  0123456789abcdef 7\n  0123456 8');
    expect(read?.problems).toEqual([]);
    expect(read?.lines.map(({ path, from, to, authorship, agent, model, known }) => [path, from, to, authorship, agent, model, known])).toEqual([
      ["src/main.rs", 1, 10, "ai", "Claude Code", "opus", true],
      ["src/main.rs", 15, 20, "ai", "Claude Code", "opus", true],
      ["src/main.rs", 42, 50, "human", "", "", true],
      ["src/a file.js", 7, 7, "ai", "Cursor", "gpt-5", true],
      ["src/a file.js", 8, 8, "ai", "Unnamed assistant", "", false],
    ]);
  });

  it("works without sessions and humans, and does not take inherited keys for entries", () => {
    expect(note("a.js\n  h_x 1\n  s_y::t_z 2", { schema_version: "authorship/3.0.0" })?.lines.map((one) => one.known)).toEqual([false, false]);
  });

  it("refuses what is out of bounds or not understood, and keeps the rest", () => {
    const read = note("a.js\n  0123456789abcdef 0-3,5-4,1-2,9-99999999999\n  what 3\n  0123456789abcdef 1, 2\n 0123456789abcdef 9");
    expect(read?.lines.map((one) => [one.from, one.to])).toEqual([[1, 2]]);
    expect(read?.problems).toHaveLength(6);
    expect(note("  0123456789abcdef 1")?.lines).toEqual([]);
  });

  it("is not taken in by other notes", () => {
    for (const text of ["", "hello", "---", "a.js\n---\nnot json", `a.js\n---\n{"schema_version":"authorship/9.0.0"}`, "---\n[]", "---\nnull"]) expect(parseGitAiNote(text), text).toBeNull();
  });

  it("never throws, and every range it returns is in order", () => {
    const row = fc.oneof(fc.string(), fc.tuple(fc.constantFrom("0123456789abcdef", "h_1", "s_1::t_2", "__proto__"), fc.nat(), fc.nat()).map(([key, from, to]) => `  ${key} ${from}-${to}`), fc.constant("a.js"));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 50 }), fc.oneof(fc.constant(meta), fc.jsonValue()), (rows, lower) => {
        for (const one of note(rows.join("\n"), lower)?.lines ?? []) expect(one.from >= 1 && one.from <= one.to && one.path !== "").toBe(true);
      }),
    );
  });
});
