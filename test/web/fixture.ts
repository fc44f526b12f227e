import type { DeploymentRef, Finding, ProposalRecord, SpecProblemRecord, SuspectRecord, VerificationStep } from "@firstfix/incident";
import type { Store } from "@firstfix/store";
import { CHECKOUT_DIFF, CHECKOUT_FIX, CONFIRM_DIFF, CONFIRM_FIX, COUPON_DIFF, COUPON_FIX, COUPON_REVERT, STACK_FRAMES } from "./fixture-code.ts";
import { JournalWriter } from "./fixture-journal.ts";
import { HOSTILE, REPOSITORY, REVISIONS, TRACES } from "./fixture-names.ts";
import { fillTelemetry } from "./fixture-telemetry.ts";

export { HOSTILE, REVISIONS, TRACES } from "./fixture-names.ts";

const MINUTE = 60_000;

export const IDS = {
  proposed: "inc_5a1f0c9b7e3d2468",
  closed: "inc_81b2d4f60a9c3e57",
  verifying: "inc_c3d95e0714fa82b6",
  gap: "inc_e07a6b3c9d1f4825",
  fixing: "inc_f9482c6d0b5e317a",
  committed: "inc_2b6e8d0f4a7c9153",
} as const;

export const GROUPS = { coupon: "grp_c0c0c0c0c0c0c0c0" } as const;

export const PROPOSAL = "pro_01J8Z0A7Q4M3N2B1V0C9X8Z7Y6";
export const UNVERIFIED = "pro_01J8Z0A7Q4M3N2B1V0C9X8Z7Y9";

/** A shop's morning: incidents of each kind, each at another stage. Everything lies before `now`. */
export async function fillStore(store: Store, now: number): Promise<void> {
  const seen = { good: now - 95 * MINUTE, bad: now - 42 * MINUTE, cycle1: now - 21 * MINUTE, cycle2: now - 6 * MINUTE };
  const deployment = (which: keyof typeof REVISIONS, service = "shop"): DeploymentRef => ({ service, environment: "production", revision: REVISIONS[which], repository: REPOSITORY, firstSeen: seen[which] });
  const journal = new JournalWriter();
  for (const which of ["good", "bad", "cycle1", "cycle2"] as const) journal.write(seen[which] + 900, "correlator", { kind: "deployment.seen", deployment: deployment(which) });
  journal.write(seen.cycle2 + 2000, "correlator", { kind: "spec.problem", problem: SPEC_PROBLEM });

  writeProposed(journal, deployment("bad"), seen.bad);
  writeClosed(journal, deployment("bad"), deployment("cycle1"), seen.bad, seen.cycle1);
  writeVerifying(journal, deployment("bad"), [deployment("cycle1"), deployment("cycle2")], seen.bad, seen.cycle1, seen.cycle2);
  writeOthers(journal, deployment("cycle1"), deployment("cycle2"), now);
  writeBefore(journal, deployment("good"), deployment("bad"), seen);
  await journal.flush(store);
  await fillTelemetry(store, now, seen);
}

const SPEC_PROBLEM: SpecProblemRecord = {
  repository: REPOSITORY,
  revision: REVISIONS.cycle2,
  service: "shop",
  file: ".kiro/specs/returns/bindings.yaml",
  line: 7,
  says: 'the check "refund-within-a-day" is not CEL: unexpected token ")"',
  hint: "Mend the clause `require`; the other checks of this file still run.",
};

export function finding(kind: "error" | "violation", which: keyof typeof TRACES, more: Partial<Finding> & Pick<Finding, "key" | "title" | "firstSeen">): Finding {
  return { kind, count: 12, witness: { traceId: TRACES[which], spanId: "0070672a0b290237", operation: "POST /checkout", time: more.firstSeen }, ...more };
}

