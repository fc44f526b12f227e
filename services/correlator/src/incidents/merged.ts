import { resolveGroup, type Incident, type IncidentEvent, type JournalState } from "@firstfix/incident";
import { decide, type Room } from "../room.ts";

/**
 * What merging and splitting error groups means for incidents. Of those that one group holds now, one goes on and tells
 * the rest: the one that was opened for that very group, else the oldest; the others are closed with its name. Where a
 * group stands for itself again, the incident that was closed for it goes on.
 */
export async function reconcileGroups(room: Room): Promise<void> {
  const events = regrouped(room.tail.state);
  if (events.length > 0) await decide(room, ...events);
}

/** Pure; the events change the state so that the next look finds nothing to do. */
export function regrouped(state: JournalState): IncidentEvent[] {
  const { groups, incidents } = state;
  if (groups.aliases.size === 0 && groups.splits.size === 0 && ![...incidents.values()].some((one) => one.mergedInto !== null)) return [];
  const places = Map.groupBy([...incidents.values()].filter((one) => one.findings[0]?.kind === "error"), (one) => JSON.stringify([one.deployment.service, one.deployment.environment, keyOf(state, one)]));
  const events: IncidentEvent[] = [];
  for (const incident of incidents.values()) {
    const into = incident.mergedInto === null ? undefined : incidents.get(incident.mergedInto);
    if (into !== undefined && keyOf(state, into) !== keyOf(state, incident)) events.push({ kind: "incident.reopened", incidentId: incident.incidentId, says: "Its error group stands for itself again." });
  }
  for (const all of places.values()) {
    const open = all.filter((one) => one.status !== "closed").sort((a, b) => a.openedAt - b.openedAt);
    const stays = open.find((one) => one.findings[0]?.key === keyOf(state, one)) ?? open[0];
    for (const one of open) {
      if (stays === undefined || one === stays) continue;
      events.push({ kind: "incident.merged", incidentId: one.incidentId, into: stays.incidentId, says: `Its error group was merged into that of ${stays.incidentId}, which tells the rest.` });
    }
  }
  return events;
}

function keyOf({ groups }: JournalState, { findings }: Incident): string {
  return resolveGroup(groups, findings[0]?.key ?? "");
}
