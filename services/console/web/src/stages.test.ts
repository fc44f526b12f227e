import { EMPTY_STATE, fold, type DeploymentRef, type Finding, type Incident, type IncidentEvent } from "@firstfix/incident";
import { expect, it } from "vitest";
import { stagesOf } from "./stages.ts";

const deployment: DeploymentRef = { service: "shop", environment: "production", revision: "r", repository: "", firstSeen: 1 };
const finding: Finding = { kind: "error", key: "grp_1", title: "t", witness: { traceId: "", spanId: "", operation: "", time: 1 }, count: 1, firstSeen: 1 };
function after(...events: IncidentEvent[]): Incident {
  const opened: IncidentEvent = { kind: "incident.opened", incidentId: "inc_1", deployment, finding };
  return fold(EMPTY_STATE, [opened, ...events].map((event, i) => ({ entryId: `jrn_${i}`, at: 10 + i, actor: "x", event }))).incidents.get("inc_1") as Incident;
}

it("ends the life of a merged incident with the other one, without steps that it never came to", () => {
  const merged = after({ kind: "incident.merged", incidentId: "inc_1", into: "inc_2", says: "" });
  expect(stagesOf(merged, [])).toEqual([{ name: "Opened", at: 10, note: "" }, { name: "Merged", at: 11, note: "into inc_2" }]);
});

it("shows all steps of one that was closed", () => {
  const stages = stagesOf(after({ kind: "incident.closed", incidentId: "inc_1", cycles: 0 }), []);
  expect(stages).toHaveLength(8);
  expect(stages.at(-1)).toEqual({ name: "Closed", at: 11, note: "" });
});