function writeProposed(journal: JournalWriter, deployment: DeploymentRef, bad: number): void {
  const incidentId = IDS.proposed;
  const error: Finding = finding("error", "proposed", {
    key: GROUPS.coupon,
    title: "TypeError: Cannot read properties of undefined (reading 'percent')",
    firstSeen: bad + 4000,
    count: 37,
    error: { type: "TypeError", message: "Cannot read properties of undefined (reading 'percent')", stacktrace: STACK_FRAMES.map((one) => `    at ${one.function} (${one.file}:${one.line}:${one.column})`).join("\n"), frames: STACK_FRAMES },
  });
  const at = bad + 9000;
  journal.write(at, "correlator", { kind: "incident.opened", incidentId, deployment, finding: error });
  journal.write(at + 1400, "correlator", {
    kind: "suspects.ranked",
    incidentId,
    ranking: { good: REVISIONS.good, bad: REVISIONS.bad, candidates: 11, abstained: null, confidence: 0.97, suspects: [COUPON_SUSPECT, HARMLESS_SUSPECT] },
  });
  journal.write(at + 1900, "correlator", { kind: "spec-gap.reported", incidentId, draft: "WHEN a cart holds a coupon code that is not known, THE shop SHALL refuse the coupon with status 422 and leave the total unchanged." });
  journal.write(at + 2500, "fixer", { kind: "fix.started", incidentId, round: 1 });
  journal.write(at + 6100, "fixer", {
    kind: "reproduction.recorded",
    incidentId,
    reproduction: {
      status: "reproduced",
      revision: REVISIONS.bad,
      method: "replay",
      says: "The captured request failed again: POST /checkout answered 500 with the same error group.",
      request: { method: "POST", target: "/checkout", body: '{"cart":"c-1042","coupon":"SPRING24","payment":{"card":"[redacted]"}}' },
      output: "→ POST /checkout\n← 500 Internal Server Error in 18 ms\nTypeError: Cannot read properties of undefined (reading 'percent')\n    at discountFor (src/coupons.js:14:30)",
      test: { path: "test/firstfix-5a1f0c9b.test.js", text: 'import test from "node:test";\nimport assert from "node:assert/strict";\nimport { discountFor } from "../src/coupons.js";\n\ntest("an unknown coupon gives no discount", () => {\n  assert.equal(discountFor("SPRING24", 4200), 0);\n});\n' },
      sandbox: "bubblewrap",
    },
  });
  journal.write(at + 6300, "fixer", { kind: "fix.progress", incidentId, says: "Trying 9 candidates: 2 reverts, 7 from templates" });
  journal.write(at + 9000, "fixer", { kind: "proposal.made", incidentId, proposal: proposal({ proposalId: UNVERIFIED, generator: "template", title: "Default to an empty coupon with ?? {}", diff: COUPON_FIX.replace("if (coupon === undefined) return 0;", "const rule = coupon ?? {};"), verified: false, files: ["src/coupons.js"], explanation: "Replaces the missing coupon by an empty object.", steps: steps("requirement") }) });
  journal.write(at + 14_800, "fixer", { kind: "proposal.made", incidentId, proposal: proposal({ proposalId: PROPOSAL, generator: "template", title: "Guard discountFor against an unknown coupon", diff: COUPON_FIX, verified: true, files: ["src/coupons.js", "test/firstfix-5a1f0c9b.test.js"], explanation: "discountFor reads `percent` of a coupon that was not found. The guard returns no discount before the read, as the function does for an expired coupon. The reproduction travels along as a test." }) });
  journal.write(at + 19_200, "fixer", { kind: "proposal.made", incidentId, proposal: proposal({ proposalId: "pro_01J8Z0A7Q4M3N2B1V0C9X8Z7YB", generator: "revert", title: "Revert one hunk of the suspect commit", diff: COUPON_REVERT, verified: true, files: ["src/coupons.js"], explanation: "The smallest part of the suspect change whose removal makes the failure go away: 1 of 3 hunks." }) });
  journal.write(at + 21_000, "fixer", { kind: "fix.ended", incidentId, round: 1, candidates: 9, verified: 2, says: "9 candidates tried, 2 verified." });
}

