/**
 * The statements of sql/*.sql for a cluster. Of each table two are made: NAME_local, replicated, which holds a shard's
 * rows, and NAME, Distributed over all shards, which everybody reads and writes. Views run on the shard where rows land,
 * from and to local tables. Grammar of what is rewritten (the tidy form of our own files, held by a test):
 *   statement = CREATE TABLE IF NOT EXISTS name ( columns ) ENGINE = [kind]MergeTree …  ORDER BY key …
 *             | CREATE MATERIALIZED VIEW IF NOT EXISTS name TO name AS select
 *             | ALTER TABLE name action | DROP (TABLE|VIEW) IF EXISTS name
 */
export function clusterStatements(statement: string, cluster: string): string[] {
  if (!/^\w+$/.test(cluster)) throw new RangeError(`"${cluster}" is no name of a cluster`);
  const on = onCluster(cluster);
  const create = /^CREATE TABLE IF NOT EXISTS (\w+)/.exec(statement);
  if (create !== null) return [localTable(statement, on), distributedTable(statement, create[1] as string, cluster)];
  const view = /^CREATE MATERIALIZED VIEW IF NOT EXISTS (\w+) TO (\w+)/.exec(statement);
  if (view !== null) {
    const head = `CREATE MATERIALIZED VIEW IF NOT EXISTS ${view[1]}${on} TO ${localName(view[2] as string)}`;
    return [head + fromLocal(statement.slice(view[0].length))];
  }
  const alter = /^ALTER TABLE (\w+) (.*)$/s.exec(statement);
  if (alter !== null) {
    const [, table = "", action = ""] = alter;
    const local = `ALTER TABLE ${localName(table)}${on} ${action}`;
    // A Distributed table has the columns, but neither indexes nor a TTL.
    return /^(ADD|DROP|MODIFY|RENAME) COLUMN /.test(action) ? [local, `ALTER TABLE ${table}${on} ${action}`] : [local];
  }
  const drop = /^DROP (TABLE|VIEW) IF EXISTS (\w+)$/.exec(statement);
  if (drop?.[1] === "VIEW") return [`${statement}${on} SYNC`];
  if (drop !== null) return [`${statement}${on} SYNC`, `DROP TABLE IF EXISTS ${localName(drop[2] as string)}${on} SYNC`];
  throw new RangeError(`no cluster form for "${statement.slice(0, 60)}"`);
}

function fromLocal(select: string): string {
  return select.replace(/\bFROM (\w+)/g, (_, table: string) => `FROM ${localName(table)}`);
}

/** The table that holds a shard's rows. */
export function localName(table: string): string {
  return `${table}_local`;
}

export function onCluster(cluster: string): string {
  return ` ON CLUSTER ${cluster}`;
}

function localTable(statement: string, on: string): string {
  return statement
    .replace(/^(CREATE TABLE IF NOT EXISTS )(\w+)/, (_, head: string, name: string) => `${head}${localName(name)}${on}`)
    .replace(/\bENGINE = (\w*)MergeTree\b/, "ENGINE = Replicated$1MergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')")
    // A replicated table remembers tokens in Keeper, and forgets them by age as well.
    .replace(/\bnon_replicated_deduplication_window = (\d+)/, "replicated_deduplication_window = $1, replicated_deduplication_window_seconds = 604800");
}

/**
 * Rows that the engine is to merge, or to know again by a token, must meet on one shard: rows are spread by the sorting
 * key, which is what tables merge by. Telemetry is sorted by its batch: a batch stays whole, and one shard tells whether
 * it has landed.
 */
function distributedTable(statement: string, name: string, cluster: string): string {
  const key = /\bORDER BY (\([^)]*\)|\w+)/.exec(statement)?.[1];
  if (key === undefined) throw new RangeError(`the table ${name} has no ORDER BY`);
  const columns = key.replace(/[()]/g, "");
  return `CREATE TABLE IF NOT EXISTS ${name}${onCluster(cluster)} AS ${localName(name)} ENGINE = Distributed(${cluster}, currentDatabase(), ${localName(name)}, cityHash64(${columns}))`;
}
