import { TOPICS, type Bus } from "@firstfix/bus";
import type { IncidentEvent, JournalState } from "@firstfix/incident";
import type { Config, Logger } from "@firstfix/kit";
import { appendEvents, type JournalTail, type Store } from "@firstfix/store";
import type { Repositories } from "./repositories.ts";
import type { Specs } from "./requirements/specs.ts";

/** What every part of the correlator works with. One per process; used by one loop, so nothing here is locked. */
export interface Room {
  readonly config: Config;
  readonly store: Store;
  readonly bus: Bus;
  readonly log: Logger;
  readonly tail: JournalTail;
  readonly repositories: Repositories;
  readonly specs: Specs;
}

export const ACTOR = "correlator";

/**
 * Writes decisions. The folded state holds them when it resolves, so the next look at the state cannot take the same
 * decision again: that, and not the entry's id, is what makes every part of the correlator idempotent.
 */
export async function decide(room: Room, ...events: readonly IncidentEvent[]): Promise<JournalState> {
  if (events.length === 0) return room.tail.state;
  await appendEvents(room.store, ACTOR, events.map((event) => ({ event })));
  await room.tail.refresh();
  for (const event of events) room.log.info({ kind: event.kind, incident: "incidentId" in event ? event.incidentId : undefined }, "decided");
  room.bus.hint(TOPICS.journalWritten);
  return room.tail.state;
}