function writeClosed(journal: JournalWriter, deployment: DeploymentRef, cycle: DeploymentRef, bad: number, cycle1: number): void {
  const incidentId = IDS.closed;
  const at = bad + 12_000;
  journal.write(at, "correlator", { kind: "incident.opened", incidentId, deployment, finding: violation("closed", bad + 5000) });
  journal.write(at + 1200, "correlator", { kind: "suspects.ranked", incidentId, ranking: { good: REVISIONS.good, bad: REVISIONS.bad, candidates: 11, abstained: null, suspects: [TOTAL_SUSPECT] } });
  journal.write(at + 1500, "fixer", { kind: "fix.started", incidentId, round: 1 });
  journal.write(at + 5000, "fixer", {
    kind: "reproduction.recorded",
    incidentId,
    reproduction: { status: "reproduced", revision: REVISIONS.bad, method: "replay", says: "The captured request violated the requirement again: shop.order.total = -2000.", request: { method: "POST", target: "/checkout", body: '{"cart":"c-77","coupon":"FLAT50"}' }, output: "← 200 OK in 12 ms\nshop.order.total = -2000", test: null, sandbox: "bubblewrap" },
  });
  journal.write(at + 12_000, "fixer", { kind: "proposal.made", incidentId, proposal: proposal({ proposalId: "pro_closed", generator: "template", title: "Keep the total at zero or above", diff: CHECKOUT_FIX, verified: true, files: ["src/checkout.js"], explanation: "Bounds the discounted total below by zero." }) });
  journal.write(at + 13_000, "fixer", { kind: "fix.ended", incidentId, round: 1, candidates: 6, verified: 1, says: "6 candidates tried, 1 verified." });
  journal.write(at + 190_000, "person:Robin", { kind: "proposal.approved", incidentId, proposalId: "pro_closed" });
  journal.write(at + 191_000, "fixer", { kind: "proposal.committed", incidentId, proposalId: "pro_closed", commit: "7d1f9a0342bc4e8897adfe2160c5b3d4e9f80a17", branch: "firstfix/inc_81b2d4f60a9c3e57" });
  journal.write(cycle1 + 1500, "correlator", { kind: "cycle.started", incidentId, cycle: 1, deployment: cycle, commit: "7d1f9a0342bc4e8897adfe2160c5b3d4e9f80a17" });
  journal.write(cycle1 + 420_000, "correlator", { kind: "cycle.judged", incidentId, cycle: 1, verdict: "held", test: sprtOf(168, 0, -4.71) });
  journal.write(cycle1 + 420_100, "correlator", { kind: "incident.closed", incidentId, cycles: 1 });
}

