import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { drainPending, Session, type ChdbResult } from "chdb";

/** One statement as it came over HTTP: text, and for an INSERT the bytes of its data behind it. */
export interface Statement {
  readonly text: Buffer;
  /** Settings and `param_…`. */
  readonly settings: ReadonlyMap<string, string>;
  readonly database: string;
  /** For a statement that names no format of its own. */
  readonly format: string;
}

export interface Answer {
  readonly body: Uint8Array;
  readonly format: string;
  readonly readRows: number;
  readonly readBytes: number;
  readonly elapsedNs: number;
}

/** An error in the engine's own words, `Code: N. DB::Exception: … (NAME)`. */
export class EngineRefusal extends Error {}

/** Statements waiting for a connection; a server refuses more than its bound at once, and so does this. */
const WAITING_MAX = 100;
/** Bodies on their way in. */
const BODIES = "front-bodies";
/** A statement ends within its first bytes, whatever data follow (a server's max_query_size). */
const QUERY_BYTES_MAX = 262_144;

/** Connections of one data folder. Each runs one statement at a time, so a few of them make a server. */
export class EnginePool {
  readonly version: string;
  readonly #open: () => Session;
  readonly #bodies: string;
  readonly #idle: Session[] = [];
  readonly #waiting: ((session: Session) => void)[] = [];
  #connections: number;
  #bodyNumber = 0;

  static async open(folder: string, { connections, settings, args }: { connections: number; settings: Readonly<Record<string, string>>; args: readonly string[] }): Promise<EnginePool> {
    const data = join(folder, "data");
    const bodies = join(folder, BODIES);
    for (const path of [data, bodies]) mkdirSync(path, { recursive: true });
    // A schema that comes as text is kept as a file in the folder where the process runs.
    process.chdir(folder);
    rmSync(bodies, { recursive: true });
    mkdirSync(bodies);
    writeFileSync(join(folder, "readme.txt"), "A ClickHouse for tests: chDB behind HTTP.\n");
    const profile = Object.entries(settings).map(([name, value]) => `SET ${name} = ${quoted(value)}`);
    const open = (): Session => {
      const session = new Session(data, { connectionArgs: args });
      for (const one of profile) session.query(one);
      return session;
    };
    const first = open();
    return new EnginePool({ open, first, bodies, connections, version: (await first.queryAsync("SELECT version()", { format: "TabSeparated" })).text().trim() });
  }

  constructor(parts: { open: () => Session; first: Session; bodies: string; connections: number; version: string }) {
    this.version = parts.version;
    this.#open = parts.open;
    this.#bodies = parts.bodies;
    this.#idle.push(parts.first);
    this.#connections = parts.connections - 1;
  }

  async run(statement: Statement): Promise<Answer> {
    const session = await this.#take();
    let fresh = true;
    try {
      return await this.#runOn(session, statement);
    } finally {
      fresh = await restore(session, statement);
      this.#give(fresh ? session : this.#replace(session));
    }
  }

  async close(): Promise<void> {
    for (const session of this.#idle.splice(0)) session.close();
    await drainPending();
  }

  async #runOn(session: Session, { text, settings, database, format }: Statement): Promise<Answer> {
    // A server refuses an unknown database before it looks at the statement; a statement that makes it names none.
    await query(session, `USE \`${database.replace(/[`\\]/g, "\\$&")}\``);
    for (const [name, value] of settings) await query(session, `SET ${checkedName(name)} = ${quoted(value)}`);
    const named = await this.#withBody(text);
    try {
      const result = await query(session, named.sql, format);
      return { body: result.bytes(), format: /\bFORMAT\s+(\w+)\s*;?\s*$/i.exec(named.sql.slice(-100))?.[1] ?? format, readRows: result.rowsRead, readBytes: result.bytesRead, elapsedNs: Math.round(result.elapsed * 1e9) };
    } finally {
      if (named.file !== null) await rm(named.file, { force: true });
    }
  }

  /** chDB takes no binary data after a statement: they become a file, read by file() in place of input(). */
  async #withBody(text: Buffer): Promise<{ sql: string; file: string | null }> {
    const head = text.subarray(0, QUERY_BYTES_MAX).toString("latin1");
    const [whole, columns, , format] = /\binput\(('(?:[^'\\]|\\[\s\S])*')\)([\s\S]*?)\bFORMAT\s+(\w+)[ \t]*\r?\n/i.exec(head) ?? [];
    if (whole === undefined || columns === undefined || format === undefined) return { sql: text.toString(), file: null };
    const start = head.indexOf(whole);
    const end = start + whole.length;
    const file = join(this.#bodies, `${(this.#bodyNumber += 1)}`);
    await writeFile(file, text.subarray(end));
    const sql = text.subarray(0, end).toString().replace(/\binput\(('(?:[^'\\]|\\[\s\S])*')\)/i, () => `file(${quoted(file)}, ${format}, ${columns})`);
    return { sql: sql.replace(/\bFORMAT\s+\w+[ \t]*\r?\n$/i, ""), file };
  }

  #take(): Promise<Session> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return Promise.resolve(idle);
    if (this.#connections > 0) {
      this.#connections -= 1;
      return Promise.resolve(this.#open());
    }
    if (this.#waiting.length >= WAITING_MAX) throw new EngineRefusal(`Code: 202. DB::Exception: Too many simultaneous queries. Maximum: ${WAITING_MAX}. (TOO_MANY_SIMULTANEOUS_QUERIES)`);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #give(session: Session): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(session);
    else next(session);
  }

  #replace(session: Session): Session {
    const next = this.#open();
    session.close();
    return next;
  }
}

/** The option of the engine that leaves its user these rights only, and those that the front itself needs. */
export function grantsArgument(folder: string, grants: readonly string[]): string {
  // Not config.xml: the engine would take that by itself, at every later start.
  const [users, config] = [join(folder, "granted-users.xml"), join(folder, "granted.xml")];
  // USE is how the front sets a statement's database, and needs the right to see it.
  const queries = [...grants, "SOURCES ON *.*", "TABLE ENGINE ON *", "SHOW DATABASES ON default.*"].map((one) => `<query>GRANT ${one}</query>`).join("");
  writeFileSync(users, `<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users><default><no_password/><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota><grants>${queries}</grants></default></users></clickhouse>`);
  writeFileSync(config, `<clickhouse><users_config>${users}</users_config><user_directories><users_xml><path>${users}</path></users_xml></user_directories></clickhouse>`);
  return `--config-file=${config}`;
}

/** A server's settings end with the statement, a connection's do not. False when they cannot be taken back. */
async function restore(session: Session, { settings }: Statement): Promise<boolean> {
  const names = [...settings.keys()].filter((name) => !name.startsWith("param_"));
  try {
    for (const name of names) await query(session, `SET ${checkedName(name)} = DEFAULT`);
    return true;
  } catch {
    return false;
  }
}

async function query(session: Session, sql: string, format = "TabSeparated"): Promise<ChdbResult> {
  try {
    return await session.queryAsync(sql, { format });
  } catch (error) {
    throw new EngineRefusal(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function checkedName(name: string): string {
  if (!/^\w+$/.test(name)) throw new EngineRefusal(`Code: 115. DB::Exception: Setting ${name} is neither a builtin setting nor started with the prefix 'SQL_'. (UNKNOWN_SETTING)`);
  return name;
}

function quoted(value: string): string {
  return `'${value.replace(/[\\']/g, "\\$&")}'`;
}
