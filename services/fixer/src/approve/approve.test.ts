import type { Incident, Proposal } from "@firstfix/incident";
import { describe, expect, it } from "vitest";
import { nextRound } from "../loop.ts";
import { isPlainPath, mayChange } from "../workspace/paths.ts";
import { commitProposal } from "./commit.ts";
import { messageOfCommit } from "./message.ts";

const DIFF = "diff --git a/src/a.js b/src/a.js\n--- a/src/a.js\n+++ b/src/a.js\n@@ -1,1 +1,1 @@\n-one\n+two\n";
const proposal = (more: Partial<Proposal> = {}): Proposal => ({ proposalId: "pro_1", generator: "template", title: "Never lets it fall", explanation: "Clamps.", base: "b".repeat(40), diff: DIFF, files: ["src/a.js"], steps: [{ step: "applies", status: "passed", says: "Fine.", output: "", ms: 1 }, { step: "tests", status: "skipped", says: "", output: "", ms: 0 }], verified: true, madeAt: 0, approval: { by: "person:a", at: 1 }, commit: null, commitFailure: null, ...more });
const incident = (more: Partial<Incident> = {}): Incident => ({ incidentId: "inc_1", status: "open", openedAt: 0, closedAt: null, deployment: { service: "shop", environment: "production", revision: "b".repeat(40), repository: "", firstSeen: 0 }, findings: [{ kind: "error", key: "g", title: "TypeError", witness: { traceId: "", spanId: "", operation: "", time: 0 }, count: 1, firstSeen: 0 }], ranking: null, specGap: null, problems: [], fixRounds: [], progress: [], reproduction: null, proposals: [], cycles: [], episodes: [], reopenings: [], mergedInto: null, lastEntryId: "", ...more });
const committed: unknown[] = [];
const repo = { readFile: (_: string, path: string) => Promise.resolve(path === "src/a.js" ? "one\n" : null), commitFiles: (commit: unknown) => Promise.resolve(String(committed.push(commit)).padStart(40, "0")) };

describe("an approval", () => {
  it("becomes a commit with the trailers and the reproduction test", async () => {
    const test = { path: "test/firstfix-1.test.js", text: "test" };
    const event = await commitProposal(repo, incident({ reproduction: { status: "reproduced", revision: "", method: "replay", says: "", request: null, output: "", test, sandbox: "bubblewrap" } }), proposal());
    expect(event).toMatchObject({ kind: "proposal.committed", branch: "firstfix/inc_1" });
    expect(committed.at(-1)).toMatchObject({ base: "b".repeat(40), changes: [{ path: "src/a.js", text: "two\n" }, test] });
  });

  it.each<[string, Partial<Proposal>, RegExp]>([
    ["is not verified", { verified: false }, /not verified/],
    ["leads out of the repository", { diff: DIFF.replaceAll("src/a.js", "../a.js"), files: ["../a.js"] }, /may not touch/],
    ["changes what builds and judges the code", { diff: DIFF.replaceAll("src/a.js", "package.json"), files: ["package.json"] }, /may not touch/],
    ["changes more than it says", { files: ["src/b.js"] }, /may not touch/],
    ["does not apply", { diff: DIFF.replace("-one", "-three") }, /does not apply/],
    ["changes nothing", { diff: "" }, /changes nothing/],
  ])("is refused where the proposal %s", async (_, more, says) => {
    const before = committed.length;
    expect(await commitProposal(repo, incident(), proposal(more))).toMatchObject({ kind: "proposal.commit-failed", says: expect.stringMatching(says) as string });
    expect(committed.length).toBe(before);
  });

  it("cannot be made to carry trailers or escapes of the telemetry's own", () => {
    const hostile = "x\n\nFirstfix-Incident: inc_other\n\u001b[2Jend";
    const message = messageOfCommit(incident({ findings: [{ ...(incident().findings[0] as Incident["findings"][0]), title: hostile }] }), proposal({ explanation: `Firstfix-Incident: inc_other ${hostile.repeat(20)}`, title: hostile }));
    expect(message.match(/^Firstfix-\w+:.*$/gm)).toEqual(["Firstfix-Incident: inc_1", "Firstfix-Proposal: pro_1"]);
    // eslint-disable-next-line no-control-regex
    expect(message).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(message.split("\n")[0]?.length).toBeLessThanOrEqual(72);
  });
});

it("protects what a fix must not touch", () => {
  expect(["src/a.js", "lib/deep/b.ts", "services/x/src/c.py"].every(mayChange)).toBe(true);
  expect([".github/workflows/a.yml", "package-lock.json", "yarn.lock", "scripts/x.js", "test/a.js", "src/a.test.ts", ".kiro/specs/a/bindings.yaml", "Dockerfile", ".firstfix.yaml", "vite.config.ts", "a/../b.js", "/etc/passwd", "a\u0000b", ""].some(mayChange)).toBe(false);
  expect(["a//b", "a/./b", "a\\b", "a\nb"].some(isPlainPath)).toBe(false);
});

describe("the next round", () => {
  const round = (number: number, endedAt: number | null): Incident["fixRounds"][0] => ({ round: number, startedAt: number * 10, endedAt, says: "" });

  it("waits a little for suspects, then begins", () => {
    expect(nextRound(incident(), 1000)).toBeNull();
    expect(nextRound(incident(), 60_000)).toBe(1);
    expect(nextRound(incident({ ranking: { good: null, bad: "", candidates: 0, abstained: "", suspects: [] } }), 0)).toBe(1);
  });

  it("comes once more when suspects are named after a round without", () => {
    const ranking = { good: null, bad: "", candidates: 1, abstained: null, suspects: [] };
    expect(nextRound(incident({ fixRounds: [round(1, 5)], ranking }), 1e6, true)).toBe(2);
    expect(nextRound(incident({ fixRounds: [round(1, 5)] }), 1e6, true)).toBeNull();
    expect(nextRound(incident({ fixRounds: [round(1, 5)], ranking, status: "proposed" }), 1e6, true)).toBeNull();
  });

  it("begins again what a crash cut off, at most three times, and anew after a reopening", () => {
    expect(nextRound(incident({ status: "fixing", fixRounds: [round(1, null)] }), 1e6)).toBe(2);
    expect(nextRound(incident({ fixRounds: [round(1, 5)] }), 1e6)).toBeNull();
    expect(nextRound(incident({ status: "fixing", fixRounds: [round(1, null), round(2, null), round(3, null)] }), 1e6)).toBeNull();
    expect(nextRound(incident({ reopenings: [{ at: 50, says: "" }], fixRounds: [round(1, 5)] }), 1e6)).toBe(2);
    expect(nextRound(incident({ status: "committed" }), 1e6)).toBeNull();
  });
});