function writeVerifying(journal: JournalWriter, deployment: DeploymentRef, cycles: readonly DeploymentRef[], bad: number, cycle1: number, cycle2: number): void {
  const incidentId = IDS.verifying;
  const at = bad + 31_000;
  journal.write(at, "correlator", { kind: "incident.opened", incidentId, deployment, finding: violation("verifying", bad + 20_000) });
  journal.write(at + 1200, "correlator", { kind: "suspects.ranked", incidentId, ranking: { good: REVISIONS.good, bad: REVISIONS.bad, candidates: 11, abstained: null, suspects: [CONFIRM_SUSPECT] } });
  journal.write(at + 1500, "fixer", { kind: "fix.started", incidentId, round: 1 });
  journal.write(at + 7000, "fixer", { kind: "proposal.made", incidentId, proposal: proposal({ proposalId: "pro_confirm1", generator: "revert", title: "Revert the change of the worker's queue", diff: CONFIRM_DIFF, verified: true, files: ["src/worker.js"], explanation: "Undoes the suspect commit." }) });
  journal.write(at + 8000, "fixer", { kind: "fix.ended", incidentId, round: 1, candidates: 4, verified: 1, says: "4 candidates tried, 1 verified." });
  journal.write(at + 60_000, "person:Sam", { kind: "proposal.approved", incidentId, proposalId: "pro_confirm1" });
  journal.write(at + 61_000, "fixer", { kind: "proposal.committed", incidentId, proposalId: "pro_confirm1", commit: "11aa22bb33cc44dd55ee66ff7788990011223344", branch: "firstfix/inc_c3d95e0714fa82b6" });
  if (cycles[0] !== undefined) journal.write(cycle1 + 1600, "correlator", { kind: "cycle.started", incidentId, cycle: 1, deployment: cycles[0], commit: "11aa22bb33cc44dd55ee66ff7788990011223344" });
  journal.write(cycle1 + 240_000, "correlator", { kind: "cycle.judged", incidentId, cycle: 1, verdict: "failed", test: sprtOf(52, 9, 6.1) });
  journal.write(cycle1 + 240_100, "correlator", { kind: "incident.reopened", incidentId, says: "cycle 1 failed: 9 violations in 52 evaluations" });
  journal.write(cycle1 + 241_000, "fixer", { kind: "fix.started", incidentId, round: 2 });
  journal.write(cycle1 + 248_000, "fixer", { kind: "proposal.made", incidentId, proposal: proposal({ proposalId: "pro_confirm2", generator: "template", title: "Await the confirmation before the message is acknowledged", diff: CONFIRM_FIX, verified: true, files: ["src/worker.js"], explanation: "The promise of confirm() was not awaited." }) });
  journal.write(cycle1 + 249_000, "fixer", { kind: "fix.ended", incidentId, round: 2, candidates: 5, verified: 1, says: "5 candidates tried, 1 verified." });
  journal.write(cycle1 + 300_000, "person:Sam", { kind: "proposal.approved", incidentId, proposalId: "pro_confirm2" });
  journal.write(cycle1 + 301_000, "fixer", { kind: "proposal.committed", incidentId, proposalId: "pro_confirm2", commit: "99aa22bb33cc44dd55ee66ff7788990011223355", branch: "firstfix/inc_c3d95e0714fa82b6-2" });
  if (cycles[1] !== undefined) journal.write(cycle2 + 1600, "correlator", { kind: "cycle.started", incidentId, cycle: 2, deployment: cycles[1], commit: "99aa22bb33cc44dd55ee66ff7788990011223355" });
  journal.write(cycle2 + 120_000, "correlator", { kind: "cycle.judged", incidentId, cycle: 2, verdict: "pending", test: sprtOf(61, 0, -2.43) });
}

