import { newId, nextBatchId } from "@firstfix/kit";
import { describe, expect, it } from "vitest";
import type { JournalEntry, Store } from "./api.ts";
import type { StoreCase } from "./conformance-case.ts";
import { insertRows, literal, select } from "./sql.ts";
import { span, traces } from "./testing/otlp.ts";

/** The journal, statements and their errors, and lanes. */
export function conformsInRows({ store, number }: StoreCase): void {
  const entry = (subject: string, data: unknown, more: Partial<JournalEntry> = {}): JournalEntry => ({ entryId: newId("jrn"), at: Date.now(), kind: "fix.progress", subject, actor: "person:o'hara", data, ...more });

  describe("the journal", () => {
    it("gives back entries as they were, in order, once each", async () => {
      const subject = `it's "${number()}" 漢\\`;
      const data = { text: "a'b\"c\\d\n漢🙂", list: [1, 0.1, null, true, { deep: "" }] };
      const entries = [entry(subject, data), entry(subject, {}, { kind: "incident.opened" }), entry(subject, [])];
      await store().journal.append([entries[2] as JournalEntry, entries[0] as JournalEntry]);
      for (let times = 0; times < 2; times += 1) await store().journal.append(entries);
      expect(await store().journal.read({ subject })).toEqual(entries);
    });

    it("reads by subject, by kind and after an entry", async () => {
      const subject = `subject-${number()}`;
      const entries = [entry(subject, 1, { kind: `kind-${subject}` }), entry(subject, 2), entry(`${subject}-other`, 3, { kind: `kind-${subject}` })];
      await store().journal.append(entries);
      const [first, second, third] = entries.map(({ entryId }) => entryId);
      const ids = async (filter: Parameters<Store["journal"]["read"]>[0]): Promise<string[]> => (await store().journal.read(filter)).map(({ entryId }) => entryId);
      expect(await ids({ subject })).toEqual([first, second]);
      expect(await ids({ kinds: [`kind-${subject}`] })).toEqual([first, third]);
      expect(await ids({ kinds: [] })).toEqual([]);
      expect(await ids({ after: first ?? "" })).toEqual([second, third]);
      expect(await ids({ after: first ?? "", subject })).toEqual([second]);
    });
  });

  describe("rows", () => {
    it("keep long integers, times, quotes and line ends", async () => {
      const stage = `it's\n\\ "quoted"; 漢 ${number()}`;
      const rows = [
        { stage, batch_id: 7, done_at: new Date(1_790_000_000_123) },
        { stage, batch_id: 2n ** 63n + 3n, done_at: new Date(1_790_000_000_456) },
      ];
      await insertRows(store().background, "batch_progress", rows);
      expect(await select(store().background, `SELECT stage, batch_id, toUnixTimestamp64Milli(done_at) AS ms FROM batch_progress WHERE stage = ${literal(stage)} ORDER BY batch_id`)).toEqual([
        { stage, batch_id: 7, ms: 1_790_000_000_123 },
        { stage, batch_id: 2n ** 63n + 3n, ms: 1_790_000_000_456 },
      ]);
    });

    it("are refused under names that are no names, and in columns that do not exist", async () => {
      await expect(insertRows(store().background, "spans; DROP TABLE spans", [{ a: 1 }])).rejects.toMatchObject({ code: "bad_request" });
      await expect(insertRows(store().background, "batch_progress", [{ "a) --": 1 }])).rejects.toMatchObject({ code: "bad_request" });
      await expect(insertRows(store().background, "batch_progress", [{ stage: "x", batch_id: 1, other: 1 }])).rejects.toThrow(/other/);
      await expect(insertRows(store().background, "batch_progress", [])).resolves.toBeUndefined();
    });

    it("come as they are when there are many", async () => {
      const rows = await select<{ n: number; text: string }>(store().interactive, "SELECT number AS n, repeat('é', 20) AS text FROM numbers(100000) ORDER BY n");
      expect(rows).toHaveLength(100_000);
      expect(rows.at(-1)).toEqual({ n: 99_999, text: "é".repeat(20) });
    });
  });

  describe("a statement", () => {
    it("at fault is told in the engine's words, also when it fails halfway", async () => {
      await expect(select(store().interactive, "SELECT * FROM no_such_table")).rejects.toMatchObject({ type: "UNKNOWN_TABLE" });
      await expect(select(store().interactive, "SELEC 1")).rejects.toMatchObject({ type: "SYNTAX_ERROR" });
      const halfway = select(store().interactive, "SELECT number, throwIf(number = 1000000) FROM numbers(2000000)");
      // Asked before the other fails: nothing that it had written may stand in this answer.
      const after = select(store().interactive, "SELECT 1 AS one");
      await expect(halfway).rejects.toMatchObject({ type: "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO" });
      expect((await after).length).toBe(1);
      expect(await select(store().interactive, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    });

    it("that takes too long or too much may be tried again", async () => {
      const tooLong = "SELECT sum(sipHash64(number)) AS n FROM numbers(1000000000000) SETTINGS max_execution_time = 0.5";
      await expect(select(store().interactive, tooLong)).rejects.toMatchObject({ code: "store.unavailable", retryable: true, message: expect.stringContaining("imeout") as string });
      const tooMuch = "SELECT groupArray(number) AS n FROM numbers(10000000) SETTINGS max_memory_usage = 10000000";
      await expect(select(store().interactive, tooMuch)).rejects.toMatchObject({ code: "store.unavailable", retryable: true, hint: expect.stringContaining("memory") as string });
      expect(await select(store().interactive, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    });

    it("of one lane waits for none of another", async () => {
      let slowDone = false;
      const slow = select(store().background, "SELECT sleep(3)").then(() => (slowDone = true));
      await select(store().interactive, "SELECT 1");
      await store().insertBatch({ id: nextBatchId(), signal: "traces", body: traces({ "service.name": `lane-${number()}` }, span()) });
      expect(slowDone).toBe(false);
      await slow;
    });
  });
}
