import { draftRequirement, type Incident, type IncidentEvent } from "@firstfix/incident";
import { EVENTUALLY_GRACE_MS } from "@firstfix/spec";
import { decide, type Room } from "../room.ts";

/** A violation that takes longer than this to show is not waited for. */
const WAIT_MAX_MS = 60_000;

/**
 * An error that violates no bound requirement shows a gap in the specs: it is reported with a drafted requirement, once
 * every check that could have spoken has had its time. Returns when the next report falls due.
 */
export async function reportGaps(room: Room, now: number): Promise<number> {
  let next = Infinity;
  for (const incident of room.tail.state.incidents.values()) {
    const error = incident.findings[0]?.error;
    if (error === undefined || incident.specGap !== null || incident.status === "closed" || incident.findings.some((one) => one.kind === "violation")) continue;
    const due = incident.openedAt + (await waitFor(room, incident));
    if (due > now) {
      next = Math.min(next, due);
      continue;
    }
    const event: IncidentEvent = { kind: "spec-gap.reported", incidentId: incident.incidentId, draft: draftRequirement(error, incident.findings[0]?.witness.operation ?? "") };
    await decide(room, event);
  }
  return next;
}

async function waitFor(room: Room, incident: Incident): Promise<number> {
  const checks = (await room.specs.of(incident.deployment))?.checks ?? [];
  const within = checks.map(({ check }) => (check.form.kind === "eventually" ? check.form.withinMs + EVENTUALLY_GRACE_MS : 0));
  return Math.min(WAIT_MAX_MS, Math.max(0, ...within)) + 2 * room.config.correlator.settleMs;
}
