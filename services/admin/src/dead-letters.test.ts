import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TOPICS, type BusRecord } from "@firstfix/bus";
import { FirstfixError } from "@firstfix/kit";
import { insertRows, openStore, type Store } from "@firstfix/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DeadLetters } from "./api.ts";
import { createDeadLetters } from "./dead-letters.ts";

/** Bytes that are no text: they must come back as they went in. */
const BODY = Buffer.from([0xff, 0x00, 0xfe, 0x0a, 0x80]);
let folder: string;
let store: Store;
let letters: DeadLetters;
let appended: { readonly topic: string; readonly record: BusRecord }[];
let answer: Error | null;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firstfix-admin-"));
  store = await openStore({ path: folder });
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await store.background.command({ query: "TRUNCATE TABLE dead_letters" });
  appended = [];
  answer = null;
  letters = createDeadLetters(store, {
    append: async (topic, records) => {
      if (answer !== null) throw answer;
      appended.push(...records.map((record) => ({ topic, record })));
    },
  });
});

describe("dead letters", () => {
  it("are listed by id with what is needed to judge them, page by page", async () => {
    await write("dl_1", {});
    await write("dl_2", { signal: "logs", topic: TOPICS.logs });
    await write("dl_3", {});
    expect(await letters.list({ limit: 2 })).toMatchObject([
      { id: "dl_1", topic: TOPICS.traces, partition: 3, offset: 17, signal: "traces", reason: "cut short", bytes: BODY.byteLength, head: BODY.toString("hex"), replayedAtMs: null, dropped: false },
      { id: "dl_2" },
    ]);
    expect((await letters.list({ limit: 2, after: "dl_2" })).map(({ id }) => id)).toEqual(["dl_3"]);
    expect((await letters.list({ limit: 9, topic: TOPICS.logs })).map(({ id }) => id)).toEqual(["dl_2"]);
    expect(await letters.list({ limit: 9, sinceMs: Date.now() + 60_000 })).toEqual([]);
  });

  it("show their bytes as they came", async () => {
    await write("dl_1", {});
    expect(Buffer.from((await letters.get("dl_1")).body, "base64")).toEqual(BODY);
    await expect(letters.get("dl_0")).rejects.toMatchObject({ code: "not_found" });
  });

  it("go to their topic again without the mark of having been walked, and are settled then", async () => {
    await write("dl_1", { key: "ab" });
    await write("dl_2", { signal: "logs", topic: TOPICS.logs });
    expect(await letters.replay(["dl_1", "dl_2", "dl_0"])).toMatchObject([{ outcome: "replayed" }, { outcome: "replayed" }, { outcome: "missing" }]);
    expect(appended).toEqual([
      { topic: TOPICS.traces, record: { key: "ab", value: BODY } },
      { topic: TOPICS.logs, record: { value: BODY } },
    ]);
    expect(await letters.list({ limit: 9 })).toEqual([]);
    expect((await letters.list({ limit: 9, settled: true })).every(({ replayedAtMs }) => replayedAtMs !== null)).toBe(true);
    expect(Buffer.from((await letters.get("dl_1")).body, "base64")).toEqual(BODY);
  });

  it("stay while the bus or the store is away", async () => {
    await write("dl_1", {});
    answer = new FirstfixError("bus.unavailable", "no broker answers", { retryable: true });
    expect(await letters.replay(["dl_1"])).toEqual([{ id: "dl_1", outcome: "failed", reason: "no broker answers" }]);
    expect(await letters.list({ limit: 9 })).toHaveLength(1);
  });

  it("are settled when they are refused again, because that made a new letter", async () => {
    await write("dl_1", {});
    answer = new FirstfixError("store.rejected", "still cut short");
    expect(await letters.replay(["dl_1"])).toEqual([{ id: "dl_1", outcome: "again", reason: "still cut short" }]);
    expect(await letters.list({ limit: 9 })).toEqual([]);
  });

  it("are not replayed when part of them has landed", async () => {
    await write("dl_1", { reason: "partial: 1 of 3 spans has a trace id of 4 bytes" });
    expect(await letters.replay(["dl_1"])).toMatchObject([{ outcome: "kept" }]);
    expect(appended).toEqual([]);
    expect(await letters.list({ limit: 9 })).toHaveLength(1);
  });

  it("can be dropped", async () => {
    await write("dl_1", {});
    expect(await letters.drop(["dl_1"])).toEqual([{ id: "dl_1", outcome: "dropped" }]);
    expect(await letters.list({ limit: 9 })).toEqual([]);
    expect(await letters.list({ limit: 9, settled: true })).toMatchObject([{ id: "dl_1", dropped: true }]);
  });
});

function write(id: string, more: object): Promise<void> {
  const row = { id, topic: TOPICS.traces, partition: 3, offset: 17, signal: "traces", key: "", reason: "cut short", body: BODY.toString("base64") };
  return insertRows(store.background, "dead_letters", [{ ...row, ...more }]);
}
