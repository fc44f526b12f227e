import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { select } from "@firstfix/store";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { failure, newBatch, startServerStore, stored, type ServerStore } from "./fixture.ts";

let here: ServerStore;
let changed = false;
beforeAll(async () => {
  here = await startServerStore();
});
afterEach(async () => {
  if (changed) await restart();
  changed = false;
});
afterAll(() => here.remove());

async function restart(options: Parameters<ServerStore["front"]["start"]>[0] = {}): Promise<void> {
  changed = true;
  await here.front.stop();
  await here.front.start(options);
}

/** Each of these is made to happen on the engine; the words are its own. */
describe("what a server says of an insert is retryable, with a hint, and the batch goes in later", () => {
  const tell = async (words: RegExp, hint: RegExp): Promise<void> => {
    const { batch } = newBatch();
    const { error } = await failure(here.store.insertBatch(batch));
    expect(error).toMatchObject({ code: "store.unavailable", retryable: true, message: expect.stringMatching(words) as string, hint: expect.stringMatching(hint) as string });
  };
  const goesIn = async (): Promise<void> => {
    const { service, batch } = newBatch();
    await here.store.insertBatch(batch);
    expect(await stored(here.store, service)).toEqual({ spans: 3, rolledUp: 3 });
  };

  it("disk full", async () => {
    const config = join(here.folder, "full.xml");
    await writeFile(config, "<clickhouse><storage_configuration><disks><default><keep_free_space_bytes>1000000000000000</keep_free_space_bytes></default></disks></storage_configuration></clickhouse>");
    await restart({ engineArgs: [`--config-file=${config}`] });
    await tell(/space/, /disk of the store is full/);
    await restart();
    await goesIn();
  });

  it("out of memory", async () => {
    await restart({ settings: { max_memory_usage: "3000000" } });
    const { batch } = newBatch(5000);
    expect((await failure(here.store.insertBatch(batch))).error).toMatchObject({ code: "store.unavailable", retryable: true, hint: expect.stringMatching(/memory/) as string });
    await restart();
    await goesIn();
  });

  it("too many parts", async () => {
    await goesIn();
    await here.store.background.command({ query: "ALTER TABLE spans MODIFY SETTING parts_to_throw_insert = 1, parts_to_delay_insert = 1" });
    await tell(/Too many parts/, /Merges do not keep up/);
    await here.store.background.command({ query: "ALTER TABLE spans RESET SETTING parts_to_throw_insert, parts_to_delay_insert" });
    await goesIn();
  });

  it("too many statements at once", async () => {
    await restart({ settings: { max_concurrent_queries_for_all_users: "1" } });
    const slow = select(here.store.background, "SELECT sleep(1.5)");
    await sleep(500);
    await tell(/Too many simultaneous/, /max_concurrent_queries/);
    await slow;
    await goesIn();
  });

  it("too slow", async () => {
    const { error } = await failure(select(here.store.interactive, "SELECT count() AS n FROM numbers(1000000000000) SETTINGS max_execution_time = 0.3"));
    expect(error).toMatchObject({ code: "store.unavailable", retryable: true, hint: expect.stringMatching(/too long/) as string });
  });

  it("a password that was changed, a user that may only read, a database that was dropped", async () => {
    await restart({ password: "changed" });
    await tell(/Authentication failed/, /password in store.url/);
    expect((await failure(here.store.journal.read())).error).toMatchObject({ code: "store.unavailable", hint: expect.stringMatching(/password/) as string });
    await restart({ settings: { readonly: "1" } });
    await tell(/readonly/, /readonly/);
    await restart();
    await here.store.background.command({ query: "RENAME DATABASE firstfix TO elsewhere" });
    await tell(/firstfix/, /Create the database/);
    await restart();
    await select(here.store.background, "SELECT 1").catch(() => {});
  });
});
