import { TOPICS, type Batch, type Bus } from "@firstfix/bus";
import { FirstfixError, stableId } from "@firstfix/kit";
import { insertRows, type Signal, type Store } from "@firstfix/store";

export interface DeadLetter {
  /** Of the record in its batch. */
  readonly index: number;
  readonly reason: string;
}

const REASON_CHARS_MAX = 1000;

/**
 * Keeps records that cannot be stored, whole: in table dead_letters, and on a bus that keeps records in the dead-letter
 * topic too. The id of a letter comes from its place, so that writing it again after a crash changes nothing.
 * Throws what the store or the bus throws.
 */
export async function writeDeadLetters(store: Pick<Store, "background">, bus: Pick<Bus, "keeps" | "append">, signal: Signal, batch: Batch, letters: readonly DeadLetter[]): Promise<void> {
  const { topic, partition, records } = batch;
  const whole = letters.flatMap(({ index, reason }) => {
    const record = records[index];
    return record === undefined ? [] : [{ record, reason: reason.slice(0, REASON_CHARS_MAX), id: stableId("dl", String(batch.id), String(index)) }];
  });
  await insertRows(
    store.background,
    "dead_letters",
    whole.map(({ record, reason, id }) => ({ id, topic, partition, offset: record.offset, signal, key: record.key ?? "", reason, body: Buffer.from(record.value).toString("base64") })),
  );
  if (!bus.keeps) return;
  const headers = (record: { readonly offset: bigint }, reason: string) => ({ topic, partition: String(partition), offset: String(record.offset), reason });
  for (const { record, reason, id } of whole) {
    const letter = { key: id, value: record.value, headers: headers(record, reason) };
    try {
      await bus.append(TOPICS.deadLetters, [letter]);
    } catch (error) {
      // Too large for the topic, and it ever will be: the table has it whole, and the partition must go on.
      if (error instanceof FirstfixError && error.retryable) throw error;
      await bus.append(TOPICS.deadLetters, [{ ...letter, value: new Uint8Array(), headers: { ...letter.headers, body: "in table dead_letters only" } }]);
    }
  }
}
