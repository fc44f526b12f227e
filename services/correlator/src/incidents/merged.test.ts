import { EMPTY_STATE, fold, type DeploymentRef, type IncidentEvent, type JournalState } from "@firstfix/incident";
import { describe, expect, it } from "vitest";
import { regrouped } from "./merged.ts";

const deployment: DeploymentRef = { service: "shop", environment: "production", revision: "r", repository: "", firstSeen: 1 };
const opened = (incidentId: string, key: string, environment = "production"): IncidentEvent => ({ kind: "incident.opened", incidentId, deployment: { ...deployment, environment }, finding: { kind: "error", key, title: key, witness: { traceId: "", spanId: "", operation: "", time: 1 }, count: 1, firstSeen: 1 } });
let entries = 0;
const after = (state: JournalState, ...events: IncidentEvent[]): JournalState => fold(state, events.map((event) => ({ entryId: `jrn_${String(++entries).padStart(6, "0")}`, at: entries, actor: "x", event })));
const settled = (state: JournalState): JournalState => after(state, ...regrouped(state));
const status = (state: JournalState): unknown => [...state.incidents.values()].map((one) => [one.incidentId, one.status, one.mergedInto]);

const three = after(EMPTY_STATE, opened("inc_a", "a"), opened("inc_b", "b"), opened("inc_test", "b", "test"));

describe("incidents of merged groups", () => {
  it("are closed with the name of the one that goes on, in each environment for itself", () => {
    const merged = settled(after(three, { kind: "groups.merged", into: "a", groups: ["b"] }));
    expect(status(merged)).toEqual([["inc_a", "open", null], ["inc_b", "closed", "inc_a"], ["inc_test", "open", null]]);
    expect(regrouped(merged)).toEqual([]);
  });

  it("go on when the merge is undone", () => {
    const undone = settled(after(settled(after(three, { kind: "groups.merged", into: "a", groups: ["b"] })), { kind: "groups.merged", into: "b", groups: ["b"] }));
    expect(status(undone)).toEqual([["inc_a", "open", null], ["inc_b", "open", null], ["inc_test", "open", null]]);
    expect(regrouped(undone)).toEqual([]);
  });

  it("leave the open one where the group's own is closed, and the oldest where the group has none", () => {
    const closed = settled(after(three, { kind: "incident.closed", incidentId: "inc_a", cycles: 1 }, { kind: "groups.merged", into: "a", groups: ["b"] }));
    expect(status(closed)).toEqual([["inc_a", "closed", null], ["inc_b", "open", null], ["inc_test", "open", null]]);
    const none = settled(after(three, { kind: "groups.merged", into: "z", groups: ["a", "b"] }));
    expect(status(none)).toEqual([["inc_a", "open", null], ["inc_b", "closed", "inc_a"], ["inc_test", "open", null]]);
  });

  it("are left alone where nobody merged anything", () => {
    expect(regrouped(three)).toEqual([]);
  });
});
