import { describe, expect, it } from "vitest";
import type { Commit } from "../types.ts";
import { commitEvidence, judge, ofCommit } from "./judge.ts";
import { isSquashed, quotedCommits } from "./squash.ts";

const CLAUDE = "Co-Authored-By: Claude <noreply@anthropic.com>";
const CURSOR = "Co-authored-by: Cursor <cursoragent@cursor.com>";
const GRACE = "Co-authored-by: Grace <grace@example.com>";

function commit(message: string): Commit {
  return { id: "a".repeat(40), parents: ["b".repeat(40)], authorName: "Ada", authorEmail: "ada@example.com", committerName: "Ada", committerEmail: "ada@example.com", authoredAt: 0, committedAt: 0, subject: message.split("\n")[0] ?? "", message };
}
const whole = (message: string): string => {
  const { authorship, agent } = ofCommit(judge(commitEvidence(commit(message))), commit(message));
  return `${authorship} ${agent}`.trim();
};
const byGit = (...bodies: readonly string[]): string =>
  `Squashed commit of the following:\n\n${bodies.map((body, index) => `commit ${String(index).repeat(40)}\nAuthor: Ada <ada@example.com>\nDate:   Sun Nov 22 10:00:00 2026 +0000\n\n${body.split("\n").map((line) => `    ${line}`).join("\n")}\n`).join("\n")}`;

describe("a squash of one assistant's commits and of others", () => {
  it.each([
    [`Add all (#7)\n\n* one\n\n${CLAUDE}\n\n* two`],
    [`Add all (#7)\n\n* one\n\n${CLAUDE}\n\n* two\n\n${GRACE}`],
    [`Add all (#7)\n\n* one\n\n* two\n\n---------\n\n${CLAUDE}`],
    [byGit(`one\n\n${CLAUDE}`, "two")],
    [byGit("one", `two\n\n${CLAUDE}`)],
    [`My own subject\n\n${byGit("one", `two\n\n${CLAUDE}`)}`],
  ])("is not all the assistant's: %j", (message) => {
    expect(whole(message)).toBe("mixed Claude Code");
  });

  it.each([
    [`Add all (#7)\n\n${CLAUDE}`],
    [`Add all (#7)\n\n* one\n\n${CLAUDE}`],
    [`Add all (#7)\n\n* one\n\n${CLAUDE}\n\n* two\n\n${CLAUDE}\n\n---------\n\n${CLAUDE}`],
    [byGit(`one\n\n${CLAUDE}`, `two\n\nWhy.\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)`)],
    [`Do it\n\n* this\n* that\n\n${CLAUDE}`],
  ])("is the assistant's where every part says so, or no parts are told: %j", (message) => {
    expect(whole(message)).toBe("ai Claude Code");
  });

  it("stays unknown where nobody says anything", () => {
    expect(whole("Add all (#7)\n\n* one\n\n* two")).toBe("unknown");
  });
});

describe("a squash by rebase", () => {
  const comments = (first: string, second: string): string => `# This is a combination of 2 commits.\n# This is the 1st commit message:\n\n${first}\n\n# This is the commit message #2:\n\n${second}`;

  it.each([
    [comments(`Add coupons\n\n${CLAUDE}`, "Mend them"), "mixed Claude Code"],
    [comments(`Add coupons\n\n${CLAUDE}`, `Mend them\n\n${CLAUDE}`), "ai Claude Code"],
    [`Add coupons\n\nThey were asked for.\n\n${CLAUDE}\n\nMend them\n\nThey broke.`, "mixed Claude Code"],
    [`Add coupons\n\n${CLAUDE}\n\nMend them\n\n${CLAUDE}`, "ai Claude Code"],
    [`Add coupons\n\n${CLAUDE}\n\nfix: mend them`, "mixed Claude Code"],
  ])("is known with its comments and without: %j", (message, expected) => {
    expect(isSquashed(commit(message))).toBe(true);
    expect(quotedCommits(message).map(({ subject }) => subject)).toEqual(["Add coupons", message.includes("fix: ") ? "fix: mend them" : "Mend them"]);
    expect(whole(message)).toBe(expected);
  });

  it.each(["Fixes #12", "https://example.com/a", "(cherry picked from commit abcdef0)", "# Conflicts:\n#\ta.js", "Conflicts:\n\ta.js", "[skip ci]", "Closes the hole of issue 12", "This was the text of the mail.", "Two lines\nthat say something", "Reviewed-on: https://example.com", "Link: the thread", "-- \n2.39"])("is not seen in what stands below trailers otherwise: %j", (below) => {
    expect(isSquashed(commit(`Add coupons\n\n${CLAUDE}\n\n${below}\n`))).toBe(false);
  });
});

