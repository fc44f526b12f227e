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

/** Nothing mends these but a person: waiting is of use only because the person may come. */
const CONFIGURATION_FAULTS: ReadonlyMap<string, string> = new Map([
  ...["AUTHENTICATION_FAILED", "REQUIRED_PASSWORD", "UNKNOWN_USER", "WRONG_PASSWORD"].map((type) => [type, "Check user and password in store.url (FIRSTFIX_STORE_URL)."] as const),
  ["IP_ADDRESS_NOT_ALLOWED", "Allow this machine's address for the user of store.url."],
  ...["ACCESS_DENIED", "DATABASE_ACCESS_DENIED"].map((type) => [type, "Grant the user of store.url SELECT, INSERT, ALTER, CREATE, DROP and TRUNCATE on its database."] as const),
  ["READONLY", "The user of store.url may only read: give it a profile without `readonly`."],
  ["UNKNOWN_DATABASE", "Create the database that store.url names, or grant its user CREATE DATABASE and start again."],
  ["CLUSTER_DOESNT_EXIST", "SELECT cluster FROM system.clusters shows the clusters that the server knows; set store.cluster."],
  ["NO_ZOOKEEPER", "A cluster needs ClickHouse Keeper: configure it on the servers, or leave store.cluster empty."],
  ["UNKNOWN_SETTING", "The server is too old; `firstfix doctor` says which version is needed."],
]);

const FULL = "The disk of the store is full: free space, or keep data for fewer days.";

/** What passes by itself, or once somebody makes room. Types that are not named here pass as well; these have hints. */
const PASSING_FAULTS: ReadonlyMap<string, string> = new Map([
  ["NOT_ENOUGH_SPACE", FULL],
  ["CANNOT_WRITE_TO_FILE_DESCRIPTOR", "The disk of the store may be full or broken."],
  ["MEMORY_LIMIT_EXCEEDED", "The store is short of memory; smaller batches (writer.batchBytesMax) need less."],
  ["TOO_MANY_PARTS", "Merges do not keep up with inserts; larger batches (writer.batchBytesMax, writer.lingerMs) make fewer parts."],
  ["TOO_MANY_SIMULTANEOUS_QUERIES", "The server is busy; raise its max_concurrent_queries or run fewer writers."],
  ["QUOTA_EXCEEDED", "Raise the quota of the user of store.url."],
  ["TIMEOUT_EXCEEDED", "The statement took too long."],
  ["TOO_SLOW", "The statement took too long."],
  ["QUERY_WAS_CANCELLED", "Somebody stopped the statement, or the server is stopping."],
  ["TABLE_IS_READ_ONLY", "The replica has lost ClickHouse Keeper; it can be written again when that is back."],
  ["KEEPER_EXCEPTION", "ClickHouse Keeper is away; inserts wait for it."],
  ["TOO_FEW_LIVE_REPLICAS", "Too few replicas are there."],
  ["UNKNOWN_STATUS_OF_INSERT", "Whether it landed is not known; it is said again with the same token."],
  ["UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE", "Too few replicas are there."],
  ["ALL_CONNECTION_TRIES_FAILED", "A shard of the cluster cannot be reached."],
  ["NETWORK_ERROR", "A server of the cluster cannot be reached."],
  ["SOCKET_TIMEOUT", "A server of the cluster does not answer in time."],
  ["CANNOT_SCHEDULE_TASK", "The server is busy."],
]);

const AWAY = "Is the ClickHouse server of store.url running, and reachable from here over HTTP? Nothing is lost: it is tried again.";
const CERTIFICATE = "The server's certificate is not trusted here: name its authority's file in NODE_EXTRA_CA_CERTS.";

/** Of an insert: store.rejected when the bytes are at fault, store.unavailable (retryable) otherwise. */
export function batchError(cause: unknown): FirstfixError {
  if (cause instanceof FirstfixError) return cause;
  const message = wordsOf(cause);
  const type = typeOf(cause, message);
  if (isSchemaLost(cause)) return new FirstfixError("store.unavailable", `The batch was not stored: ${firstLine(message)}`, { retryable: true, cause, hint: "The server cannot read the schema that it was sent; the batch is sent again with another one." });
  if (BODY_FAULTS.has(type) || /too many partitions/i.test(message))
    return new FirstfixError("store.rejected", `The engine cannot read the batch: ${firstLine(message)}`, { hint: "Compare the request with the schema of OTLP; it is kept in the table dead_letters.", cause });
  return new FirstfixError("store.unavailable", `The batch was not stored: ${firstLine(message)}`, { retryable: true, cause, ...hintOf(cause, type) });
}

