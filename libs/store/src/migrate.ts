import { readdirSync } from "node:fs";
import type { ClickHouseClient } from "@clickhouse/client";
import { FirstfixError, messageOf, sha256 } from "@firstfix/kit";
import { clusterStatements } from "./cluster.ts";
import { insertRows, select } from "./sql.ts";
import { sqlFile } from "./template.ts";

const MIGRATIONS = "CREATE TABLE IF NOT EXISTS migrations (name String, hash String, at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')) ENGINE = ReplacingMergeTree ORDER BY name";

/** Files sql/NNN_name.sql in order. */
export function migrationNames(): string[] {
  return readdirSync(new URL("../sql/", import.meta.url)).filter((name) => /^\d{3}_\w+\.sql$/.test(name)).sort();
}

/**
 * Brings the schema up to date. Every statement of a migration can be run again (CREATE … IF NOT EXISTS and the like;
 * a test holds it), so a migration that was cut short is simply run again from its start; a finished one is recorded
 * and never run again. One that was changed after it ran is refused, because the tables would not match the file.
 * No migration modifies a view's query: until the engine is started anew, the view's rows then have other deduplication
 * tokens than afterwards, so a batch that is tried again over a restart would be there twice (the faults suite found it).
 * With the name of a cluster the tables are replicated and distributed over it (cluster.ts).
 */
export async function migrate(client: ClickHouseClient, cluster = ""): Promise<void> {
  const forms = (statement: string): string[] => (cluster === "" ? [statement] : clusterStatements(statement, cluster));
  // Looked for first: on a cluster even a statement that changes nothing waits for replicas that are down.
  const [begun] = await select<{ result: number }>(client, "EXISTS TABLE migrations");
  if (begun?.result !== 1) for (const statement of forms(MIGRATIONS)) await client.command({ query: statement });
  const done = new Map((await select<{ name: string; hash: string }>(client, "SELECT name, hash FROM migrations FINAL")).map(({ name, hash }) => [name, hash]));
  for (const name of migrationNames()) {
    const statements = splitStatements(sqlFile(name));
    const hash = sha256(statements.join(";\n"));
    const before = done.get(name);
    if (before === hash) continue;
    if (before !== undefined)
      throw new FirstfixError("store.unavailable", `Migration ${name} was changed after it ran on this store.`, { hint: "Put the change into a new migration, or start with an empty data directory." });
    for (const statement of statements.flatMap(forms)) await run(client, name, statement);
    await insertRows(client, "migrations", [{ name, hash }]);
  }
}

async function run(client: ClickHouseClient, name: string, statement: string): Promise<void> {
  try {
    await client.command({ query: statement });
  } catch (cause) {
    throw new FirstfixError("store.unavailable", `Migration ${name} failed at "${statement.slice(0, 60).replace(/\s+/g, " ")}…": ${messageOf(cause)}`, { cause });
  }
}

/**
 * Statements of a file, split at each `;` that stands outside quotes and comments.
 *   quoted = ' … ' | " … " | ` … `   with \x or a doubled quote inside;   comment = -- … end of line | / * … * /
 */
export function splitStatements(sql: string): string[] {
  const token = /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`(?:[^`\\]|\\[\s\S]|``)*`|--[^\n]*|\/\*[\s\S]*?\*\/|;|[^'"`;/-]+|[\s\S]/g;
  const statements: string[] = [];
  let current = "";
  for (const [text] of sql.matchAll(token)) {
    if (text === ";") {
      statements.push(current);
      current = "";
    } else current += text;
  }
  return [...statements, current].map((one) => one.trim()).filter((one) => one !== "");
}
