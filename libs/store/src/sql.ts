import type { ClickHouseClient } from "@clickhouse/client";
import { FirstfixError } from "@firstfix/kit";
import { statementError } from "./errors.ts";

export type SqlValue = string | number | bigint | boolean | null | readonly SqlValue[];

/**
 * A value as SQL text. Statements that may run long take their values this way, because parameterised statements wait
 * for each other on chDB. Text is safe by itself: quotes and backslashes are escaped. A list is a tuple, for IN.
 */
export function literal(value: SqlValue): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return `'${value.replace(/[\\']/g, "\\$&").replaceAll("\0", "\\0")}'`;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new FirstfixError("bad_request", `${value} cannot be written as a SQL literal.`);
    return Number.isInteger(value) ? BigInt(value).toString() : value.toString();
  }
  // An empty tuple is no SQL; (NULL) matches nothing with IN, which is what an empty list means.
  return value.length === 0 ? "(NULL)" : `(${value.map(literal).join(", ")})`;
}

/**
 * The rows of a SELECT as objects. Whole numbers beyond ±2^53 (batch ids, nanoseconds) come as bigint, so that none
 * loses its last digits; all other numbers as number. DateTime columns come as text in UTC. A store that is away or
 * busy makes it throw a retryable store.unavailable.
 */
export async function select<T>(client: ClickHouseClient, sql: string): Promise<T[]> {
  const text = await answer(client, sql);
  const rows: T[] = [];
  for (const line of text.split("\n")) if (line !== "") rows.push(parseRow(line) as T);
  return rows;
}

/** Appends rows, durable when it resolves. Columns left out take their defaults; a Date or ISO text is a time. */
export async function insertRows(client: ClickHouseClient, table: string, rows: readonly object[], token?: string): Promise<void> {
  if (rows.length === 0) return;
  if (!/^[a-z][a-z0-9_]*$/.test(table)) throw new FirstfixError("bad_request", `"${table}" is no table name.`);
  const columns = [...new Set(rows.flatMap(Object.keys))];
  for (const column of columns) if (!/^[a-z][a-z0-9_]*$/.test(column)) throw new FirstfixError("bad_request", `"${column}" is no column name.`);
  const settings = ["async_insert = 0", "date_time_input_format = 'best_effort'", ...(token === undefined ? [] : [`insert_deduplication_token = ${literal(token)}`])];
  const body = rows.map((row) => JSON.stringify(row, exactIntegers)).join("\n");
  try {
    await client.command({ query: `INSERT INTO ${table} (${columns.join(", ")}) SETTINGS ${settings.join(", ")} FORMAT JSONEachRow\n${body}` });
  } catch (cause) {
    throw statementError(cause);
  }
}

async function answer(client: ClickHouseClient, sql: string): Promise<string> {
  try {
    const result = await client.query({ query: sql, format: "JSONEachRow" });
    return await result.text();
  } catch (cause) {
    throw statementError(cause);
  }
}

/** Fifteen digits always fit; only a line with a longer run of digits takes the slower, exact way. */
function parseRow(line: string): unknown {
  return /\d{16}/.test(line) ? JSON.parse(line, exactNumber) : JSON.parse(line);
}

export function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value) || context?.source === undefined) return value;
  return /^-?\d+$/.test(context.source) ? BigInt(context.source) : value;
}

/** In the language since 2025; the compiler's library does not name it yet. */
const rawJson = (JSON as unknown as { rawJSON: (this: void, text: string) => unknown }).rawJSON;

function exactIntegers(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? rawJson(value.toString()) : value;
}
