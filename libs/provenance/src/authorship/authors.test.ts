import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import { groupAuthors, lineAuthors, type AuthorGroup } from "./authors.ts";
import { isUnread } from "./ledger.ts";

const box = new GitSandbox();
afterAll(() => box.remove());

const CLAUDE = "Co-Authored-By: Claude Opus 4.5 <noreply@anthropic.com>";
const MIB = 1024 * 1024;

function note(commit: string, upper: string): void {
  const prompts = Object.fromEntries([["c", "claude"], ["d", "cursor"], ["e", "github-copilot"]].map(([digit = "", tool]) => [digit.repeat(16), { agent_id: { tool, id: "1", model: "some-other-model" } }]));
  const lower = { schema_version: "authorship/3.0.0", base_commit_sha: commit, prompts, humans: { h_1: { author: "Ada" } } };
  box.gitWith({ input: `${upper}\n---\n${JSON.stringify(lower)}\n` }, "notes", "--ref=refs/notes/ai", "add", "--force", "--file=-", commit);
}

async function groupsOf(path: string): Promise<readonly AuthorGroup[]> {
  return groupAuthors(await lineAuthors(await openRepository(box.path), "HEAD", path));
}

let files = 0;
/** Who each line of a new file is by, and who disagrees. */
async function said(trailer: string, noted: (path: string) => string, more: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const path = `file${(files += 1)}.js`;
  note(box.commit(`Add ${path}\n\n${trailer}`, { [path]: `a${files}\nb${files}\n`, ...more }), noted(path));
  return (await groupsOf(path)).flatMap(({ from, to, attribution, conflicts }) => Array.from({ length: to - from + 1 }, () => `${attribution.authorship} ${attribution.agent} ! ${conflicts.map(({ agent }) => agent).join()}`));
}

describe("a trailer beside records of all lines", () => {
  it("is shown as disagreeing where none of them is left for its assistant, and decides nothing", async () => {
    expect(await said(CLAUDE, (path) => `${path}\n  h_1 1-2`)).toEqual(["human  ! Claude Code", "human  ! Claude Code"]);
    expect(await said(CLAUDE, (path) => `${path}\n  dddddddddddddddd 1-2`)).toEqual(["ai Cursor ! Claude Code", "ai Cursor ! Claude Code"]);
    expect(await said(CLAUDE, (path) => `${path}\n  h_1 1\n  dddddddddddddddd 2`)).toEqual(["human  ! Claude Code", "ai Cursor ! Claude Code"]);
    // Of two trailers the one without a line.
    expect(await said(`${CLAUDE}\nCo-authored-by: Cursor <cursoragent@cursor.com>`, (path) => `${path}\n  dddddddddddddddd 1-2`)).toEqual(["ai Cursor ! Claude Code", "ai Cursor ! Claude Code"]);
  });

  it("is no contradiction where some line may be its assistant's", async () => {
    const none = ["human  ! ", "ai Claude Code ! "];
    expect(await said(CLAUDE, (path) => `${path}\n  h_1 1\n  cccccccccccccccc 2`)).toEqual(none);
    expect(await said(CLAUDE, (path) => `${path}\n  cccccccccccccccc 1-2`)).toEqual(["ai Claude Code ! ", "ai Claude Code ! "]);
    expect(await said("Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>", (path) => `${path}\n  eeeeeeeeeeeeeeee 1-2`)).toEqual([expect.stringMatching(/Copilot.* ! $/), expect.stringMatching(/Copilot.* ! $/)]);
    // A note that leaves a line, a file, or a line whose key leads nowhere; an assistant without a name.
    expect(await said(CLAUDE, (path) => `${path}\n  h_1 1`)).toEqual(["human  ! ", "unknown  ! "]);
    expect(await said(CLAUDE, (path) => `${path}\n  h_1 1-2`, { "beside.js": "x\n" })).toEqual(["human  ! ", "human  ! "]);
    expect(await said(CLAUDE, (path) => `${path}\n  h_1 1\n  h_nobody 2`)).toEqual(["human  ! ", expect.stringMatching(/ ! $/)]);
    expect(await said(CLAUDE, (path) => `${path}\n  h_1 1\n  ffffffffffffffff 2`)).toEqual(["human  ! ", expect.stringMatching(/ ! $/)]);
    // That a session was open does not say that it wrote something.
    expect(await said("Entire-Checkpoint: a3b2c4d5e6f7", (path) => `${path}\n  h_1 1-2`)).toEqual(["human  ! ", "human  ! "]);
  });
});

describe("a record that was not read", () => {
  const unread = async (path: string): Promise<string[]> => (await groupsOf(path)).flatMap(({ attribution }) => attribution.evidence.filter(isUnread).map(({ raw }) => raw));

  it("is named at lines that a note tells of, too", async () => {
    const id = box.commit("Traced", { "traced.js": "1\n2\n" });
    box.commit("Traces", { ".agent-trace/traces.jsonl": "x".repeat(9 * MIB) });
    note(id, "traced.js\n  h_1 1");
    const long = `.agent-trace/traces.jsonl is longer than ${8 * MIB} bytes (${9 * MIB}): not read`;
    expect(await unread("traced.js")).toEqual([long, long]);
  });

  it("may be one of a file's, which are read", async () => {
    const id = box.commit("Recorded", { "recorded.js": "1\n2\n" });
    const row = (line: number, metadata: string): string => JSON.stringify({ version: "1.0", vcs: { type: "git", revision: id }, tool: { name: "cursor" }, files: [{ path: "recorded.js", conversations: [{ contributor: { type: "ai" }, ranges: [{ start_line: line, end_line: line }] }] }], metadata });
    box.commit("Traces", { ".agent-trace/traces.jsonl": `${row(1, "x".repeat(MIB))}\n${row(2, "")}\n` });
    const groups = await groupsOf("recorded.js");
    expect(groups.map(({ attribution }) => attribution.agent)).toEqual(["", "Cursor"]);
    const long = expect.stringMatching(/^\.agent-trace\/traces\.jsonl: a record of 104\d{4} characters is longer than 1048576: not read$/);
    expect(await unread("recorded.js")).toEqual([long, long]);
  });
});
