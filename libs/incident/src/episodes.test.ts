import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IncidentEvent, Recorded } from "./events.ts";
import { EMPTY_STATE, fold, type Incident } from "./fold.ts";
import type { DeploymentRef, Finding, SprtRecord, SuspectsRecord } from "./types.ts";

const incidentId = "inc_1";
const at = (revision: string): DeploymentRef => ({ service: "shop", environment: "production", revision, repository: "r", firstSeen: 1 });
const finding: Finding = { kind: "error", key: "g", title: "TypeError: boom", witness: { traceId: "t", spanId: "s", operation: "POST /", time: 1 }, count: 1, firstSeen: 1 };
const test: SprtRecord = { trials: 9, failures: 0, rateBefore: 0.5, rateHeld: 0.05, logRatio: -5, logAccept: -4, logReject: 4, alpha: 0.01, beta: 0.01 };
const ranking = (bad: string): SuspectsRecord => ({ good: null, bad, candidates: 1, abstained: null, suspects: [] });
const opened: IncidentEvent = { kind: "incident.opened", incidentId, deployment: at("r1"), finding };
const ranked = (bad: string): IncidentEvent => ({ kind: "suspects.ranked", incidentId, ranking: ranking(bad) });
const started = (cycle: number, revision: string): IncidentEvent => ({ kind: "cycle.started", incidentId, cycle, deployment: at(revision), commit: "c" });
const closed: IncidentEvent = { kind: "incident.closed", incidentId, cycles: 1 };
const reopened = (revision?: string): IncidentEvent => ({ kind: "incident.reopened", incidentId, says: "", ...(revision === undefined ? {} : { deployment: at(revision) }) });
const judged = (cycle: number, verdict: "held" | "failed"): IncidentEvent => ({ kind: "cycle.judged", incidentId, cycle, verdict, test });

function after(...events: readonly IncidentEvent[]): Incident {
  const recorded = [opened, ...events].map((event, i): Recorded => ({ entryId: `jrn_${String(i).padStart(4, "0")}`, at: 1_000 + i, actor: "correlator", event }));
  return fold(EMPTY_STATE, recorded).incidents.get(incidentId) as Incident;
}

const short = ({ episodes }: Incident): unknown[] => episodes.map((one) => [one.openedAt, one.closedAt, one.deployment.revision, one.ranking?.bad ?? null, one.cycles.map(({ cycle, verdict }) => `${cycle} ${verdict}`), one.outcome]);

describe("episodes", () => {
  it("keep each failure of an incident that came back: its time, deployment, ranking and cycles", () => {
    const incident = after(ranked("r1"), started(1, "r2"), judged(1, "held"), closed, reopened("r9"), ranked("r9"), started(2, "r10"), judged(2, "failed"), reopened(), started(3, "r11"), judged(3, "held"), closed);
    expect(short(incident)).toEqual([
      [1_000, 1_004, "r1", "r1", ["1 held"], "closed"],
      [1_005, 1_012, "r9", "r9", ["2 failed", "3 held"], "closed"],
    ]);
    expect(incident).toMatchObject({ openedAt: 1_000, closedAt: 1_012, deployment: { revision: "r9" }, ranking: { bad: "r9" } });
    expect(incident.cycles).toHaveLength(3);
  });

  it("are corrected where the onset was wrongly named, and go on where a cycle failed", () => {
    const moved = after(ranked("r1"), { kind: "incident.onset-moved", incidentId, deployment: at("r2"), finding, says: "" }, ranked("r2"), started(1, "r3"), judged(1, "failed"), reopened());
    expect(short(moved)).toEqual([[1_000, null, "r2", "r2", ["1 failed"], "open"]]);
  });

  it("go on where a group stands for itself again, and end unresolved where another deployment is named meanwhile", () => {
    const merged: IncidentEvent = { kind: "incident.merged", incidentId, into: "inc_2", says: "" };
    expect(short(after(ranked("r1"), merged))).toEqual([[1_000, 1_002, "r1", "r1", [], "merged"]]);
    expect(short(after(ranked("r1"), merged, reopened()))).toEqual([[1_000, null, "r1", "r1", [], "open"]]);
    expect(short(after(ranked("r1"), reopened("r2")))).toEqual([[1_000, 1_002, "r1", "r1", [], "superseded"], [1_002, null, "r2", null, [], "open"]]);
    expect(short(after(closed, reopened("r2"), reopened("r2")))).toHaveLength(2);
  });

  it("hold, whatever is told in whatever order", () => {
    const revision = fc.constantFrom("r1", "r2", "r3");
    const event = fc.oneof<fc.Arbitrary<IncidentEvent>[]>(
      revision.map(ranked),
      fc.tuple(fc.integer({ min: 1, max: 6 }), revision).map(([cycle, bad]) => started(cycle, bad)),
      fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom("held" as const, "failed" as const)).map(([cycle, verdict]) => judged(cycle, verdict)),
      fc.constant(closed),
      fc.constant<IncidentEvent>({ kind: "incident.merged", incidentId, into: "inc_2", says: "" }),
      fc.option(revision, { nil: undefined }).map(reopened),
      revision.map((bad): IncidentEvent => ({ kind: "incident.onset-moved", incidentId, deployment: at(bad), finding, says: "" })),
      fc.constant<IncidentEvent>({ kind: "fix.started", incidentId, round: 1 }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const incident = after(...events);
        const { episodes } = incident;
        const last = episodes.at(-1);
        expect(episodes[0]?.openedAt).toBe(incident.openedAt);
        expect(last).toMatchObject({ deployment: incident.deployment, ranking: incident.ranking });
        // Every cycle is in exactly one of them, as the incident has it.
        const byNumber = <T extends { cycle: number }>(cycles: readonly T[]): T[] => cycles.toSorted((a, b) => a.cycle - b.cycle);
        expect(byNumber(episodes.flatMap((one) => one.cycles))).toEqual(byNumber(incident.cycles));
        for (const [i, one] of episodes.entries()) {
          const next = episodes[i + 1];
          expect(one.closedAt === null).toBe(one.outcome === "open");
          if (one.closedAt !== null) expect(one.closedAt).toBeGreaterThanOrEqual(one.openedAt);
          if (next === undefined) continue;
          expect(one.outcome).not.toBe("open");
          expect(next.openedAt).toBeGreaterThanOrEqual(one.closedAt ?? Infinity);
        }
        if (incident.status === "closed") expect(last?.closedAt).toBe(incident.closedAt);
        if (incident.mergedInto !== null) expect(last?.outcome).toBe("merged");
        const comings = events.filter((one) => one.kind === "incident.reopened").length;
        expect(episodes.length).toBeLessThanOrEqual(1 + comings);
      }),
      { numRuns: 300 },
    );
  });
});