function writeOthers(journal: JournalWriter, cycle1: DeploymentRef, cycle2: DeploymentRef, now: number): void {
  const gap: Finding = finding("error", "gap", { key: "grp_bad0bad0bad0bad0", title: HOSTILE.slice(0, 600), firstSeen: now - 9 * MINUTE, count: 3, error: { type: "Error", message: HOSTILE, stacktrace: HOSTILE, frames: [] } });
  journal.write(now - 9 * MINUTE, "correlator", { kind: "incident.opened", incidentId: IDS.gap, deployment: { ...cycle1, service: "search" }, finding: gap });
  journal.write(now - 9 * MINUTE + 800, "correlator", { kind: "problem.reported", incidentId: IDS.gap, says: "No suspects: Firstfix knows no repository https://git.example.com/acme/search.git.", hint: "Add it: `firstfix repo add <folder or address>`" });

  const slow: Finding = finding("error", "gap", { key: "grp_1234567890abcdef", title: "ConnectionError: connect ECONNREFUSED 10.0.4.17:5432", firstSeen: now - 3 * MINUTE, count: 214, error: { type: "ConnectionError", message: "connect ECONNREFUSED 10.0.4.17:5432", stacktrace: "", frames: STACK_FRAMES.slice(2) } });
  journal.write(now - 3 * MINUTE, "correlator", { kind: "incident.opened", incidentId: IDS.fixing, deployment: cycle2, finding: slow });
  journal.write(now - 3 * MINUTE + 1000, "correlator", { kind: "suspects.ranked", incidentId: IDS.fixing, ranking: { good: REVISIONS.cycle1, bad: REVISIONS.cycle2, candidates: 5, abstained: "The best score, 0.01, is below the least that names a suspect (0.35). No frame of the stack is a file of the repository at this revision.", confidence: 0.004, suspects: TIED_SUSPECTS } });
  journal.write(now - 40_000, "fixer", { kind: "fix.started", incidentId: IDS.fixing, round: 1 });
  journal.write(now - 20_000, "fixer", { kind: "fix.progress", incidentId: IDS.fixing, says: "Exporting revision 0c47ab19 and starting the service in the sandbox" });
  journal.write(now - 8000, "fixer", { kind: "fix.progress", incidentId: IDS.fixing, says: "Replaying POST /checkout" });

  const human: Finding = finding("error", "gap", { key: "grp_0a1b2c3d4e5f6071", title: "RangeError: Invalid time value", firstSeen: now - 20 * MINUTE, count: 8, error: { type: "RangeError", message: "Invalid time value", stacktrace: "", frames: STACK_FRAMES.slice(0, 4) } });
  journal.write(cycle1.firstSeen - 70 * MINUTE, "correlator", { kind: "incident.opened", incidentId: IDS.committed, deployment: { ...cycle1, revision: REVISIONS.good, firstSeen: cycle1.firstSeen - 74 * MINUTE }, finding: human });
  journal.write(now - 19 * MINUTE, "correlator", { kind: "incident.reopened", incidentId: IDS.committed, says: "It fails again since revision 52ac9d81, after it had been closed.", deployment: cycle1 });
  journal.write(now - 19 * MINUTE + 900, "correlator", { kind: "suspects.ranked", incidentId: IDS.committed, ranking: { good: REVISIONS.bad, bad: REVISIONS.cycle1, candidates: 3, abstained: null, suspects: [{ ...HARMLESS_SUSPECT, score: 0.81 }] } });
  journal.write(now - 18 * MINUTE, "fixer", { kind: "fix.started", incidentId: IDS.committed, round: 1 });
  journal.write(now - 17 * MINUTE, "fixer", { kind: "proposal.made", incidentId: IDS.committed, proposal: proposal({ proposalId: "pro_committed", generator: "revert", title: "Revert the date format", diff: CHECKOUT_FIX, verified: true, files: ["src/checkout.js"], explanation: "Undoes the suspect change." }) });
  journal.write(now - 16.5 * MINUTE, "fixer", { kind: "fix.ended", incidentId: IDS.committed, round: 1, candidates: 3, verified: 1, says: "3 candidates tried, 1 verified." });
  journal.write(now - 12 * MINUTE, "person:Robin", { kind: "proposal.approved", incidentId: IDS.committed, proposalId: "pro_committed" });
  journal.write(now - 12 * MINUTE + 900, "fixer", { kind: "proposal.committed", incidentId: IDS.committed, proposalId: "pro_committed", commit: "5c5c5c5c33cc44dd55ee66ff7788990011223344", branch: "firstfix/inc_2b6e8d0f4a7c9153" });
}

/** What came back as IDS.committed had failed before, since another deployment, and another commit was blamed for it. */
function writeBefore(journal: JournalWriter, first: DeploymentRef, mended: DeploymentRef, seen: { readonly good: number; readonly bad: number }): void {
  const incidentId = IDS.committed;
  journal.write(seen.good + 5 * MINUTE, "correlator", { kind: "suspects.ranked", incidentId, ranking: { good: null, bad: first.revision, candidates: 4, abstained: null, suspects: [COUPON_SUSPECT] } });
  journal.write(seen.bad + 2000, "correlator", { kind: "cycle.started", incidentId, cycle: 1, deployment: mended, commit: mended.revision });
  journal.write(seen.bad + 6 * MINUTE, "correlator", { kind: "cycle.judged", incidentId, cycle: 1, verdict: "held", test: sprtOf(240, 0, -4.9) });
  journal.write(seen.bad + 6 * MINUTE + 100, "correlator", { kind: "incident.closed", incidentId, cycles: 1 });
}

