import { describe, expect, it } from "vitest";
import { draftRequirement } from "./draft.ts";
import { subjectOf, type IncidentEvent, type Recorded } from "./events.ts";
import { EMPTY_STATE, fold } from "./fold.ts";
import type { DeploymentRef, Finding, SprtRecord } from "./types.ts";

const deployment: DeploymentRef = { service: "shop", environment: "production", revision: "b".repeat(40), repository: "r", firstSeen: 1 };
const finding: Finding = { kind: "error", key: "grp_1", title: "TypeError: boom", witness: { traceId: "t", spanId: "s", operation: "POST /checkout", time: 1 }, count: 1, firstSeen: 1 };
const test: SprtRecord = { trials: 9, failures: 0, rateBefore: 0.5, rateHeld: 0.05, logRatio: -5, logAccept: -4, logReject: 4, alpha: 0.01, beta: 0.01 };
const incidentId = "inc_1";

function record(events: readonly IncidentEvent[]): Recorded[] {
  return events.map((event, i) => ({ entryId: `jrn_${String(i).padStart(4, "0")}`, at: 1000 + i, actor: "correlator", event }));
}
const opened: IncidentEvent = { kind: "incident.opened", incidentId, deployment, finding };

describe("fold", () => {
  it("tells an incident's life from opening to a closed second cycle", () => {
    const state = fold(EMPTY_STATE, record([
      { kind: "deployment.seen", deployment },
      opened,
      { kind: "incident.finding-added", incidentId, finding: { ...finding, kind: "violation", key: "chk_1" }, says: "same trace" },
      { kind: "incident.finding-added", incidentId, finding: { ...finding, count: 10 }, says: "seen 10 times" },
      { kind: "cycle.started", incidentId, cycle: 1, deployment, commit: "c1" },
      { kind: "cycle.judged", incidentId, cycle: 1, verdict: "failed", test },
      { kind: "incident.reopened", incidentId, says: "still fails" },
      { kind: "cycle.started", incidentId, cycle: 2, deployment, commit: "c2" },
      { kind: "cycle.judged", incidentId, cycle: 2, verdict: "held", test },
      { kind: "incident.closed", incidentId, cycles: 2 },
    ]));
    const incident = state.incidents.get(incidentId);
    expect(incident).toMatchObject({ status: "closed", openedAt: 1001, closedAt: 1009 });
    expect(incident?.findings.map((one) => [one.key, one.count])).toEqual([["grp_1", 10], ["chk_1", 1]]);
    expect(incident?.cycles.map((one) => one.verdict)).toEqual(["failed", "held"]);
    expect(state.deployments.size).toBe(1);
    expect(state.lastEntryId).toBe("jrn_0009");
  });

  it("is the same in one go and entry by entry, and leaves the state before untouched", () => {
    const entries = record([opened, { kind: "cycle.started", incidentId, cycle: 1, deployment, commit: "c" }]);
    const first = fold(EMPTY_STATE, entries.slice(0, 1));
    expect(fold(first, entries.slice(1))).toEqual(fold(EMPTY_STATE, entries));
    expect(first.incidents.get(incidentId)?.status).toBe("open");
    expect(EMPTY_STATE.incidents.size).toBe(0);
  });

  it("passes over entries of unknown incidents and a second opening", () => {
    expect(fold(EMPTY_STATE, record([{ kind: "incident.closed", incidentId, cycles: 1 }])).incidents.size).toBe(0);
    expect(fold(EMPTY_STATE, record([opened, { kind: "incident.closed", incidentId, cycles: 1 }, opened])).incidents.get(incidentId)?.status).toBe("closed");
  });

  it("takes the deployment with which a closed incident came back for the bad one, and forgets the old suspects", () => {
    const later = { ...deployment, revision: "d".repeat(40), firstSeen: 9 };
    const ranking = { good: null, bad: deployment.revision, candidates: 1, abstained: null, suspects: [] };
    const entries = record([opened, { kind: "suspects.ranked", incidentId, ranking }, { kind: "incident.closed", incidentId, cycles: 1 }, { kind: "incident.reopened", incidentId, says: "back", deployment: later }]);
    expect(fold(EMPTY_STATE, entries).incidents.get(incidentId)).toMatchObject({ status: "open", deployment: later, ranking: null });
  });

  it("says once why no suspects are looked for, whoever says it, and no longer when they were found", () => {
    const reported = (says: string): IncidentEvent => ({ kind: "problem.reported", incidentId, says, hint: "h" });
    const says = (...events: IncidentEvent[]): unknown => fold(EMPTY_STATE, record([opened, ...events])).incidents.get(incidentId)?.problems.map((one) => one.says);
    const ranked: IncidentEvent = { kind: "suspects.ranked", incidentId, ranking: { good: null, bad: deployment.revision, candidates: 1, abstained: null, suspects: [] } };
    const [fixer, blind] = [reported("no repository"), reported("No suspects: no repository")];
    expect(says(fixer, blind)).toEqual(["No suspects: no repository"]);
    expect(says(blind, fixer)).toEqual(["No suspects: no repository"]);
    expect(says(blind, fixer, reported("No suspects: revision missing"))).toEqual(["No suspects: revision missing"]);
    expect(says(blind, reported("no manifest"), fixer, ranked)).toEqual(["no manifest"]);
    expect(says(reported("no manifest"), blind, { kind: "fix.started", incidentId, round: 2 })).toEqual(["No suspects: no repository"]);
  });

  it("keeps spec problems until a newer revision of the service comes", () => {
    const problem = { repository: "r", revision: deployment.revision, service: "shop", file: "a.md", line: 3, says: "x", hint: "y" };
    const event: IncidentEvent = { kind: "spec.problem", problem };
    const state = fold(EMPTY_STATE, record([{ kind: "deployment.seen", deployment }, event, event]));
    expect(state.specProblems).toEqual([problem]);
    expect(subjectOf(event)).toBe("spec:r");
    expect(fold(state, record([{ kind: "deployment.seen", deployment: { ...deployment, revision: "c".repeat(40) } }])).specProblems).toEqual([]);
  });
});

describe("draftRequirement", () => {
  it("names operation, condition and place in EARS", () => {
    const frames = [{ function: "applyCoupon", file: "/app/src/c.js", path: "src/c.js", line: 3, column: 1, inApp: true }];
    expect(draftRequirement({ type: "TypeError", message: "Cannot read properties of undefined (reading 'percent')", frames }, "POST /checkout")).toBe(
      "IF `POST /checkout` is handled and the value that should hold `percent` is undefined in applyCoupon, THEN THE system SHALL answer with a defined result or a client error that names the cause, and SHALL NOT fail with TypeError.",
    );
    expect(draftRequirement({ type: "", message: "", frames: [] }, "")).toMatch(/^IF an unexpected condition arises, THEN THE system SHALL/);
  });
});
