import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Store } from "./api.ts";
import { migrate, migrationNames, splitStatements } from "./migrate.ts";
import { select } from "./sql.ts";
import { sqlFile } from "./template.ts";
import { temporaryStore } from "./testing/store.ts";

let temporary: Awaited<ReturnType<typeof temporaryStore>>;
let store: Store;

beforeAll(async () => {
  temporary = await temporaryStore();
  store = temporary.store;
});
afterAll(() => temporary.dispose());

describe("migrations", () => {
  it("are numbered without gaps, and each of their statements can be run again", () => {
    expect(migrationNames().map((name) => Number(name.slice(0, 3)))).toEqual(migrationNames().map((_, index) => index + 1));
    const again = /^(CREATE (TABLE|MATERIALIZED VIEW|VIEW) IF NOT EXISTS|CREATE OR REPLACE|ALTER TABLE \w+ (ADD|DROP) (COLUMN|INDEX) IF (NOT )?EXISTS|ALTER TABLE \w+ MATERIALIZE INDEX \w+$|ALTER TABLE \w+ MODIFY TTL\s|DROP (TABLE|VIEW) IF EXISTS)\s?/;
    for (const name of migrationNames()) for (const statement of splitStatements(sqlFile(name))) expect(statement, name).toMatch(again);
  });

  it("are taken up again where one was cut short", async () => {
    await store.background.command({ query: "DROP TABLE violations" });
    await store.background.command({ query: "DELETE FROM migrations WHERE name = '002_findings.sql' SETTINGS mutations_sync = 2" });
    await migrate(store.background);
    expect(await select(store.background, "SELECT name FROM system.tables WHERE database = currentDatabase() AND name IN ('violations', 'errors') ORDER BY name")).toEqual([{ name: "errors" }, { name: "violations" }]);
    expect((await select<{ name: string }>(store.background, "SELECT name FROM migrations FINAL ORDER BY name")).map(({ name }) => name)).toEqual(migrationNames());
  });

  it("are refused when a file was changed after it ran", async () => {
    await store.background.command({ query: "ALTER TABLE migrations UPDATE hash = 'other' WHERE name = '002_findings.sql' SETTINGS mutations_sync = 2" });
    await expect(migrate(store.background)).rejects.toMatchObject({ code: "store.unavailable", message: expect.stringContaining("002_findings.sql was changed") as string });
  });
});

describe("splitStatements", () => {
  it("splits at a semicolon outside quotes and comments only", () => {
    const sql = "CREATE x -- one; two's\n(a); /* ; */ SELECT ';', 'it''s; \\'; ', `a;b`, \"c;\" - 1 / 2;;\n  ; ";
    expect(splitStatements(sql)).toEqual(["CREATE x -- one; two's\n(a)", "/* ; */ SELECT ';', 'it''s; \\'; ', `a;b`, \"c;\" - 1 / 2"]);
  });
});
