import type { ClickHouseClient } from "@clickhouse/client";
import { newId } from "@firstfix/kit";
import { subjectOf, type IncidentEvent, type Recorded } from "@firstfix/incident";
import type { Journal, JournalEntry, Store } from "./api.ts";
import { insertRows, literal, select } from "./sql.ts";

export function createJournal(client: ClickHouseClient): Journal {
  return {
    async append(entries) {
      const rows = entries.map((entry) => ({ entry_id: entry.entryId, at: new Date(entry.at), kind: entry.kind, subject: entry.subject, actor: entry.actor, data: JSON.stringify(entry.data) }));
      await insertRows(client, "journal", rows);
    },
    async read(filter = {}) {
      const where = [
        ...(filter.after === undefined ? [] : [`entry_id > ${literal(filter.after)}`]),
        ...(filter.subject === undefined ? [] : [`subject = ${literal(filter.subject)}`]),
        ...(filter.kinds === undefined ? [] : [`kind IN ${literal(filter.kinds)}`]),
      ];
      const rows = await select<JournalRow>(
        client,
        `SELECT entry_id, toUnixTimestamp64Milli(at) AS at_ms, kind, subject, actor, data FROM journal FINAL${where.length === 0 ? "" : ` WHERE ${where.join(" AND ")}`} ORDER BY entry_id`,
      );
      return rows.map((row) => ({ entryId: row.entry_id, at: row.at_ms, kind: row.kind, subject: row.subject, actor: row.actor, data: JSON.parse(row.data) as unknown }));
    },
  };
}

interface JournalRow {
  readonly entry_id: string;
  readonly at_ms: number;
  readonly kind: string;
  readonly subject: string;
  readonly actor: string;
  readonly data: string;
}

/** An event to append. Without an entryId it gets a new one, later than every one before it in this process. */
export interface NewEvent {
  readonly event: IncidentEvent;
  readonly entryId?: string;
}

/** Writes decisions and returns them as they stand in the journal. Durable when it resolves. */
export async function appendEvents(store: Pick<Store, "journal">, actor: string, events: readonly NewEvent[]): Promise<Recorded[]> {
  const at = Date.now();
  const recorded = events.map(({ event, entryId }) => ({ entryId: entryId ?? newId("jrn"), at, actor, event }));
  await store.journal.append(recorded.map(toEntry));
  return recorded;
}

/** The events of entries, in the same order. */
export function journalEvents(entries: readonly JournalEntry[]): Recorded[] {
  return entries.map(({ entryId, at, actor, kind, data }) => ({ entryId, at, actor, event: { ...(data as object), kind } as IncidentEvent }));
}

/** `kind` is a column; the rest of the event is `data`. */
function toEntry({ entryId, at, actor, event }: Recorded): JournalEntry {
  const { kind, ...data } = event;
  return { entryId, at, actor, kind, subject: subjectOf(event), data };
}
