import { Readable } from "node:stream";
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from "@clickhouse/client";
import { batchStatement, piecesOf, type BatchInput } from "../batch.ts";
import { openError } from "../errors.ts";
import { literal } from "../sql.ts";
import { serverAddress, withDatabase } from "./address.ts";
import { LANE_SECONDS_MAX, LANE_SETTINGS, type Engine, type Lane } from "./api.ts";
import { checkServer, makeDatabase } from "./check.ts";
import { SchemaEdition } from "./schema-edition.ts";

/** Connections of a lane: more statements than these wait for one. */
const LANE_CONNECTIONS_MAX: Readonly<Record<Lane, number>> = { ingest: 8, background: 4, interactive: 8 };
/** The engine gives up first, so that its own words are heard; this is for one that does not answer at all. */
const ANSWER_GRACE_MS = 5000;
/** An idle connection is dropped by us before a server drops it (3 s in the oldest, 10 s and more since). */
const IDLE_MS = 2500;
/** Settled before the first lane is lent, so a server that is away is known soon. */
const START_TIMEOUT_MS = 15_000;

const inputOf = (edition: SchemaEdition): BatchInput => ({
  source: (columns) => `input(${literal(columns)})`,
  schema: (message) => ["format_schema_source = 'string'", `format_schema = ${literal(edition.text)}`, `format_schema_message_name = ${literal(message)}`],
});

/**
 * A ClickHouse server at an http(s) address such as `http://user:secret@host:8123/database`; the database is made when
 * it is missing. Throws config.invalid for what only a person can mend (address, password, rights, version), and a
 * retryable store.unavailable for a server that is away.
 */
export async function openServer(url: string, cluster = ""): Promise<Engine> {
  const address = serverAddress(url);
  const clients: ClickHouseClient[] = [];
  const timeoutMs = (kind: Lane): number => address.requestMs ?? LANE_SECONDS_MAX[kind] * 1000 + ANSWER_GRACE_MS;
  const connect = (kind: Lane, database: string, request_timeout: number): ClickHouseClient => {
    const client = createClient({
      url: withDatabase(url, database),
      application: "firstfix",
      ...(address.requestMs === null ? { request_timeout } : {}),
      max_open_connections: LANE_CONNECTIONS_MAX[kind],
      keep_alive: { enabled: true, idle_socket_ttl: IDLE_MS, eagerly_destroy_stale_sockets: true },
      // Errors are thrown, and told once by whoever catches them.
      log: { level: ClickHouseLogLevel.OFF },
      clickhouse_settings: {
        ...LANE_SETTINGS,
        max_execution_time: LANE_SECONDS_MAX[kind],
        // Without it a statement that fails halfway has been answered with 200 by then.
        wait_end_of_query: 1,
        cancel_http_readonly_queries_on_client_close: 1,
      },
    });
    clients.push(client);
    return client;
  };
  try {
    // The database may still have to be made; this one stands for the user's own.
    const first = connect("background", "default", START_TIMEOUT_MS);
    await checkServer(first);
    await makeDatabase(first, address.database, cluster);
  } catch (cause) {
    await Promise.all(clients.map((client) => client.close()));
    throw openError(address.shown, cause);
  }
  const edition = new SchemaEdition();
  return {
    lane: (kind) => connect(kind, address.database, timeoutMs(kind)),
    insertBatch: (client, { body, ...batch }) => edition.run(batch.signal, async () => {
      // The statement goes ahead of the data: in the address it would be longer than some proxies let through.
      const statement = Buffer.from(`${batchStatement(batch, inputOf(edition))} FORMAT ProtobufSingle\n`);
      const values = Readable.from([statement, Buffer.concat(piecesOf(body))], { objectMode: false });
      // The client's own timeout is of silence; this one is of the whole, a wait for a connection included.
      const { stream } = await client.exec({ query: "", values, abort_signal: AbortSignal.timeout(timeoutMs("ingest") + ANSWER_GRACE_MS) });
      // The connection is free again only when the (empty) answer has been read.
      for await (const _ of stream);
    }),
    async close() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
