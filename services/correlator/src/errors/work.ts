import type { StackFrame } from "@firstfix/incident";
import { insertRows, literal, select } from "@firstfix/store";
import type { Room } from "../room.ts";
import { framesOf } from "./frames.ts";
import { groupHashesOf } from "./join.ts";
import { groupException, recordErrors, type ErrorRow, type ExceptionRow, type Parsed } from "./record.ts";

const PAGE = 5_000;
const IDS_PER_LOOK = 1_000;
const PARSED_MAX = 2_000;

/** Parses, groups and records the exceptions of batches. Returns how many errors are new. */
export async function workErrors(room: Room, batches: readonly string[]): Promise<number> {
  let fresh = 0;
  for (let offset = 0; ; offset += PAGE) {
    const rows = await select<ExceptionRow>(
      room.store.background,
      `SELECT toString(time) AS time, source, trace_hex, span_hex, service, environment, revision, repository, operation, type, message, stacktrace, fingerprint
       FROM exceptions WHERE batch_id IN ${literal(batches.map(BigInt))} ORDER BY batch_id, time, trace_hex, span_hex, source LIMIT ${PAGE} OFFSET ${offset}`,
    );
    if (rows.length > 0) fresh += await record(room, rows);
    if (rows.length < PAGE) return fresh;
  }
}

async function record(room: Room, rows: readonly ExceptionRow[]): Promise<number> {
  const parsed = await parseAll(room, rows);
  const all = rows.map((row) => parsed.get(row) as Parsed);
  // Fingerprints join as groups do: what a person splits off must not change when the repository becomes known.
  const found = await groupHashesOf(room).join([...all.map(({ groupId, hashes }) => ({ id: groupId, hashes })), ...all.map(({ fingerprint, fingerprints }) => ({ id: fingerprint, hashes: fingerprints }))]);
  const joined = new Map(rows.map((row, i) => [row, { ...(all[i] as Parsed), groupId: found[i] ?? "", fingerprint: found[rows.length + i] ?? "" }]));
  const errors = await unknown(room, recordErrors(rows, (row) => joined.get(row) as Parsed));
  await insertRows(room.store.background, "errors", errors);
  return errors.length;
}

/** A storm repeats one exception thousands of times: equal texts of one revision are parsed once. */
async function parseAll(room: Room, rows: readonly ExceptionRow[]): Promise<ReadonlyMap<ExceptionRow, Parsed>> {
  const frames = new Map<string, readonly StackFrame[]>();
  const parsed = new Map<ExceptionRow, Parsed>();
  for (const row of rows) {
    const key = JSON.stringify([runningKey(row), row.type, row.stacktrace]);
    const known = frames.get(key) ?? (await framesOf(room, row, row));
    if (frames.size < PARSED_MAX) frames.set(key, known);
    parsed.set(row, groupException(row, known));
  }
  return parsed;
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
