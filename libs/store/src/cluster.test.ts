import { nextBatchId } from "@firstfix/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clusterStatements } from "./cluster.ts";
import { migrationNames, splitStatements } from "./migrate.ts";
import { literal, select } from "./sql.ts";
import { sqlFile } from "./template.ts";
import { temporaryStore } from "./testing/store.ts";

const ALL = migrationNames().flatMap((name) => splitStatements(sqlFile(name)));
let temporary: Awaited<ReturnType<typeof temporaryStore>>;

beforeAll(async () => {
  temporary = await temporaryStore();
});
afterAll(() => temporary.dispose());

describe("clusterStatements", () => {
  it("makes of every statement some that the engine can parse and that name the cluster", async () => {
    for (const statement of ALL.flatMap((one) => clusterStatements(one, "main"))) {
      const [row] = await select<{ text: string }>(temporary.store.background, `SELECT formatQuerySingleLine(${literal(statement)}) AS text`);
      expect(row?.text).toMatch(/^(CREATE (TABLE|MATERIALIZED VIEW) IF NOT EXISTS|ALTER TABLE) \w+ ON CLUSTER main /);
    }
  });

  it("replicates what holds rows, and spreads a batch to one shard", () => {
    const made = clusterStatements(ALL.find((one) => one.startsWith("CREATE TABLE IF NOT EXISTS spans ")) ?? "", "main");
    expect(made).toHaveLength(2);
    expect(made[0]).toContain("ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')");
    expect(made[0]).toContain("SETTINGS replicated_deduplication_window = 20000, replicated_deduplication_window_seconds = 604800, ttl_only_drop_parts = 1");
    expect(made[0]).not.toContain("non_replicated");
    expect(made[1]).toBe("CREATE TABLE IF NOT EXISTS spans ON CLUSTER main AS spans_local ENGINE = Distributed(main, currentDatabase(), spans_local, cityHash64(batch_id))");
  });

  it("keeps rows that are merged by their key on one shard", () => {
    const keys = ALL.filter((one) => one.startsWith("CREATE TABLE")).map((one) => /Distributed\(.*\)$/.exec(clusterStatements(one, "c")[1] ?? "")?.[0]);
    expect(keys).toContain("Distributed(c, currentDatabase(), journal_local, cityHash64(subject, entry_id))");
    expect(keys).toContain("Distributed(c, currentDatabase(), dead_letters_local, cityHash64(id))");
  });

  // No cluster can be had here: the local half runs, without its replicas.
  it("runs the local half: views fill local tables from local tables", async () => {
    const client = temporary.store.background;
    for (const statement of ALL.map((one) => clusterStatements(one, "main")[0] ?? "")) {
      const alone = statement.replace(" ON CLUSTER main", "").replace(/Replicated(\w*MergeTree)\('[^']*', '[^']*'\)/, "$1").replace(/replicated_deduplication_window = (\d+), replicated_deduplication_window_seconds = \d+/, "non_replicated_deduplication_window = $1");
      await client.command({ query: alone.replace(/^CREATE MATERIALIZED VIEW IF NOT EXISTS \w+/, "$&_of_a_shard") });
    }
    await client.command({ query: `INSERT INTO spans_local (batch_id, start_time, trace_id, span_id, service, revision, name) VALUES (${nextBatchId()}, now64(9), unhex('${"a1".repeat(16)}'), unhex('${"b2".repeat(8)}'), 'shop', 'r1', 'GET /')` });
    const counts = "(SELECT sum(spans) FROM exposure_local) AS exposure, (SELECT sum(spans) FROM deployments_local) AS deployments, (SELECT sum(spans) FROM traces_local) AS traces, (SELECT count() FROM exposure) AS elsewhere";
    expect(await select(client, `SELECT ${counts}`)).toEqual([{ exposure: 1, deployments: 1, traces: 1, elsewhere: 0 }]);
  });

  it("changes the columns of both tables, and the indexes of the one that has them", () => {
    expect(clusterStatements("ALTER TABLE spans ADD COLUMN IF NOT EXISTS x String", "c")).toEqual(["ALTER TABLE spans_local ON CLUSTER c ADD COLUMN IF NOT EXISTS x String", "ALTER TABLE spans ON CLUSTER c ADD COLUMN IF NOT EXISTS x String"]);
    expect(clusterStatements("ALTER TABLE spans DROP INDEX IF EXISTS i", "c")).toEqual(["ALTER TABLE spans_local ON CLUSTER c DROP INDEX IF EXISTS i"]);
    expect(() => clusterStatements("RENAME TABLE a TO b", "c")).toThrow("no cluster form");
    expect(() => clusterStatements("DROP TABLE IF EXISTS a", "c; DROP")).toThrow("no name");
  });
});
