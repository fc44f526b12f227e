import { decodeLogs, decodeTraces, type LogRecord, type Span } from "@firstfix/otlp";
import { messageOf } from "@firstfix/kit";

export interface Decoded {
  readonly records: readonly (Span | LogRecord)[];
  /** Why not all could be read, and from which byte on; null when all was. */
  readonly problem: string | null;
  /** For a person. */
  readonly text: string;
}

/** Shown to a person; --json has all. */
const SHOWN = 20;
const HEX_BYTES = 64;

/**
 * What can be read of a record that could not be stored. A request is a list of resource groups, each a field of its
 * own; where the whole cannot be read, the groups before the fault often can.
 *   request = { 0x0a length group } *
 */
export function decodeRecord(signal: string, body: Uint8Array): Decoded {
  const decode: (bytes: Uint8Array) => (Span | LogRecord)[] = signal === "logs" ? decodeLogs : decodeTraces;
  const records: (Span | LogRecord)[] = [];
  let problem: string | null = null;
  try {
    records.push(...decode(body));
  } catch (error) {
    problem = messageOf(error).split("\n", 1)[0] ?? "";
    let at = 0;
    for (const group of groups(body)) {
      try {
        records.push(...decode(body.subarray(at, group)));
      } catch {
        break;
      }
      at = group;
    }
    problem = `${problem} (from byte ${at} of ${body.byteLength} on)`;
    return { records, problem, text: textOf(records, problem, body.subarray(at)) };
  }
  return { records, problem, text: textOf(records, problem, null) };
}

/** Ends of the groups that stand whole at the beginning. */
function* groups(body: Uint8Array): Generator<number> {
  for (let at = 0; body[at] === 0x0a; ) {
    let length = 0;
    let shift = 0;
    at += 1;
    // Ends: a length has at most five bytes.
    for (; shift < 35; shift += 7) {
      const byte = body[at++];
      if (byte === undefined) return;
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    at += length;
    if (at > body.byteLength) return;
    yield at;
  }
}

function textOf(records: readonly (Span | LogRecord)[], problem: string | null, rest: Uint8Array | null): string {
  const lines = records.slice(0, SHOWN).map((record) => JSON.stringify(record, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));
  return [
    `${records.length} records can be read${records.length > SHOWN ? `; the first ${SHOWN}` : ""}`,
    ...lines,
    ...(problem === null ? [] : [`unreadable   ${problem}`]),
    ...(rest === null ? [] : [`bytes there  ${Buffer.from(rest.subarray(0, HEX_BYTES)).toString("hex")}${rest.byteLength > HEX_BYTES ? "…" : ""}`]),
  ].join("\n");
}
