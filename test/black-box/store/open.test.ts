import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { FirstfixError } from "@firstfix/kit";
import { openStore, select, storeDoctor } from "@firstfix/store";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startClickHouseFront, type ClickHouseFront } from "../../harness/clickhouse.ts";
import { freePort } from "../../harness/ports.ts";
import { failure, newBatch, stored } from "./fixture.ts";

const SECRET = "s3cr3t/&é";
let folder: string;
let front: ClickHouseFront;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firstfix-front-"));
  front = await startClickHouseFront({ folder, password: SECRET });
});
afterAll(async () => {
  await front.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("opening a server", () => {
  it("makes the database of the address, and finds it the next time", async () => {
    for (let times = 0; times < 2; times += 1) {
      const store = await openStore({ url: front.url.replace("/firstfix", "/made_new") });
      expect(await select(store.interactive, "SELECT currentDatabase() AS name")).toEqual([{ name: "made_new" }]);
      await store.close();
    }
  });

  it("by several processes at once makes one schema", async () => {
    const stores = await Promise.all([1, 2, 3].map(() => openStore({ url: front.url.replace("/firstfix", "/raced") })));
    const [first] = stores;
    if (first === undefined) throw new Error("There are three.");
    const { service, batch } = newBatch();
    // As the writer does: the engine's cache of formats refuses one of two that fill it at once, and says that it may be tried again.
    await Promise.all(stores.map((store) => insist(() => store.insertBatch(batch))));
    expect(await stored(first, service)).toEqual({ spans: 3, rolledUp: 3 });
    await Promise.all(stores.map((store) => store.close()));
  });

  it("bounds each lane's statements", async () => {
    const store = await openStore({ url: front.url });
    const bound = async (lane: typeof store.ingest): Promise<unknown> => (await select(lane, "SELECT toFloat64(getSetting('max_execution_time')) AS seconds"))[0];
    expect(await Promise.all([store.ingest, store.background, store.interactive].map(bound))).toEqual([{ seconds: 55 }, { seconds: 600 }, { seconds: 30 }]);
    await store.close();
  });

  it("speaks compressed when the address says so", async () => {
    const store = await openStore({ url: `${front.url}?compression_request=1&compression_response=1` });
    const { service, batch } = newBatch();
    await store.insertBatch(batch);
    expect(await stored(store, service)).toEqual({ spans: 3, rolledUp: 3 });
    expect(await select(store.interactive, "SELECT count() AS n, repeat('é', 100000) AS text FROM numbers(3)")).toEqual([{ n: 3, text: "é".repeat(100_000) }]);
    await store.close();
  });

  it("tells a wrong password, a wrong address and a user that may only read as faults of the configuration, without the secret", async () => {
    const addresses = [
      front.url.replace(encodeURIComponent(SECRET), `${encodeURIComponent(SECRET)}wrong`),
      `http://default:${encodeURIComponent(SECRET)}@:::`,
      `ftp://default:${encodeURIComponent(SECRET)}@127.0.0.1/x`,
      front.url.replace("/firstfix", "/no.database"),
      `${front.url}?no_such_parameter=1`,
    ];
    for (const url of addresses) {
      const { error } = await failure(openStore({ url }));
      expect(error).toMatchObject({ code: "config.invalid", retryable: false, hint: expect.any(String) as string });
      for (const secret of [SECRET, encodeURIComponent(SECRET)]) expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret);
    }
  });

  it("tells a server that is away as one that may come", async () => {
    const { error, tookMs } = await failure(openStore({ url: `http://default:${encodeURIComponent(SECRET)}@127.0.0.1:${await freePort()}/firstfix` }));
    expect(error).toMatchObject({ code: "store.unavailable", retryable: true, message: expect.stringContaining("ECONNREFUSED") as string, hint: expect.stringContaining("reachable") as string });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(encodeURIComponent(SECRET));
    expect(tookMs).toBeLessThan(5000);
  });
});

describe("the rights of the user", () => {
  const NEEDED = ["SELECT", "INSERT", "ALTER", "CREATE TABLE", "CREATE VIEW", "DROP TABLE", "TRUNCATE"];
  const restart = async (grants?: readonly string[]): Promise<void> => {
    await front.stop();
    await front.start(grants === undefined ? {} : { grants });
  };
  afterEach(() => restart());

  it("that are asked for are enough, in a database that somebody made", async () => {
    await (await openStore({ url: front.url.replace("/firstfix", "/granted") })).close();
    await restart();
    const owner = await openStore({ url: front.url.replace("/firstfix", "/other") });
    await owner.background.command({ query: "DROP DATABASE granted" });
    await owner.background.command({ query: "CREATE DATABASE granted" });
    await owner.close();
    await restart(NEEDED.map((right) => `${right} ON granted.*`));
    const url = front.url.replace("/firstfix", "/granted");
    expect((await storeDoctor({ url })).filter(({ state }) => state === "problem")).toEqual([]);
    const store = await openStore({ url });
    const { service, batch } = newBatch();
    await store.insertBatch(batch);
    expect(await stored(store, service)).toEqual({ spans: 3, rolledUp: 3 });
    await store.background.command({ query: "TRUNCATE TABLE spans" });
    // Taken away while it is open: somebody may give it back.
    await restart(["SELECT ON granted.*"]);
    expect((await failure(store.insertBatch(newBatch().batch))).error).toMatchObject({ code: "store.unavailable", retryable: true, hint: expect.stringContaining("Grant the user") as string });
    await store.close();
  });

  it("that are missing are named, at the start and by the doctor", async () => {
    await restart(["SELECT ON *.*"]);
    const url = front.url.replace("/firstfix", "/never_made");
    expect((await failure(openStore({ url }))).error).toMatchObject({ code: "config.invalid", message: expect.stringContaining("CREATE DATABASE") as string, hint: expect.stringContaining("Grant the user") as string });
    expect(await storeDoctor({ url: front.url })).toContainEqual({ state: "problem", what: expect.stringContaining("lacks INSERT, ALTER, CREATE TABLE") as string, hint: expect.stringContaining("GRANT INSERT") as string });
  });
});

describe("storeDoctor", () => {
  const problems = async (url: string, cluster?: string): Promise<string[]> => (await storeDoctor({ url, ...(cluster === undefined ? {} : { cluster }) })).filter(({ state }) => state === "problem").map(({ what, hint }) => `${what} | ${hint}`);

  it("finds all well, and says what it looked at", async () => {
    await (await openStore({ url: front.url })).close();
    const found = await storeDoctor({ url: front.url });
    expect(found.filter(({ state }) => state === "problem")).toEqual([]);
    const text = found.map(({ what }) => what).join("\n");
    for (const word of [/ClickHouse \d+\.\d+/, /clocks/, /database firstfix with all its tables/, /may do all/, /GiB free/]) expect(text).toMatch(word);
    expect(text).not.toContain(SECRET);
  });

  it("names a missing database, a cluster that is not there, a wrong password, and a server that is away", async () => {
    const missing = await storeDoctor({ url: front.url.replace("/firstfix", "/not_yet") });
    expect(missing).toContainEqual({ state: "warning", what: expect.stringContaining("not_yet") as string, hint: expect.stringContaining("CREATE DATABASE") as string });
    expect(await problems(front.url, "nowhere")).toEqual([expect.stringMatching(/no cluster nowhere/)]);
    expect(await problems(front.url.replace(encodeURIComponent(SECRET), "wrong"))).toEqual([expect.stringMatching(/Authentication failed.*password in store.url/)]);
    expect(await problems(`http://127.0.0.1:${await freePort()}/x`)).toEqual([expect.stringMatching(/ECONNREFUSED.*reachable/)]);
    expect(await problems("no address")).toEqual([expect.stringMatching(/no address.*http:\/\//)]);
  });

  it("names a user that may only read", async () => {
    await front.stop();
    await front.start({ settings: { readonly: "1" } });
    expect(await problems(front.url)).toContainEqual(expect.stringMatching(/only read/));
    expect((await failure(openStore({ url: front.url }))).error).toMatchObject({ code: "config.invalid", hint: expect.stringContaining("may only read") as string });
  });
});

const TRIES_MAX = 5;

async function insist<T>(task: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await task();
    } catch (error) {
      if (tries === TRIES_MAX || !(error instanceof FirstfixError) || !error.retryable) throw error;
    }
  }
}