/** Whether the server cannot read the schema that comes with an insert: that is ours, and never the batch's fault. */
export function isSchemaLost(cause: unknown): boolean {
  return /Could not find a message named|CANNOT_PARSE_PROTOBUF_SCHEMA/.test(wordsOf(cause));
}

/**
 * Of any other statement: store.unavailable (retryable) when the store is away, busy or refuses this user; the error
 * itself when the statement is at fault, because then nobody but its writer can do anything.
 */
export function statementError(cause: unknown): unknown {
  if (cause instanceof FirstfixError) return cause;
  const message = wordsOf(cause);
  const type = typeOf(cause, message);
  if (type !== "" && !PASSING_FAULTS.has(type) && !CONFIGURATION_FAULTS.has(type)) return cause;
  return new FirstfixError("store.unavailable", `The store did not answer: ${firstLine(message)}`, { retryable: true, cause, ...hintOf(cause, type) });
}

/** Of opening a server: config.invalid when waiting cannot mend it, store.unavailable (retryable) otherwise. */
export function openError(address: string, cause: unknown): FirstfixError {
  if (cause instanceof FirstfixError && (cause.code !== "store.unavailable" || cause.cause === undefined)) return cause;
  const root = cause instanceof FirstfixError ? cause.cause : cause;
  // The client's own: a parameter of the address that it does not know.
  if (/^Unknown URL param|invalid (boolean|numeric)? ?value/.test(messageOf(root))) return new FirstfixError("config.invalid", `store.url: ${messageOf(root)}`, { hint: "Leave the parameter out." });
  const message = wordsOf(root);
  const type = typeOf(root, message);
  const hint = hintOf(root, type);
  if (CONFIGURATION_FAULTS.has(type) || hint.hint === CERTIFICATE) return new FirstfixError("config.invalid", `The ClickHouse server at ${address} refuses: ${firstLine(message)}`, { cause: root, ...hint });
  // A migration whose statement is at fault.
  if (type !== "" && !PASSING_FAULTS.has(type) && cause instanceof FirstfixError) return cause;
  return new FirstfixError("store.unavailable", `The ClickHouse server at ${address} cannot be used: ${firstLine(message)}`, { retryable: true, cause: root, ...hint });
}

function hintOf(cause: unknown, type: string): { hint?: string } {
  const named = CONFIGURATION_FAULTS.get(type) ?? PASSING_FAULTS.get(type);
  if (named !== undefined) return { hint: named };
  if (type !== "") return {};
  const code = codeOf(cause);
  if (code === "ENOSPC" || code === "EDQUOT") return { hint: FULL };
  // A file of this machine, not the network.
  if (typeof cause === "object" && cause !== null && "syscall" in cause && !/^(connect|read|write|getaddrinfo)$/.test(String(cause.syscall))) return {};
  return { hint: /CERT|SIGNATURE|ERR_TLS/.test(code) ? CERTIFICATE : AWAY };
}

/** The engine's name of its error; "" when it is not the engine's (the network's, a proxy's). */
function typeOf(cause: unknown, message: string): string {
  if (typeof cause === "object" && cause !== null && "type" in cause && typeof cause.type === "string") return cause.type;
  return /\(([A-Z][A-Z0-9_]+)\)\s*(?:\(version [^()]*(?:\([^()]*\))?\)\s*)?$/.exec(message)?.[1] ?? "";
}

/** A connection that failed at each address of a name has no message of its own; an answer may be empty. */
function wordsOf(cause: unknown): string {
  const message = messageOf(cause).trim();
  if (message !== "") return message;
  return codeOf(cause) || "an empty answer";
}

function codeOf(cause: unknown): string {
  return typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string" ? cause.code : "";
}

/** The engine appends the whole statement to some of its messages, and names files: those are no business of a sender's. */
function firstLine(message: string): string {
  const line = message.split("\n", 1)[0] ?? "";
  return line.replace(/:? ?\(in file\/uri .*$|: While (?:executing|processing) .*$/, "").slice(0, 500);
}
