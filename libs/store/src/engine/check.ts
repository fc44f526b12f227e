import { text } from "node:stream/consumers";
import type { ClickHouseClient } from "@clickhouse/client";
import { FirstfixError } from "@firstfix/kit";
import { select } from "../sql.ts";

/**
 * The oldest server that is taken. The statements need schemas as text (25.6), oneof presence in Protobuf (25.9) and
 * deduplicate_insert_select (25.12); with 26.2 deduplication through views took the form that the tests rely on. The
 * engine's own system.settings_changes tells of all of these.
 */
export const SERVER_VERSION_MIN = "26.2";

/** What the user of store.url must be allowed to do in its database. */
export const RIGHTS = ["SELECT", "INSERT", "ALTER", "CREATE TABLE", "CREATE VIEW", "DROP TABLE", "TRUNCATE"] as const;

/** Whether a server of this version will do. */
export function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = SERVER_VERSION_MIN.split(".").map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** Throws config.invalid for a server that is too old or a user that may only read. */
export async function checkServer(client: ClickHouseClient): Promise<void> {
  const [found] = await select<{ version: string; readonly: string | number }>(client, "SELECT version() AS version, toString(getSetting('readonly')) AS readonly");
  const version = found?.version ?? "";
  if (!isRecent(version)) throw new FirstfixError("config.invalid", `ClickHouse ${version} is too old.`, { hint: `Upgrade it to ${SERVER_VERSION_MIN} or newer (26.3 is the oldest long-term release that will do).` });
  if (found?.readonly !== "0") throw new FirstfixError("config.invalid", "The user of store.url may only read.", { hint: "Give it a profile without `readonly`." });
}

/** Rights that the user lacks. */
export async function missingRights(client: ClickHouseClient, database: string): Promise<string[]> {
  const missing: string[] = [];
  for (const right of RIGHTS) {
    // It takes no FORMAT, which a query would be given.
    const { stream } = await client.exec({ query: `CHECK GRANT ${right} ON ${database}.*` });
    if ((await text(stream)).trim() !== "1") missing.push(right);
  }
  return missing;
}

/** Makes the database where it is missing. A user who may not make one can use one that is there. */
export async function makeDatabase(client: ClickHouseClient, database: string, cluster: string): Promise<void> {
  const found = await select<{ name: string }>(client, `SELECT name FROM system.databases WHERE name = '${database}'`);
  // Also on a cluster: a statement for all of it waits minutes for a replica that is down, and nobody could start.
  if (found.length > 0) return;
  await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}${cluster === "" ? "" : ` ON CLUSTER ${cluster}`}` });
}
