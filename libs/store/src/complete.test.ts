import { nextBatchId } from "@firstfix/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CompletedBatch, Store } from "./api.ts";
import { select } from "./sql.ts";
import { temporaryStore } from "./testing/store.ts";

let store: Store;
let dispose: () => Promise<void>;
beforeAll(async () => {
  ({ store, dispose } = await temporaryStore());
});
afterAll(() => dispose());

const hash = (digit: string): string => digit.repeat(32);
const batch = (requests: readonly string[], more: Partial<CompletedBatch> = {}): CompletedBatch => ({
  id: nextBatchId(),
  signal: "traces",
  rows: 7,
  timeMinMs: 1_760_000_000_123,
  timeMaxMs: 1_760_000_001_001,
  topic: "t",
  partition: 2,
  offsetMin: 5n,
  offsetMax: 2n ** 53n + 1n,
  requests,
  ...more,
});

describe("completeBatch", () => {
  it("keeps where a batch came from, its times and its requests, newest last", async () => {
    const [first, second] = [batch([hash("a"), hash("b")]), batch([hash("c")])];
    for (const one of [first, second, first]) await store.completeBatch(one);
    await store.completeBatch(batch([hash("d")], { partition: 3 }));
    expect(await store.completedRequests({ topic: "t", partition: 2 }, Date.now() - 60_000, 10)).toEqual(expect.arrayContaining([hash("a"), hash("b"), hash("c")]));
    expect(await store.completedRequests({ topic: "t", partition: 2 }, Date.now() - 60_000, 1)).toEqual([hash("c")]);
    expect(await store.completedRequests({ topic: "t", partition: 2 }, Date.now() + 60_000, 10)).toEqual([]);
    const rows = await select(store.interactive, `SELECT batch_id, rows, toUnixTimestamp64Milli(time_min) AS first, toUnixTimestamp64Milli(time_max) AS last, offset_max FROM batches FINAL WHERE batch_id = ${first.id}`);
    expect(rows).toEqual([{ batch_id: first.id, rows: 7, first: first.timeMinMs, last: first.timeMaxMs, offset_max: first.offsetMax }]);
  });

  it("gives records without any time that of their batch", async () => {
    const one = batch([], { signal: "logs", timeMinMs: 0, timeMaxMs: 0 });
    await store.completeBatch(one);
    const rows = await select<{ first: number }>(store.interactive, `SELECT toUnixTimestamp64Milli(time_min) AS first FROM batches WHERE batch_id = ${one.id}`);
    expect(Math.abs((rows[0]?.first ?? 0) - Date.now())).toBeLessThan(60_000);
  });
});