function violation(which: "closed" | "verifying", firstSeen: number): Finding {
  const total = which === "closed";
  return finding("violation", which, {
    key: total ? "chk_total" : "chk_confirm",
    title: total ? "The total of an order is never below zero" : "A paid order is confirmed within 5 seconds",
    firstSeen,
    count: total ? 21 : 14,
    violation: {
      checkName: total ? "total-never-negative" : "paid-order-is-confirmed",
      requirementId: total ? "1.2" : "3.1",
      requirementTitle: total ? "Checkout" : "Confirmation",
      requirementText: total ? "WHEN a coupon is applied, THE shop SHALL charge a total of zero or more." : "WHEN an order is paid, THE shop SHALL confirm the order within 5 seconds.",
      file: `.kiro/specs/${total ? "checkout" : "confirmation"}/requirements.md`,
      line: total ? 14 : 9,
      specBlob: "9c1185a5c5e9fc54612808977ee8f548b2258d31",
      check: total ? ['when: span.name == "POST /checkout" && has(span.attributes["shop.order.total"])', 'require: double(span.attributes["shop.order.total"]) >= 0.0'] : ['when: span.name == "order.paid"', 'eventually: span.name == "order.confirmed"', "within: 5s", 'key: span.attributes["shop.order.id"]'],
      detail: total ? "shop.order.total = -2000" : "no order.confirmed for order o-5123 within 5 s of order.paid",
    },
  });
}

function proposal(given: Omit<ProposalRecord, "base" | "steps"> & { readonly steps?: readonly VerificationStep[] }): ProposalRecord {
  return { base: REVISIONS.bad, steps: steps(null), ...given };
}

function steps(failing: string | null): VerificationStep[] {
  const all: VerificationStep[] = [
    { step: "applies", status: "passed", says: "The diff applies to b71e04c9.", output: "", ms: 14 },
    { step: "parses", status: "passed", says: "2 files parse.", output: "src/coupons.js\ntest/firstfix-5a1f0c9b.test.js", ms: 88 },
    { step: "reproduction", status: "passed", says: "The replayed request no longer fails: POST /checkout answered 422.", output: "→ POST /checkout\n← 422 Unprocessable Content in 11 ms", ms: 1840 },
    { step: "tests", status: "passed", says: "23 tests passed before and after; 1 new test passes.", output: "ℹ tests 24\nℹ pass 24\nℹ fail 0\nℹ duration_ms 812.4", ms: 2210 },
    { step: "requirement", status: "passed", says: "The violated check holds on the replay's spans.", output: "total-never-negative: satisfied (shop.order.total = 0)", ms: 6 },
    { step: "other-checks", status: "passed", says: "3 other bound checks hold.", output: "paid-order-is-confirmed: satisfied\nstock-never-negative: satisfied\nrefund-has-reason: vacuous", ms: 9 },
    { step: "variations", status: "skipped", says: "Skipped: the request's body is not JSON that can be varied.", output: "", ms: 0 },
  ];
  if (failing === null) return all;
  const index = all.findIndex((one) => one.step === failing);
  return all.slice(0, index + 1).map((one) => (one.step === failing ? { ...one, status: "failed", says: "The check is violated: shop.order.total = NaN.", output: "total-never-negative: violated\n  shop.order.total = NaN" } : one));
}

function sprtOf(trials: number, failures: number, logRatio: number): { trials: number; failures: number; rateBefore: number; rateHeld: number; logRatio: number; logAccept: number; logReject: number; alpha: number; beta: number } {
  return { trials, failures, rateBefore: 0.18, rateHeld: 0.018, logRatio, logAccept: -4.595, logReject: 4.595, alpha: 0.01, beta: 0.01 };
}

const HOUR = 60 * MINUTE;
const AUTHORED = Date.UTC(2026, 9, 12, 9, 30);

const COUPON_SUSPECT: SuspectRecord = {
  commit: "d94ab57e6103fd8cb71e04c95d2a4f3386e1f0c2",
  subject: "Look coupons up in the catalogue instead of the cart",
  authorName: "Robin",
  authoredAt: AUTHORED,
  score: 0.92,
  parts: [
    { kind: "line", score: 0.55, says: "It wrote src/coupons.js:14, the line where the error is thrown.", places: [{ path: "src/coupons.js", line: 14 }] },
    { kind: "near", score: 0.14, says: "It changed 2 more lines within 5 lines of frames of the stack.", places: [{ path: "src/coupons.js", line: 12 }, { path: "src/checkout.js", line: 31 }] },
    { kind: "symbol", score: 0.13, says: "It touches `percent` and `discountFor`, which the error names.", places: [] },
    { kind: "exposure", score: 0.1, says: "0 errors in 2,310 requests before this deployment, 37 in 702 since.", places: [] },
  ],
  attribution: {
    authorship: "ai",
    agent: "Claude Code",
    model: "Opus 4.5",
    confidence: 0.97,
    evidence: [
      { channel: "git-ai-note", agent: "Claude Code", role: "author", confidence: 0.97, raw: "src/coupons.js\n  s_c9883b05a2487d::t_9f8e7d6c5b4a32 9-18", lines: { path: "src/coupons.js", from: 9, to: 18 } },
      { channel: "trailer", agent: "Claude Code", role: "author", confidence: 0.8, raw: "Co-Authored-By: Claude Opus 4.5 <noreply@anthropic.com>" },
    ],
  },
  diff: COUPON_DIFF,
  assistantLines: { "src/coupons.js": [9, 10, 11, 12, 13, 14, 15, 16, 17, 18] },
};

