import type { IncidentEvent } from "@firstfix/incident";
import { subjectOf } from "@firstfix/incident";
import type { Store } from "@firstfix/store";

/** Entries of the past: appendEvents stamps the present, so these are written with ids and times of their own. */
export class JournalWriter {
  readonly #entries: { at: number; actor: string; event: IncidentEvent }[] = [];

  write(at: number, actor: string, event: IncidentEvent): void {
    this.#entries.push({ at, actor, event });
  }

  async flush(store: Store): Promise<void> {
    const inOrder = this.#entries.toSorted((a, b) => a.at - b.at);
    await store.journal.append(
      inOrder.map(({ at, actor, event }, index) => {
        const { kind, ...data } = event;
        return { entryId: `jrn_${ulidOf(at, index)}`, at, kind, actor, subject: subjectOf(event), data };
      }),
    );
  }
}

function ulidOf(at: number, index: number): string {
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  let time = "";
  for (let rest = at, digit = 0; digit < 10; digit += 1, rest = Math.floor(rest / 32)) time = alphabet.charAt(rest % 32) + time;
  return time + index.toString().padStart(16, "0");
}
