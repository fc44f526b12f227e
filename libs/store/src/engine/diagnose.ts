import { ClickHouseLogLevel, createClient, type ClickHouseClient } from "@clickhouse/client";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { openError } from "../errors.ts";
import { migrationNames } from "../migrate.ts";
import { literal, select } from "../sql.ts";
import { serverAddress, withDatabase, type ServerAddress } from "./address.ts";
import { isRecent, missingRights, SERVER_VERSION_MIN } from "./check.ts";

/** A problem keeps Firstfix from working with the store; a warning does not yet. */
export interface Diagnosis {
  readonly state: "ok" | "warning" | "problem";
  readonly what: string;
  readonly hint?: string;
}

const ANSWER_MS = 5000;
/** Windows for late records and for retries are times: beyond this they are not what was configured. */
const CLOCK_MS_MAX = 5000;
const FREE_BYTES_MIN = 10 * 1024 ** 3;

/** Looks at the server of an address and changes nothing. Never throws; what it cannot look at is a problem that it names. */
export async function storeDoctor({ url, cluster = "" }: { readonly url: string; readonly cluster?: string }): Promise<Diagnosis[]> {
  let address: ServerAddress;
  try {
    address = serverAddress(url);
  } catch (error) {
    return [problemOf(error)];
  }
  const found: Diagnosis[] = [];
  let client: ClickHouseClient | null = null;
  try {
    client = createClient({ url: withDatabase(url, "default"), request_timeout: ANSWER_MS, log: { level: ClickHouseLogLevel.OFF } });
    for (const look of [server, database, rights, disks]) found.push(...(await look(client, address)));
    if (cluster !== "") found.push(await knowsCluster(client, cluster));
  } catch (error) {
    found.push(problemOf(openError(address.shown, error)));
  } finally {
    await client?.close();
  }
  return found;
}

async function server(client: ClickHouseClient, { shown }: ServerAddress): Promise<Diagnosis[]> {
  const start = Date.now();
  const [facts] = await select<{ version: string; now: number; readonly: string }>(client, "SELECT version() AS version, toUnixTimestamp64Milli(now64(3)) AS now, toString(getSetting('readonly')) AS readonly");
  const end = Date.now();
  if (facts === undefined) return [problem(`${shown} gave an empty answer`, "Is it a ClickHouse server?")];
  const off = facts.now < start ? start - facts.now : Math.max(0, facts.now - end);
  return [
    isRecent(facts.version) ? ok(`ClickHouse ${facts.version} at ${shown}`) : problem(`ClickHouse ${facts.version} at ${shown} is too old`, `Upgrade it to ${SERVER_VERSION_MIN} or newer.`),
    off <= CLOCK_MS_MAX ? ok("the clocks of server and machine agree") : warning(`the clocks of server and machine differ by ${(off / 1000).toFixed(1)} s`, "Let both follow a time server."),
    ...(facts.readonly === "0" ? [] : [problem("the user of store.url may only read", "Give it a profile without `readonly`.")]),
  ];
}

async function database(client: ClickHouseClient, { database: name }: ServerAddress): Promise<Diagnosis[]> {
  const databases = await select(client, `SELECT name FROM system.databases WHERE name = ${literal(name)}`);
  if (databases.length === 0) return [warning(`database ${name} is not there yet, or hidden from this user`, `It is made at the first start; a user who may not: CREATE DATABASE ${name}.`)];
  const tables = await select(client, `SELECT name FROM system.tables WHERE database = ${literal(name)} AND name = 'migrations'`);
  const done = tables.length === 0 ? [] : await select<{ name: string }>(client, `SELECT DISTINCT name FROM ${name}.migrations`);
  const names = new Set(done.map((one) => one.name));
  const missing = migrationNames().filter((one) => !names.has(one));
  if (missing.length > 0) return [ok(`database ${name}`), warning(`${missing.length} of ${migrationNames().length} migrations are still to run`, "They run at the next start.")];
  return [ok(`database ${name} with all its tables`)];
}

async function rights(client: ClickHouseClient, { database: name }: ServerAddress): Promise<Diagnosis[]> {
  const missing = await missingRights(client, name);
  if (missing.length === 0) return [ok(`the user may do all it has to in ${name}`)];
  return [problem(`the user of store.url lacks ${missing.join(", ")} on ${name}`, `GRANT ${missing.join(", ")} ON ${name}.* TO the user.`)];
}

async function disks(client: ClickHouseClient): Promise<Diagnosis[]> {
  const rows = await select<{ name: string; free: number; keep: number }>(client, "SELECT name, toFloat64(unreserved_space) AS free, toFloat64(keep_free_space) AS keep FROM system.disks WHERE NOT is_remote ORDER BY name");
  return rows.map(({ name, free, keep }) => {
    const gib = `${(Math.max(0, free - keep) / 1024 ** 3).toFixed(1)} GiB`;
    return free - keep < FREE_BYTES_MIN ? warning(`disk ${name} of the server has ${gib} free`, "Make room, or keep data for fewer days: when it is full nothing is stored and senders are told to wait.") : ok(`disk ${name} of the server has ${gib} free`);
  });
}

async function knowsCluster(client: ClickHouseClient, name: string): Promise<Diagnosis> {
  const rows = await select<{ shard: number; address: string; errors: number }>(client, `SELECT shard_num AS shard, concat(host_name, ':', toString(port)) AS address, errors_count AS errors FROM system.clusters WHERE cluster = ${literal(name)} ORDER BY shard_num, replica_num`);
  if (rows.length === 0) return problem(`the server knows no cluster ${name}`, "SELECT cluster FROM system.clusters shows those it knows; set store.cluster.");
  const failing = rows.filter(({ errors }) => errors > 0).map(({ address }) => address);
  const size = `cluster ${name}: ${new Set(rows.map(({ shard }) => shard)).size} shards, ${rows.length} replicas`;
  return failing.length === 0 ? ok(size) : warning(`${size}; the server cannot reach ${failing.join(", ")}`, "Are those replicas running?");
}

function ok(what: string): Diagnosis {
  return { state: "ok", what };
}

function warning(what: string, hint: string): Diagnosis {
  return { state: "warning", what, hint };
}

function problem(what: string, hint: string): Diagnosis {
  return { state: "problem", what, hint };
}

function problemOf(error: unknown): Diagnosis {
  const hint = error instanceof FirstfixError ? error.hint : undefined;
  return { state: "problem", what: messageOf(error), ...(hint === undefined ? {} : { hint }) };
}