const HARMLESS_SUSPECT: SuspectRecord = {
  commit: "86e1f0c2d94ab57e6103fd8cb71e04c95d2a4f33",
  subject: "Print order dates in the customer's time zone",
  authorName: "Sam",
  authoredAt: AUTHORED - 3 * HOUR,
  score: 0.16,
  parts: [{ kind: "file", score: 0.16, says: "It changed src/checkout.js, which the stack passes through.", places: [{ path: "src/checkout.js", line: 4 }] }],
  attribution: { authorship: "human", agent: "", model: "", confidence: 0.6, evidence: [{ channel: "git-author", agent: "", role: "author", confidence: 0.6, raw: "Sam <sam@example.com>" }] },
  diff: CHECKOUT_DIFF,
  assistantLines: {},
};
/** As likely as each other, with next to no evidence; some by assistants. */
const TIED_SUSPECTS: readonly SuspectRecord[] = [COUPON_SUSPECT.attribution, HARMLESS_SUSPECT.attribution, COUPON_SUSPECT.attribution].map((attribution, one) => ({ ...HARMLESS_SUSPECT, commit: `${one + 1}`.repeat(40), subject: `Tidy up module ${one + 1}`, score: 0.012, parts: [{ kind: "exposure", score: 0.012, says: "The finding occurred 0 of 9 times before this commit was deployed, and 1 of 9 times since.", places: [] }], attribution }));


const TOTAL_SUSPECT: SuspectRecord = {
  ...HARMLESS_SUSPECT,
  commit: "41c9d2e07f5a4b8896cc03be5a1274fd08e93b6a",
  subject: "Flat coupons",
  authorName: "copilot-swe-agent[bot]",
  score: 0.88,
  parts: [
    { kind: "requirement", score: 0.48, says: "It changed src/checkout.js, which the tasks of requirement 1.2 name.", places: [{ path: "src/checkout.js", line: 22 }] },
    { kind: "symbol", score: 0.25, says: "It touches `total`, which the violated check reads as shop.order.total.", places: [] },
    { kind: "exposure", score: 0.15, says: "0 violations in 2,310 evaluations before this deployment, 21 in 702 since.", places: [] },
  ],
  attribution: { authorship: "ai", agent: "Copilot", model: "", confidence: 0.9, evidence: [{ channel: "git-author", agent: "Copilot", role: "author", confidence: 0.9, raw: "copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>" }, { channel: "trailer", agent: "Claude Code", role: "author", confidence: 0.8, raw: "Co-Authored-By: Claude <noreply@anthropic.com>" }] },
  assistantLines: { "src/checkout.js": [21, 22] },
};

const CONFIRM_SUSPECT: SuspectRecord = {
  ...HARMLESS_SUSPECT,
  commit: "a2274fd08e93b6a41c9d2e07f5a4b8896cc03be5",
  subject: "Confirm orders in batches",
  authorName: "Kim",
  score: 0.74,
  attribution: { authorship: "mixed", agent: "Cursor", model: "", confidence: 0.55, evidence: [{ channel: "trailer", agent: "Cursor", role: "author", confidence: 0.55, raw: "Co-authored-by: Cursor <cursoragent@cursor.com>" }] },
  diff: CONFIRM_DIFF,
  assistantLines: { "src/worker.js": [9, 10, 11] },
};

