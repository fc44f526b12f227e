import { constants } from "node:fs";
import { access, mkdir, open, readdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createClient, type ClickHouseClient } from "@clickhouse/client";
import { FirstfixError, messageOf, writePieces } from "@firstfix/kit";
import { ENGINE_SCHEMA } from "@firstfix/otlp";
import { drainPending } from "chdb";
import { createChdbConnection } from "chdb/connection";
import { batchStatement, piecesOf } from "../batch.ts";
import { literal } from "../sql.ts";
import { LANE_SECONDS_MAX, LANE_SETTINGS, type Engine } from "./api.ts";
import { guarded } from "./guard.ts";
import { lockHolder } from "./lock.ts";
import { checkDataPath, checkFileSystem } from "./path.ts";

type Connection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>["connection"]>;

/** Beside the engine's own folders: bodies on their way in. */
const SEGMENTS = "segments";
/** The engine can take the schema as text as well, but then keeps a copy in the folder where this process was started. */
const SCHEMA = "otlp.proto";

/**
 * chDB in this process. It holds a lock on the directory that the system releases when the process ends, however it
 * ends, so a kill -9 leaves nothing to clean up but segment files, and those are of batches that nobody was promised.
 */
export async function openEmbedded(path: string): Promise<Engine> {
  const root = resolve(path);
  const segments = join(root, SEGMENTS);
  const schema = join(root, SCHEMA);
  // file() would take such a path for a pattern, match nothing, and insert nothing without an error.
  checkDataPath(root);
  await checkFileSystem(root);
  await makeWritable(root);
  const holder = await lockHolder(root);
  if (holder !== null) throw inUse(root, ` by process ${holder}`);
  // Opened now, because with it comes the lock; lent as the first lane.
  let spare: Connection | null = connect(root);
  const clients: ClickHouseClient[] = [];
  // Only after the lock is ours: another process's segments are not leftovers.
  await mkdir(segments, { recursive: true });
  for (const name of await readdir(segments)) await rm(join(segments, name), { force: true });
  await writeFile(schema, ENGINE_SCHEMA);
  let segmentsTotal = 0;
  return {
    lane(kind) {
      const connection = spare ?? connect(root);
      spare = null;
      const client = createClient({ connection, clickhouse_settings: { ...LANE_SETTINGS, max_execution_time: kind === "ingest" ? 0 : LANE_SECONDS_MAX[kind] } });
      clients.push(client);
      return client;
    },
    async insertBatch(client, batch) {
      // Numbered, because the same batch may be on its way in twice, or its parts at once.
      const segment = join(segments, `${batch.id}.${(segmentsTotal += 1)}.${batch.signal}`);
      try {
        await writeSegment(segment, piecesOf(batch.body));
        await client.command({
          query: batchStatement(batch, {
            source: (columns) => `file(${literal(segment)}, ProtobufSingle, ${literal(columns)})`,
            schema: (message) => ["format_schema_source = 'file'", `format_schema = ${literal(`${schema}:${message}`)}`],
          }),
        });
      } finally {
        await rm(segment, { force: true });
      }
    },
    async close() {
      await spare?.close();
      await Promise.all(clients.map((client) => client.close()));
      // Statements still running hold the engine open; without this the directory could not be opened again at once.
      await drainPending();
    },
  };
}

function connect(root: string): Connection {
  try {
    const connection = createChdbConnection({ path: root });
    // chdb names its types by @clickhouse/client-common, the client by its own copy of it: equal, but two to the compiler.
    return guarded(connection, (query) => connection.command({ query })) as unknown as Connection;
  } catch (cause) {
    if (/one active data directory|still releasing/.test(messageOf(cause)))
      throw new FirstfixError("store.unavailable", `This process has another data directory open, so ${root} cannot be opened.`, { hint: "Close the other store first: the embedded engine takes one directory per process.", cause });
    // The engine writes its reason to standard error and gives none to us; a held lock is the usual one.
    throw inUse(root, "", cause);
  }
}

function inUse(root: string, by: string, cause?: unknown): FirstfixError {
  return new FirstfixError("data_dir.in_use", `The data directory ${root} is in use${by === "" ? " by another process, or damaged" : by}.`, {
    hint: "Stop the other Firstfix, or set `data` to another directory.",
    ...(cause === undefined ? {} : { cause }),
  });
}

async function makeWritable(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true });
    await access(root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new FirstfixError("store.unavailable", `The data directory ${root} cannot be written: ${messageOf(cause)}`, { hint: "Give this user the right to write there, or set `data` to another directory.", cause });
  }
}

/** No fsync: the segment is read back at once by this process and means nothing after a crash. */
async function writeSegment(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await writePieces(file, pieces);
  } finally {
    await file.close();
  }
}
