import { insertRows, literal, select } from "@firstfix/store";
import type { Room } from "../room.ts";
import { parseException, recordErrors, type ErrorRow, type ExceptionRow, type Parsed } from "./record.ts";

const PAGE = 5_000;
const IDS_PER_LOOK = 1_000;
const PARSED_MAX = 2_000;

/** Parses, groups and records the exceptions of batches. Returns how many errors are new. */
export async function workErrors(room: Room, batches: readonly string[]): Promise<number> {
  let fresh = 0;
  for (let offset = 0; ; offset += PAGE) {
    const rows = await select<ExceptionRow>(
      room.store.background,
      `SELECT toString(time) AS time, source, trace_hex, span_hex, service, environment, revision, repository, operation, type, message, stacktrace
       FROM exceptions WHERE batch_id IN ${literal(batches.map(BigInt))} ORDER BY batch_id, time, trace_hex, span_hex, source LIMIT ${PAGE} OFFSET ${offset}`,
    );
    if (rows.length > 0) fresh += await record(room, rows);
    if (rows.length < PAGE) return fresh;
  }
}

async function record(room: Room, rows: readonly ExceptionRow[]): Promise<number> {
  const parser = await parserOf(room, rows);
  const errors = await unknown(room, recordErrors(rows, parser));
  await insertRows(room.store.background, "errors", errors);
  return errors.length;
}

/** A storm repeats one exception thousands of times: equal texts of one revision are parsed once. */
async function parserOf(room: Room, rows: readonly ExceptionRow[]): Promise<(row: ExceptionRow) => Parsed> {
  const code = new Map<string, { readonly paths: readonly string[]; readonly inApp: readonly string[] }>();
  for (const row of rows) {
    const key = runningKey(row);
    if (code.has(key)) continue;
    const specs = await room.specs.of(row);
    code.set(key, { paths: specs?.tree.paths ?? [], inApp: specs?.inApp ?? [] });
  }
  const parsed = new Map<string, Parsed>();
  return (row) => {
    const key = JSON.stringify([runningKey(row), row.type, row.message, row.stacktrace]);
    const known = parsed.get(key);
    if (known !== undefined) return known;
    const { paths = [], inApp = [] } = code.get(runningKey(row)) ?? {};
    const result = parseException(row, paths, inApp);
    if (parsed.size < PARSED_MAX) parsed.set(key, result);
    return result;
  };
}

function runningKey(row: ExceptionRow): string {
  return JSON.stringify([row.service, row.repository, row.revision]);
}

/** Without those that an earlier batch recorded: the spans of one trace arrive in several batches. */
async function unknown(room: Room, errors: readonly ErrorRow[]): Promise<ErrorRow[]> {
  const known = new Set<string>();
  for (let from = 0; from < errors.length; from += IDS_PER_LOOK) {
    const some = errors.slice(from, from + IDS_PER_LOOK);
    const of = (column: "group_id" | "environment" | "error_id"): string => `${column} IN ${literal([...new Set(some.map((error) => error[column]))])}`;
    // Group and environment begin the sorting key: by the id alone, all errors of all time would be read.
    const rows = await select<{ error_id: string }>(room.store.background, `SELECT DISTINCT error_id FROM errors WHERE ${of("group_id")} AND ${of("environment")} AND ${of("error_id")}`);
    for (const row of rows) known.add(row.error_id);
  }
  return errors.filter((error) => !known.has(error.error_id));
}
