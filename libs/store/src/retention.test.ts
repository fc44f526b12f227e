import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStore } from "./open.ts";
import { applyRetention } from "./retention.ts";
import { insertRows, select } from "./sql.ts";
import { temporaryStore } from "./testing/store.ts";

const DAY_MS = 86_400_000;
const ALL = { spansDays: 7, logsDays: 14, findingsDays: 100 };
const TABLES = ["spans", "traces", "exceptions", "logs", "exposure", "errors", "check_exposure", "violations", "finding_counts"];
let temporary: Awaited<ReturnType<typeof temporaryStore>>;

beforeAll(async () => {
  temporary = await temporaryStore();
});
afterAll(() => temporary.dispose());

describe("retention", () => {
  it("changes the tables that differ, once", async () => {
    const client = temporary.store.background;
    expect(await applyRetention(client, { spansDays: 30, logsDays: 30, findingsDays: 400 })).toEqual([]);
    expect(await applyRetention(client, ALL)).toEqual(TABLES);
    expect(await applyRetention(client, ALL)).toEqual([]);
    expect(await applyRetention(client, { logsDays: 15 })).toEqual(["logs"]);
    expect(await applyRetention(client, {})).toEqual([]);
  });

  it("drops what is older, of the parts that were there already too", async () => {
    const client = temporary.store.background;
    await applyRetention(client, { findingsDays: 400 });
    const error = (id: string, days: number): object => ({ error_id: id, group_id: "g", time: new Date(Date.now() - days * DAY_MS) });
    await insertRows(client, "errors", [error("old", 300), error("new", 0)]);
    await applyRetention(client, { findingsDays: 100 });
    const names = async (): Promise<string[]> => (await select<{ error_id: string }>(client, "SELECT error_id FROM errors ORDER BY error_id")).map((row) => row.error_id);
    await client.command({ query: "OPTIMIZE TABLE errors FINAL" });
    await expect.poll(names, { timeout: 10_000 }).toEqual(["new"]);
  });

  it("takes effect when a store is opened", async () => {
    await temporary.store.close();
    temporary.store = await openStore({ path: temporary.path, retention: { spansDays: 3 } });
    const rows = await select<{ engine_full: string }>(temporary.store.background, "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = 'spans'");
    expect(rows[0]?.engine_full).toContain("toIntervalDay(3)");
  });
});
