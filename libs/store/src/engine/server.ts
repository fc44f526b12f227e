import { Readable } from "node:stream";
import { createClient, type ClickHouseClient } from "@clickhouse/client";
import { ENGINE_SCHEMA } from "@firstfix/otlp";
import { batchStatement, type BatchInput } from "../batch.ts";
import { literal } from "../sql.ts";
import { LANE_SETTINGS, type Engine } from "./api.ts";

const INPUT: BatchInput = {
  source: (columns) => `input(${literal(columns)})`,
  schema: (message) => ["format_schema_source = 'string'", `format_schema = ${literal(ENGINE_SCHEMA.replaceAll("\n", " "))}`, `format_schema_message_name = ${literal(message)}`],
};

/** A ClickHouse server at an http(s) address such as `http://user:secret@host:8123/database`. */
export function openServer(url: string): Engine {
  const clients: ClickHouseClient[] = [];
  return {
    lane() {
      const client = createClient({ url, clickhouse_settings: LANE_SETTINGS, request_timeout: 120_000 });
      clients.push(client);
      return client;
    },
    async insertBatch(client, batch) {
      const query = `${batchStatement(batch, INPUT)} FORMAT ProtobufSingle`;
      const { stream } = await client.exec({ query, values: Readable.from([Buffer.from(batch.body)], { objectMode: false }) });
      // The connection is free again only when the (empty) answer has been read.
      stream.resume();
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
