/**
 * What the walk does with a field, by message. Whatever is not listed is skipped, as protobuf demands.
 *
 *   request  = { 1:group }                                         ResourceSpans, ResourceLogs
 *   group    = [ 1:resource ] { 2:subgroup } [ 3:text ]            ScopeSpans, ScopeLogs
 *   subgroup = [ 1:scope ] { 2:record } [ 3:text ]                 Span, LogRecord
 *   resource = { 1:attribute }
 *   scope    = [ 1:text ] [ 2:text ] { 3:attribute }
 *   attribute = [ 1:text ] [ 2:any ]
 *   any      = 1:text | 2:varint | 3:varint | 4:fixed64 | 5:array | 6:kvlist | 7:bytes
 *   array    = { 1:any }        kvlist = { 1:attribute }
 *   span     = 1:trace-id 2:span-id [ 3:text ] [ 4:parent-id ] [ 5:text ] [ 6:int32 ] 7:start 8:end
 *              { 9:attribute } { 11:event } { 13:link } [ 15:status ]
 *   event    = [ 1:event-time ] [ 2:text ] { 3:attribute }
 *   link     = [ 1:bytes ] [ 2:bytes ] [ 3:text ] { 4:attribute }
 *   status   = [ 2:text ] [ 3:int32 ]
 *   log      = [ 1:time ] [ 2:int32 ] [ 3:text ] [ 5:any ] { 6:attribute } [ 9:trace-id ] [ 10:span-id ]
 *              [ 11:observed ] [ 12:text ]
 */
export const SKIP = 0;
export const TEXT = 1;
export const BYTES = 2;
export const INT32 = 3;
export const ATTRIBUTE = 4;
export const ANY = 5;
export const TRACE_ID = 6;
export const SPAN_ID = 7;
export const PARENT_ID = 8;
export const START = 9;
export const END = 10;
export const EVENT_TIME = 11;
export const TIME = 12;
export const OBSERVED = 13;
/** From here on a kind is a message: MESSAGE + its number below. */
export const MESSAGE = 16;

export const RESOURCE = 0;
export const SCOPE = 1;
export const SPAN = 2;
export const EVENT = 3;
export const LINK = 4;
export const STATUS = 5;
export const LOG = 6;
export const KEY_VALUE = 7;

/** Kind of a field: KINDS[message << 5 | number], for numbers below 32. */
export const KINDS = new Uint8Array(8 << 5);
export const FIELDS_MAX = 32;

/** Whether a message has a field of this kind once at most. Events and links come as often as they like. */
export function isSingular(kind: number): boolean {
  return (REPEATED & (1 << kind)) === 0;
}

/** As bits, because the scan asks for every field. */
const REPEATED = (1 << SKIP) | (1 << ATTRIBUTE) | (1 << (MESSAGE + EVENT)) | (1 << (MESSAGE + LINK));

define(RESOURCE, { 1: ATTRIBUTE });
define(SCOPE, { 1: TEXT, 2: TEXT, 3: ATTRIBUTE });
define(SPAN, {
  1: TRACE_ID,
  2: SPAN_ID,
  3: TEXT,
  4: PARENT_ID,
  5: TEXT,
  6: INT32,
  7: START,
  8: END,
  9: ATTRIBUTE,
  11: MESSAGE + EVENT,
  13: MESSAGE + LINK,
  15: MESSAGE + STATUS,
});
define(EVENT, { 1: EVENT_TIME, 2: TEXT, 3: ATTRIBUTE });
define(LINK, { 1: BYTES, 2: BYTES, 3: TEXT, 4: ATTRIBUTE });
define(KEY_VALUE, { 1: TEXT, 2: ANY });
define(STATUS, { 2: TEXT, 3: INT32 });
define(LOG, { 1: TIME, 2: INT32, 3: TEXT, 5: ANY, 6: ATTRIBUTE, 9: TRACE_ID, 10: SPAN_ID, 11: OBSERVED, 12: TEXT });

function define(message: number, fields: Readonly<Record<number, number>>): void {
  for (const [number, kind] of Object.entries(fields)) KINDS[(message << 5) | Number(number)] = kind;
}
