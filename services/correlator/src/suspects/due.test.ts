import { EMPTY_STATE, fold, type DeploymentRef, type IncidentEvent } from "@firstfix/incident";
import { expect, it } from "vitest";
import type { Room } from "../room.ts";
import { Ranking } from "./rank.ts";

const deployment: DeploymentRef = { service: "shop", environment: "production", revision: "r", repository: "", firstSeen: 1 };
const opened = (incidentId: string): IncidentEvent => ({ kind: "incident.opened", incidentId, deployment, finding: { kind: "error", key: incidentId, title: "t", witness: { traceId: "", spanId: "", operation: "", time: 1 }, count: 1, firstSeen: 1 } });

it("takes the newest incident first, and none that is closed or was ranked", () => {
  const ranked: IncidentEvent = { kind: "suspects.ranked", incidentId: "inc_c", ranking: { good: null, bad: "r", candidates: 0, abstained: "x", suspects: [] } };
  const events = [opened("inc_a"), opened("inc_b"), opened("inc_c"), opened("inc_d"), ranked, { kind: "incident.closed", incidentId: "inc_d", cycles: 0 } satisfies IncidentEvent];
  const state = fold(EMPTY_STATE, events.map((event, i) => ({ entryId: `jrn_${i}`, at: i, actor: "x", event })));
  expect(new Ranking({ tail: { state } } as unknown as Room).due(10).map((one) => one.incidentId)).toEqual(["inc_b", "inc_a"]);
});
