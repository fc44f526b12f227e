import { groupError, type ErrorGroup, type StackFrame } from "@firstfix/incident";
import { LIMITS, stableId } from "@firstfix/kit";

/** One row of `exceptions`: what an SDK wrote, on a span or in a log record. */
export interface ExceptionRow {
  readonly time: string;
  readonly source: "span" | "log";
  readonly trace_hex: string;
  readonly span_hex: string;
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly repository: string;
  readonly operation: string;
  readonly type: string;
  readonly message: string;
  readonly stacktrace: string;
  /** Set by the application, "" where it says nothing. */
  readonly fingerprint: string;
}

/** One row of `errors`; its fingerprint is that of libs/incident's grouping, finer than the group. */
export interface ErrorRow extends Omit<ExceptionRow, "source"> {
  readonly error_id: string;
  readonly group_id: string;
  readonly file: string;
  readonly function: string;
  readonly line: number;
}

export interface Parsed extends ErrorGroup {
  readonly frames: readonly StackFrame[];
}

const MESSAGE_CHARS_MAX = 8_000;

/** The group of an exception whose frames were found. */
export function groupException({ type, message, fingerprint }: Pick<ExceptionRow, "type" | "message" | "fingerprint">, frames: readonly StackFrame[]): Parsed {
  return { ...groupError({ type, message, frames, fingerprint }), frames };
}

/**
 * Errors of exceptions. An exception that comes by span event and by log record, or that every span it passed recorded
 * again, is one error: once per trace, service and group. The span's row is kept before the log's, for it names the
 * operation, then the earliest.
 */
export function recordErrors(rows: readonly ExceptionRow[], parse: (row: ExceptionRow) => Parsed): ErrorRow[] {
  const errors = new Map<string, { readonly row: ExceptionRow; readonly parsed: Parsed }>();
  for (const row of rows) {
    const parsed = parse(row);
    const id = errorId(row, parsed.groupId);
    const known = errors.get(id);
    if (known === undefined || rank(row) < rank(known.row)) errors.set(id, { row, parsed });
  }
  return [...errors].map(([error_id, { row, parsed }]) => {
    const { source: _source, ...rest } = row;
    const place = parsed.frames.find((frame) => frame.inApp);
    return {
      ...rest,
      error_id,
      group_id: parsed.groupId,
      fingerprint: parsed.fingerprint,
      message: row.message.slice(0, MESSAGE_CHARS_MAX),
      stacktrace: row.stacktrace.slice(0, LIMITS.stackBytes),
      file: place === undefined ? "" : place.path || place.file,
      function: place?.function ?? "",
      line: place?.line ?? 0,
    };
  });
}

function errorId(row: ExceptionRow, groupId: string): string {
  return row.trace_hex === "" ? stableId("err", row.service, row.environment, row.revision, row.time, groupId, row.message) : stableId("err", row.trace_hex, row.service, row.environment, groupId);
}

function rank(row: ExceptionRow): string {
  return `${row.source === "span" ? 0 : 1} ${row.time} ${row.span_hex}`;
}
