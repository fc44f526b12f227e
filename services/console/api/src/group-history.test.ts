import { EMPTY_STATE, fold, type DeploymentRef, type IncidentEvent, type Recorded } from "@firstfix/incident";
import { expect, it } from "vitest";
import { groupLines } from "./group-history.ts";

const deployment: DeploymentRef = { service: "shop", environment: "production", revision: "r", repository: "", firstSeen: 1 };
const opened = (incidentId: string, key: string, title: string): IncidentEvent => ({ kind: "incident.opened", incidentId, deployment, finding: { kind: "error", key, title, witness: { traceId: "", spanId: "", operation: "", time: 1 }, count: 1, firstSeen: 1 } });

/** What the histories of incidents say of groups after some decisions. */
function histories(...events: readonly (readonly [actor: string, event: IncidentEvent])[]): Record<string, string[]> {
  const recorded = events.map(([actor, event], i): Recorded => ({ entryId: `jrn_${String(i).padStart(6, "0")}`, at: i, actor, event }));
  const state = fold(EMPTY_STATE, recorded);
  const entries = recorded.filter(({ event }) => event.kind === "groups.merged" || event.kind === "group.split").map(({ at, actor, event: { kind, ...data } }) => ({ at, actor, kind, data }));
  return Object.fromEntries([...state.incidents.values()].map((one) => [one.incidentId, groupLines(entries, state, one, one.findings.map(({ key }) => key)).map(({ at, actor, says }) => `${at} ${actor} ${says}`)]));
}
const THREE = [["correlator", opened("inc_a", "a", "cart")], ["correlator", opened("inc_b", "b", "pay")], ["correlator", opened("inc_c", "c", "tax")]] as const;

it("tells both incidents who merged them, when, and who took it back", () => {
  expect(histories(...THREE, ["person:ada", { kind: "groups.merged", into: "a", groups: ["b"] }], ["person:bo", { kind: "groups.merged", into: "b", groups: ["b"] }])).toEqual({
    inc_a: ["3 person:ada Merged by hand: inc_b (pay) counts for this one", "4 person:bo Merge undone by hand: inc_b (pay) no longer counts for this one"],
    inc_b: ["3 person:ada Merged by hand into inc_a (cart)", "4 person:bo Merge undone by hand: it no longer counts for inc_a (cart)"],
    inc_c: [],
  });
});

it("follows a group that was merged before under its later name", () => {
  const told = histories(...THREE, ["person:ada", { kind: "groups.merged", into: "a", groups: ["b"] }], ["person:bo", { kind: "groups.merged", into: "c", groups: ["a"] }]);
  expect(told["inc_b"]).toEqual(["3 person:ada Merged by hand into inc_a (cart)", "4 person:bo Merged by hand into inc_c (tax)"]);
  expect(told["inc_c"]).toEqual(["4 person:bo Merged by hand: inc_a (cart) counts for this one"]);
});

it("tells of a split at the group that was split and at the new one", () => {
  const told = histories(...THREE, ["person:ada", { kind: "group.split", group: "a", fingerprints: ["f"], into: "n" }], ["correlator", opened("inc_n", "n", "coupon")]);
  expect(told["inc_a"]).toEqual(["3 person:ada Split by hand: one kind of error became a group apart, inc_n (coupon)"]);
  expect(told["inc_n"]).toEqual(["3 person:ada Split off by hand: one kind of error of inc_a (cart) became this group"]);
  expect(told["inc_b"]).toEqual([]);
});
