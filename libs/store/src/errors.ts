import { FirstfixError, messageOf } from "@firstfix/kit";

/**
 * What the engine says when the bytes of a batch are at fault: the same bytes will fail again. Everything else (memory,
 * disk, connection, too many parts) may pass later. Unknown codes count as passing: retrying is slow, giving up loses.
 */
const BODY_FAULTS: ReadonlySet<string> = new Set([
  "ARGUMENT_OUT_OF_BOUND",
  "ATTEMPT_TO_READ_AFTER_EOF",
  "BAD_ARGUMENTS",
  "CANNOT_CONVERT_TYPE",
  "CANNOT_EXTRACT_TABLE_STRUCTURE",
  "CANNOT_PARSE_INPUT_ASSERTION_FAILED",
  "CANNOT_PARSE_NUMBER",
  "CANNOT_READ_ALL_DATA",
  "DECIMAL_OVERFLOW",
  "INCORRECT_DATA",
  "PROTOBUF_BAD_CAST",
  "TOO_LARGE_ARRAY_SIZE",
  "TOO_LARGE_STRING_SIZE",
  "UNKNOWN_PROTOBUF_FORMAT",
  "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE",
]);

export function batchError(cause: unknown): FirstfixError {
  if (cause instanceof FirstfixError) return cause;
  const message = messageOf(cause);
  const type = typeOf(cause, message);
  if (BODY_FAULTS.has(type) || /too many partitions/i.test(message))
    return new FirstfixError("store.rejected", `The engine cannot read the batch: ${firstLine(message)}`, { hint: "Compare the request with the schema of OTLP; it is kept in the table dead_letters.", cause });
  return new FirstfixError("store.unavailable", `The batch was not stored: ${firstLine(message)}`, { retryable: true, cause });
}

function typeOf(cause: unknown, message: string): string {
  if (typeof cause === "object" && cause !== null && "type" in cause && typeof cause.type === "string") return cause.type;
  return /\(([A-Z][A-Z0-9_]+)\)\s*$/.exec(message)?.[1] ?? "";
}

/** The engine appends the whole statement to some of its messages, and names files: those are no business of a sender's. */
function firstLine(message: string): string {
  const line = message.split("\n", 1)[0] ?? "";
  return line.replace(/:? ?\(in file\/uri .*$|: While (?:executing|processing) .*$/, "").slice(0, 500);
}