describe("the trailers of quoted commits", () => {
  it.each([[byGit(`one\n\n${CURSOR}`, `two\n\n${CLAUDE}`)], [`Add (#7)\n\n* one\n\n${CURSOR}\n\n* two\n\n${CLAUDE}`]])("count alike, wherever their commit stands: %j", (message) => {
    expect(commitEvidence(commit(message)).map(({ agent, confidence }) => [agent, confidence])).toEqual([["Cursor", 0.72], ["Claude Code", 0.72]]);
  });

  it("count less than the squash's own", () => {
    expect(commitEvidence(commit(`${byGit(`one\n\n${CURSOR}`)}\n${CLAUDE}\n`)).map(({ agent, confidence }) => [agent, confidence])).toEqual([["Cursor", 0.72], ["Claude Code", 0.9]]);
    expect(commitEvidence(commit(`Add (#7)\n\n* one\n\n* two\n\n---------\n\n${CLAUDE}`))).toMatchObject([{ confidence: 0.9 }]);
  });
});

describe("a squash below a subject that somebody changed", () => {
  it.each([
    [`Coupons\n\n* Add coupons\n\n${CLAUDE}\n\n* Mend them`],
    [`Coupons\n\n* Add coupons\n\n* Mend them\n\n${CLAUDE}`],
    ["Coupons, see #12\n\n* Add coupons\n\n* Mend them"],
    [`Coupons (#12)\r\n\r\n${CLAUDE}\r\n`],
    ["GH-12 Coupons\r\n\r\n* Add coupons\r\n\r\n* Mend them\r\n"],
    ["#12: Coupons\n\n* Add coupons\n\nBecause they are wanted.\n\n* Mend them"],
    [`Coupons\n\n* Add coupons\n* Mend them\n\n---------\n\n${CLAUDE}`],
  ])("is known by GitHub's form: %j", (message) => {
    expect(isSquashed(commit(message))).toBe(true);
  });

  it.each([
    [`Coupons\n\n* Add coupons\n* Mend them\n\n${CLAUDE}`],
    [`Coupons\n\n* They are added to the cart, and\n  taken out of it.\n\n* They end.\n\n${CLAUDE}`],
    [`Coupons\n\n* They are added to the cart.\n\n* They end.\n\n${CLAUDE}`],
    [`Coupons\n\nWhat changes:\n\n* Add coupons\n\n* Mend them\n\n${CLAUDE}`],
    [`Coupons\n\n- Add coupons\n\n- Mend them\n\n${CLAUDE}`],
    [`Coupons\n\n* Add coupons\n\n${CLAUDE}`],
    ["Coupons\n\n* Add coupons\n\n* Mend them"],
    ["Fix #12 for good\n\n* Add coupons\n* Mend them"],
  ])("is not seen in a list that a person wrote: %j", (message) => {
    expect(isSquashed(commit(message))).toBe(false);
  });

  it("holds a message of bullets only within bounds", () => {
    expect(quotedCommits(`x\n\n${"* a\n\n".repeat(10_000)}`)).toHaveLength(200);
  });
});
