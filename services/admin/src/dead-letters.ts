import { TOPICS, type Bus } from "@firstfix/bus";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { literal, select, type Store } from "@firstfix/store";
import { DEAD_LETTER_LIMITS, type DeadLetters, type Letter, type LetterOutcome, type LetterSummary } from "./api.ts";

export function createDeadLetters(store: Pick<Store, "interactive">, bus: Pick<Bus, "append">): DeadLetters {
  const client = store.interactive;

  async function get(id: string): Promise<Letter> {
    const [row] = await select<Letter>(client, `SELECT ${SUMMARY}, key, body FROM dead_letters FINAL WHERE id = ${literal(id)}`);
    if (row === undefined) throw new FirstfixError("not_found", `there is no dead letter ${id}`, { hint: "`firstfix dlq list --settled` shows all that are kept." });
    return row;
  }

  /** The newest row of an id counts, so a change is the same row again with one value replaced. */
  async function mark(id: string, change: string): Promise<void> {
    await client.command({ query: `INSERT INTO dead_letters SELECT * REPLACE (${change}) FROM dead_letters FINAL WHERE id = ${literal(id)}` });
  }

  async function one(id: string, act: (letter: Letter) => Promise<LetterOutcome>): Promise<LetterOutcome> {
    try {
      return await act(await get(id));
    } catch (error) {
      if (error instanceof FirstfixError && error.code === "not_found") return { id, outcome: "missing", reason: error.message };
      return { id, outcome: "failed", reason: messageOf(error).split("\n", 1)[0] ?? "" };
    }
  }

  return {
    async list({ limit, topic, sinceMs, after, settled = false }) {
      const conditions = [
        ...(settled ? [] : ["replayed_at IS NULL AND NOT dropped"]),
        ...(topic === undefined ? [] : [`topic = ${literal(topic)}`]),
        ...(sinceMs === undefined ? [] : [`at >= fromUnixTimestamp64Milli(${literal(Math.trunc(sinceMs))})`]),
        ...(after === undefined ? [] : [`id > ${literal(after)}`]),
      ];
      // The bodies are read only of those that are shown.
      const shown = `SELECT id FROM dead_letters FINAL WHERE ${conditions.length === 0 ? "1" : conditions.join(" AND ")} ORDER BY id LIMIT ${Math.min(limit, DEAD_LETTER_LIMITS.listed)}`;
      return select<LetterSummary>(client, `SELECT ${SUMMARY} FROM dead_letters FINAL WHERE id IN (${shown}) ORDER BY id`);
    },
    get,
    async replay(ids) {
      const outcomes: LetterOutcome[] = [];
      // One after another: each may be as large as a request may be.
      for (const id of ids.slice(0, DEAD_LETTER_LIMITS.idsAtOnce)) {
        outcomes.push(
          await one(id, async (letter) => {
            if (letter.reason.startsWith(PARTIAL)) return { id, outcome: "kept", reason: "the rest of the record has landed; replaying it would store that twice" };
            const refused = await append(bus, letter);
            await mark(id, "now64(3, 'UTC') AS replayed_at");
            return refused === null ? { id, outcome: "replayed" } : { id, outcome: "again", reason: refused };
          }),
        );
      }
      return outcomes;
    },
    async drop(ids) {
      const outcomes: LetterOutcome[] = [];
      for (const id of ids.slice(0, DEAD_LETTER_LIMITS.idsAtOnce)) {
        outcomes.push(
          await one(id, async () => {
            await mark(id, "true AS dropped");
            return { id, outcome: "dropped" };
          }),
        );
      }
      return outcomes;
    },
  };
}

/** How the writer begins the reason of a record of which only some spans or log records were refused. */
const PARTIAL = "partial:";

/** The body is kept in base64, because rows go in as JSON, which takes text only. */
const SUMMARY = `id, toUnixTimestamp64Milli(at) AS atMs, topic, partition, offset, signal, reason, length(tryBase64Decode(body)) AS bytes, lower(hex(substring(tryBase64Decode(body), 1, ${DEAD_LETTER_LIMITS.headBytes}))) AS head, toUnixTimestamp64Milli(replayed_at) AS replayedAtMs, dropped`;

/** Null when it was taken, the reason when it was refused for good; throws what may pass later. */
async function append(bus: Pick<Bus, "append">, { signal, body, key }: Letter): Promise<string | null> {
  const to = signal === "logs" ? TOPICS.logs : TOPICS.traces;
  try {
    await bus.append(to, [{ value: Buffer.from(body, "base64"), ...(key === "" ? {} : { key }) }]);
    return null;
  } catch (error) {
    if (error instanceof FirstfixError && !error.retryable) return error.message;
    throw error;
  }
}
