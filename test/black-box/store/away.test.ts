import { readdir, truncate } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { appendEvents, JournalTail, select } from "@firstfix/store";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Faults } from "../../harness/clickhouse.ts";
import { failure, newBatch, REQUEST_MS, startServerStore, stored, type ServerStore } from "./fixture.ts";

/** Beyond the request's own time a failure may take this much longer, on a busy machine. */
const GRACE_MS = 3000;
const AWAY = { code: "store.unavailable", retryable: true, message: expect.any(String) as string, hint: expect.stringContaining("reachable") as string };

let here: ServerStore;
beforeAll(async () => {
  here = await startServerStore({ keepAliveMs: 300 });
});
afterEach(() => here.front.faults({}));
afterAll(() => here.remove());

describe("a server that is away", () => {
  const ways: readonly (readonly [string, Faults])[] = [
    ["refuses connections", { refuse: true }],
    ["is behind a proxy that answers 503", { status: 503 }],
    ["is behind a proxy that answers 502", { status: 502 }],
    ["takes requests and does not answer", { hangMs: 60_000 }],
  ];
  it.each(ways)("%s: everything fails in bounded time, may be tried again, and works when it is back", async (_, fault) => {
    const { store, front } = here;
    const { service, batch } = newBatch();
    await front.faults(fault);
    const failures = await Promise.all([failure(store.insertBatch(batch)), failure(select(store.interactive, "SELECT 1")), failure(store.journal.read()), failure(store.completedRequests({ topic: "t", partition: 0 }, 0, 1))]);
    for (const { error, tookMs } of failures) {
      expect(error).toMatchObject(AWAY);
      expect(tookMs).toBeLessThan(REQUEST_MS + GRACE_MS);
    }
    await front.faults({});
    await store.insertBatch(batch);
    expect(await stored(store, service)).toEqual({ spans: 3, rolledUp: 3 });
  });

  it("lost the answer to an insert: the same batch again is stored once", async () => {
    const { store, front } = here;
    const { service, batch } = newBatch();
    await front.faults({ cutAnswers: true });
    expect((await failure(store.insertBatch(batch))).error).toMatchObject(AWAY);
    await front.faults({});
    // It had been carried out.
    expect(await stored(store, service)).toEqual({ spans: 3, rolledUp: 3 });
    await store.insertBatch(batch);
    expect(await stored(store, service)).toEqual({ spans: 3, rolledUp: 3 });
  });

  it("has half of the schema that came with inserts: it is sent another one, and no batch is refused for it", async () => {
    const { store, front, folder } = here;
    await store.insertBatch(newBatch().batch);
    await front.stop();
    const kept = (await readdir(folder, { recursive: true })).filter((name) => name.includes("__cache__") && name.endsWith(".proto"));
    expect(kept.length).toBeGreaterThan(0);
    for (const name of kept) await truncate(join(folder, name));
    await front.start();
    const { service, batch } = newBatch();
    expect((await failure(store.insertBatch(batch))).error).toMatchObject({ code: "store.unavailable", retryable: true, message: expect.stringContaining("Could not find a message") as string });
    await store.insertBatch(batch);
    expect(await stored(store, service)).toEqual({ spans: 3, rolledUp: 3 });
  });

  it("was killed amid inserts: what was acknowledged is there, and the same batches again are stored once", async () => {
    const { store, front } = here;
    const batches = Array.from({ length: 6 }, () => newBatch(2000));
    const outcomes = Promise.allSettled(batches.map(({ batch }) => store.insertBatch(batch)));
    await Promise.race([outcomes, sleep(250)]);
    await front.kill();
    const settled = await outcomes;
    for (const one of settled) if (one.status === "rejected") expect(one.reason).toMatchObject(AWAY);
    await front.start();
    for (const [index, { service }] of batches.entries()) if (settled[index]?.status === "fulfilled") expect(await stored(store, service)).toEqual({ spans: 2000, rolledUp: 2000 });
    for (const { batch } of batches) await store.insertBatch(batch);
    for (const { service } of batches) expect(await stored(store, service)).toEqual({ spans: 2000, rolledUp: 2000 });
  });

  it("is slow to insert: reads go on beside", async () => {
    const { store, front } = here;
    const { service, batch } = newBatch();
    await front.faults({ insertDelayMs: 1000 });
    let inserted = false;
    const insert = store.insertBatch(batch).then(() => (inserted = true));
    await select(store.interactive, "SELECT 1");
    expect(inserted).toBe(false);
    await insert;
    expect(await stored(store, service)).toEqual({ spans: 3, rolledUp: 3 });
  });

  it("closed the connections that were idle: the next statements do not notice", async () => {
    for (let times = 0; times < 3; times += 1) {
      await select(here.store.interactive, "SELECT 1");
      // Longer than the server keeps them, shorter than the client would.
      await sleep(900);
    }
  });

  it("is waited for by the journal's tail", async () => {
    const { store, front } = here;
    const errors: unknown[] = [];
    const tail = new JournalTail(store);
    tail.start({ pollMs: 30, onError: (error) => errors.push(error) });
    await appendEvents(store, "test", [{ event: { kind: "fix.progress", incidentId: "inc_1", says: "before" } }]);
    await until(() => tail.state.lastEntryId !== "");
    const before = tail.state.lastEntryId;
    await front.faults({ refuse: true });
    await until(() => errors.length > 3);
    expect(errors[0]).toMatchObject(AWAY);
    expect(tail.state.lastEntryId).toBe(before);
    await front.faults({});
    const [written] = await appendEvents(store, "test", [{ event: { kind: "fix.progress", incidentId: "inc_1", says: "after" } }]);
    await until(() => tail.state.lastEntryId === written?.entryId);
    await tail.close();
  });
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("It did not happen within 10 s.");
    await sleep(20);
  }
}
