import { createClient } from "@clickhouse/client";
import { messageOf, type Config } from "@firstfix/kit";
import { withoutPassword } from "../../../parts.ts";
import { says, type Finding } from "./finding.ts";

const say = says("store");
const REQUEST_MS = 5000;
/** Times of records are judged against the clock of whoever receives them. */
const CLOCK_MS_MAX = 5000;

interface Facts {
  readonly version: string;
  /** A server may write large numbers as text. */
  readonly nowMs: number | string;
}

/** The server of store.url: there, the right version, its clock, its cluster. Changes nothing. */
export async function checkStore({ store }: Pick<Config, "store">): Promise<Finding[]> {
  if (store.url === "") return store.cluster === "" ? [say.ok("embedded, in the data folder")] : [say.problem("store.cluster is set, but store.url is not: the embedded store has no cluster", "Set store.url to a server of the cluster, or remove store.cluster.")];
  if (!URL.canParse(store.url)) return [say.problem("store.url is not an address", "Write it as http://user:password@host:8123/firstfix.")];
  const address = withoutPassword(store.url);
  const url = new URL(store.url);
  const database = url.pathname.slice(1);
  // The database may not be there yet: it is made at the first start.
  url.pathname = "";
  const client = createClient({ url: url.toString(), request_timeout: REQUEST_MS, log: { level: 127 } });
  const rows = async <T>(query: string): Promise<T[]> => (await client.query({ query, format: "JSONEachRow" })).json<T>();
  try {
    const start = Date.now();
    const [facts] = await rows<Facts>("SELECT version() AS version, toUnixTimestamp64Milli(now64(3)) AS nowMs");
    const end = Date.now();
    if (facts === undefined) return [say.problem(`ClickHouse at ${address} gave an empty answer`, "Is it a ClickHouse server?")];
    const findings = [version(address, facts.version), clock(Number(facts.nowMs), start, end)];
    const known = await rows<{ name: string }>(`SHOW DATABASES LIKE '${database.replace(/[^\w]/g, "")}'`);
    findings.push(known.length > 0 ? say.ok(`database ${database}`) : say.warning(`database ${database || "(none in store.url)"} is not there yet`, "It is made at the first start, if the user may; else: CREATE DATABASE."));
    if (store.cluster !== "") findings.push(cluster(store.cluster, await rows<{ shards: number | string; replicas: number | string }>(`SELECT uniqExact(shard_num) AS shards, count() AS replicas FROM system.clusters WHERE cluster = '${store.cluster}'`)));
    return findings;
  } catch (error) {
    const message = messageOf(error).split("\n", 1)[0] ?? "";
    const refused = /authentication|password|ACCESS_DENIED|no privileges|not enough privileges/i.test(message);
    return [say.problem(`ClickHouse at ${address}: ${message}`, refused ? "Check user and password in store.url (FIRSTFIX_STORE_URL)." : "Is it running, and reachable from here? The port is that of HTTP (8123, or 8443 with https).")];
  } finally {
    await client.close();
  }
}

/** What the embedded engine is, and so what every test ran on. */
const TESTED = [26, 7] as const;

function version(address: string, text: string): Finding {
  const [major = 0, minor = 0] = text.split(".").map(Number);
  return major > TESTED[0] || (major === TESTED[0] && minor >= TESTED[1]) ? say.ok(`ClickHouse ${text} at ${address}`) : say.warning(`ClickHouse ${text} at ${address} is older than what Firstfix is tested with`, `Take ${TESTED.join(".")} or newer: an older one may refuse the schema.`);
}

function clock(theirs: number, start: number, end: number): Finding {
  const off = theirs < start ? start - theirs : Math.max(0, theirs - end);
  return off <= CLOCK_MS_MAX ? say.ok("the clocks of server and machine agree") : say.warning(`the clocks of server and machine differ by ${(off / 1000).toFixed(1)} s`, "Let both follow a time server: windows for late records and for retries are times.");
}

function cluster(name: string, [found]: readonly { readonly shards: number | string; readonly replicas: number | string }[]): Finding {
  const { shards = 0, replicas = 0 } = found ?? {};
  return Number(replicas) > 0 ? say.ok(`cluster ${name}: ${shards} shards, ${replicas} replicas in all`) : say.problem(`the server knows no cluster ${name}`, "SELECT cluster FROM system.clusters shows those it knows; set store.cluster.");
}
