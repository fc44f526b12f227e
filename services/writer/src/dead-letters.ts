import { insertRows, type Store } from "@firstfix/store";

export interface DeadLetter {
  readonly topic: string;
  readonly reason: string;
  readonly body: Uint8Array;
}

/** Of a longer record the beginning is kept: enough to see who sent what. */
const BODY_BYTES_MAX = 64 * 1024;
const REASON_CHARS_MAX = 1000;

/** Keeps refused records for whoever looks into them (table dead_letters). */
export async function writeDeadLetters(store: Pick<Store, "background">, letters: readonly DeadLetter[]): Promise<void> {
  const rows = letters.map(({ topic, reason, body }) => ({
    topic,
    reason: reason.slice(0, REASON_CHARS_MAX),
    bytes: body.byteLength,
    body: Buffer.from(body.subarray(0, BODY_BYTES_MAX)).toString("base64"),
  }));
  await insertRows(store.background, "dead_letters", rows);
}
