import { isUtf8 } from "node:buffer";
import { FirstfixError } from "@firstfix/kit";
import { JSON_VALUE_FIELD, type Signal } from "../schema.ts";
import * as G from "./grammar.ts";
import * as R from "./rejections.ts";
import { FIXED64, LEN, VARINT, Wire } from "./wire.ts";

const INT32_MAX = 2 ** 31 - 1;
/** Resources, scopes, events, links and the like in a request, as a multiple of the records: empty ones cost 2 bytes each, and far more in the engine. */
const MESSAGES_PER_RECORD = 10;
/** Fields of AnyValue's oneof below 8, as bits; nested values and the JSON field are noted on their own. */
const MEMBERS = 0b10111110;

/**
 * First pass: one walk over every field of a request. It throws otlp.malformed where the bytes are no request, counts
 * records, and notes by position which fields must be left out or written anew. Where nothing was noted, the body goes
 * on as it came. No allocation per field: a note is made only where something is wrong or nested.
 */
export class Scan extends Wire {
  records = 0;
  /** Texts that were not UTF-8. */
  repaired = 0;
  /** Times of accepted records, in nanoseconds as doubles: exact to half a microsecond. */
  first = Infinity;
  last = -Infinity;
  readonly counts = new Uint32Array(R.REJECTIONS);
  /** Starts of fields (groups, subgroups, records) that must not go on. */
  readonly drop = new Set<number>();
  /** Starts of fields (records, resources, scopes, schema addresses) that hold what the engine would not take. */
  readonly dirty = new Set<number>();
  /** Starts of log records without any time; they get the time of arrival. */
  readonly undated = new Set<number>();

  /** Whether the body was walked before, so that its JSON fields are ours. */
  readonly walked: boolean;
  readonly #limits: R.WalkLimits;
  readonly #message: number;
  readonly #timeMin: number;
  readonly #timeMax: number;
  // Of the record in hand. 64-bit times are kept as halves: a double would lose their last digits.
  #reason = R.NONE;
  #touched = false;
  #hasTraceId = false;
  #hasSpanId = false;
  #startHigh = 0;
  #startLow = 0;
  #messages = 0;
  #endHigh = 0;
  #endLow = 0;

  constructor(signal: Signal, bytes: Uint8Array, limits: R.WalkLimits, walked: boolean) {
    super(bytes);
    this.walked = walked;
    this.#limits = limits;
    this.#message = signal === "traces" ? G.SPAN : G.LOG;
    this.#timeMin = (limits.nowMs - limits.pastMs) * 1e6;
    this.#timeMax = (limits.nowMs + limits.futureMs) * 1e6;
  }

  request(): void {
    const end = this.bytes.length;
    while (this.pos < end) {
      const at = this.pos;
      const tag = this.tag(end);
      if (tag >>> 3 === 1) this.#group(at, this.stop(tag & 7, end), G.RESOURCE);
      else this.skip(tag & 7, end);
    }
  }

  get rejected(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  get clean(): boolean {
    return this.drop.size === 0 && this.dirty.size === 0 && this.undated.size === 0;
  }

  /** A resource with its subgroups, or a scope with its records. A header beyond the limits takes its records with it. */
  #group(at: number, end: number, header: number): void {
    this.#countMessage();
    const recordsBefore = this.records;
    const rejectedBefore = this.rejected;
    let reason = R.NONE;
    while (this.pos < end) {
      const start = this.pos;
      const tag = this.tag(end);
      const field = tag >>> 3;
      if (field === 1) {
        this.#reason = R.NONE;
        this.#fields(header, start, this.stop(tag & 7, end));
        if (this.#reason !== R.NONE) reason = this.#reason;
      } else if (field === 2) {
        const stop = this.stop(tag & 7, end);
        if (header === G.RESOURCE) this.#group(start, stop, G.SCOPE);
        else this.#record(start, stop);
      } else if (field === 3) {
        this.#touched = false;
        this.#text(this.stop(tag & 7, end));
        if (this.#touched) this.dirty.add(start);
      } else this.skip(tag & 7, end);
    }
    if (reason === R.NONE) return;
    this.drop.add(at);
    this.counts[reason] = (this.counts[reason] as number) + (this.records - recordsBefore) - (this.rejected - rejectedBefore);
  }

  #countMessage(): void {
    const max = this.#limits.recordsMax * MESSAGES_PER_RECORD;
    if (++this.#messages > max) throw new FirstfixError("otlp.too_large", `the request holds more than ${max} resources, scopes, events and links`, { hint: "Send smaller batches." });
  }

  #record(at: number, end: number): void {
    this.records++;
    this.#reason = this.records > this.#limits.recordsMax ? R.TOO_MANY : R.NONE;
    this.#hasTraceId = this.#hasSpanId = false;
    this.#startHigh = this.#startLow = this.#endHigh = this.#endLow = 0;
    this.#fields(this.#message, at, end);
    if (this.#message === G.SPAN) this.#judgeSpan();
    else this.#judgeLog(at);
    if (this.#reason === R.NONE) {
      this.#noteTime();
      return;
    }
    this.drop.add(at);
    this.counts[this.#reason] = (this.counts[this.#reason] as number) + 1;
  }

  #judgeSpan(): void {
    if (!this.#hasTraceId) this.#reject(R.BAD_TRACE_ID);
    if (!this.#hasSpanId) this.#reject(R.BAD_SPAN_ID);
    this.#checkTime(this.#startHigh, this.#startLow, R.OUT_OF_WINDOW);
    this.#checkTime(this.#endHigh, this.#endLow, R.OUT_OF_WINDOW);
    if (this.#endHigh < this.#startHigh || (this.#endHigh === this.#startHigh && this.#endLow < this.#startLow)) this.#reject(R.END_BEFORE_START);
  }

  /** `start` holds time_unix_nano here, and `end` observed_time_unix_nano; the second counts where the first is 0. */
  #judgeLog(at: number): void {
    if ((this.#startHigh | this.#startLow) !== 0) this.#checkTime(this.#startHigh, this.#startLow, R.OUT_OF_WINDOW);
    else if ((this.#endHigh | this.#endLow) !== 0) this.#checkTime(this.#endHigh, this.#endLow, R.OUT_OF_WINDOW);
    else this.undated.add(at);
  }

  /** A log record without any time has that of its arrival. */
  #noteTime(): void {
    const start = this.#startHigh * 4294967296 + this.#startLow;
    const other = this.#message === G.SPAN ? 0 : this.#endHigh * 4294967296 + this.#endLow;
    const time = start !== 0 ? start : other !== 0 ? other : this.#limits.nowMs * 1e6;
    if (time < this.first) this.first = time;
    if (time > this.last) this.last = time;
  }

  #checkTime(high: number, low: number, reason: number): void {
    const time = high * 4294967296 + low;
    if (time < this.#timeMin || time > this.#timeMax) this.#reject(reason);
  }

  /** An event without a time counts as of the end of its span. */
  #checkEventTime(high: number, low: number): void {
    if ((high | low) !== 0) this.#checkTime(high, low, R.EVENT_OUT_OF_WINDOW);
  }

  /** The first reason stays. */
  #reject(reason: number): void {
    if (this.#reason === R.NONE) this.#reason = reason;
  }

  /** A record, resource or scope, whose field begins at `at`. */
  #fields(message: number, at: number, end: number): void {
    this.#touched = false;
    this.#walkMessage(message, end);
    if (this.#touched) this.dirty.add(at);
  }

  #walkMessage(message: number, end: number): void {
    let attributes = 0;
    // Bits of the fields that were met. A second one is legal, and the last counts; the engine takes offence at some.
    let met = 0;
    while (this.pos < end) {
      const tag = this.tag(end);
      const field = tag >>> 3;
      const wire = tag & 7;
      const kind = field < G.FIELDS_MAX ? (G.KINDS[(message << 5) | field] as number) : G.SKIP;
      if (G.isSingular(kind)) {
        if ((met & (1 << field)) !== 0) this.#touched = true;
        met |= 1 << field;
      }
      switch (kind) {
        case G.ATTRIBUTE:
          attributes++;
          this.#attribute(this.stop(wire, end));
          break;
        case G.SKIP:
          this.skip(wire, end);
          break;
        case G.TEXT:
          this.#text(this.stop(wire, end));
          break;
        case G.BYTES:
          this.pos = this.stop(wire, end);
          break;
        case G.INT32:
          this.#int32(wire, end);
          break;
        case G.ANY:
          this.#any(this.stop(wire, end));
          break;
        case G.TRACE_ID:
          this.#traceId(this.stop(wire, end), message === G.LOG);
          break;
        case G.SPAN_ID:
          this.#spanId(this.stop(wire, end), message === G.LOG);
          break;
        case G.PARENT_ID: {
          const stop = this.stop(wire, end);
          if (stop !== this.pos && stop - this.pos !== 8) this.#reject(R.BAD_PARENT_ID);
          this.pos = stop;
          break;
        }
        case G.START:
        case G.TIME:
          this.fixed(wire, FIXED64, 8, end);
          this.#startLow = this.view.getUint32(this.pos - 8, true);
          this.#startHigh = this.view.getUint32(this.pos - 4, true);
          break;
        case G.END:
        case G.OBSERVED:
          this.fixed(wire, FIXED64, 8, end);
          this.#endLow = this.view.getUint32(this.pos - 8, true);
          this.#endHigh = this.view.getUint32(this.pos - 4, true);
          break;
        case G.EVENT_TIME:
          this.fixed(wire, FIXED64, 8, end);
          this.#checkEventTime(this.view.getUint32(this.pos - 4, true), this.view.getUint32(this.pos - 8, true));
          break;
        default:
          this.#countMessage();
          this.#walkMessage(kind - G.MESSAGE, this.stop(wire, end));
      }
    }
    if (attributes > this.#limits.attributesMax) this.#reject(R.ATTRIBUTES);
  }

  #attribute(end: number): void {
    let met = 0;
    while (this.pos < end) {
      const tag = this.tag(end);
      if (tag <= 0x12) {
        if ((met & (1 << (tag >>> 3))) !== 0) this.#touched = true;
        met |= 1 << (tag >>> 3);
      }
      if (tag === 0x0a) this.#text(this.stop(LEN, end));
      else if (tag === 0x12) this.#any(this.stop(LEN, end));
      else if (tag >>> 3 <= 2) this.malformed("has a field of the wrong wire type");
      else this.skip(tag & 7, end);
    }
  }

  #any(end: number): void {
    let met = false;
    while (this.pos < end) {
      const tag = this.tag(end);
      const wire = tag & 7;
      if (tag < 64 ? (MEMBERS & (1 << (tag >>> 3))) !== 0 : tag >>> 3 === JSON_VALUE_FIELD) {
        // Of two members the last counts; the engine refuses both.
        if (met) this.#touched = true;
        met = true;
      }
      switch (tag >>> 3) {
        case 1:
          this.#text(this.stop(wire, end));
          break;
        case 2:
          if (wire !== VARINT) this.malformed("has a field of the wrong wire type");
          // Any number but 0 is true, yet the engine stops at one beyond 1.
          if (this.varint(end) > 1) this.#touched = true;
          break;
        case 3:
          this.skipVarint(wire, end);
          break;
        case 4:
          this.fixed(wire, FIXED64, 8, end);
          break;
        case 5:
        case 6:
          this.#touched = true;
          this.#nested(tag >>> 3, this.stop(wire, end), 1);
          break;
        case 7:
          this.pos = this.stop(wire, end);
          break;
        case JSON_VALUE_FIELD:
          // Ours alone: a sender's would reach the store as JSON that nobody checked.
          if (!this.walked) this.#touched = true;
          this.skip(wire, end);
          break;
        default:
          this.skip(wire, end);
      }
    }
  }

  /** An array (5) or key-value list (6). Below the limit nothing is looked at: the record does not go on. */
  #nested(kind: number, end: number, depth: number): void {
    if (depth > this.#limits.depthMax) {
      this.#reject(R.DEPTH);
      this.pos = end;
      return;
    }
    while (this.pos < end) {
      const tag = this.tag(end);
      if (tag >>> 3 !== 1) this.skip(tag & 7, end);
      else if (kind === 5) this.#nestedAny(this.stop(tag & 7, end), depth);
      else this.#nestedAttribute(this.stop(tag & 7, end), depth);
    }
  }

  #nestedAttribute(end: number, depth: number): void {
    while (this.pos < end) {
      const tag = this.tag(end);
      const field = tag >>> 3;
      if (field === 1) this.#text(this.stop(tag & 7, end));
      else if (field === 2) this.#nestedAny(this.stop(tag & 7, end), depth);
      else this.skip(tag & 7, end);
    }
  }

  #nestedAny(end: number, depth: number): void {
    while (this.pos < end) {
      const tag = this.tag(end);
      const field = tag >>> 3;
      const wire = tag & 7;
      if (field === 5 || field === 6) this.#nested(field, this.stop(wire, end), depth + 1);
      else if (field === 1) this.#text(this.stop(wire, end));
      else if (field === 7) this.pos = this.stop(wire, end);
      else if (field === 2 || field === 3) this.skipVarint(wire, end);
      else if (field === 4) this.fixed(wire, FIXED64, 8, end);
      else this.skip(wire, end);
    }
  }

  /** Steps over a text. Nearly all are ASCII, which four bytes at a time show; the rest is put to the engine's check. */
  #text(end: number): void {
    const start = this.pos;
    this.pos = end;
    let at = start;
    for (; at + 4 <= end; at += 4) if ((this.view.getUint32(at, true) & 0x80808080) !== 0) return this.#checkUtf8(start, end);
    for (; at < end; at++) if ((this.bytes[at] as number) > 0x7f) return this.#checkUtf8(start, end);
  }

  #checkUtf8(start: number, end: number): void {
    if (isUtf8(this.bytes.subarray(start, end))) return;
    this.#touched = true;
    this.repaired++;
  }

  #int32(wire: number, end: number): void {
    if (wire !== VARINT) this.malformed("has a field of the wrong wire type");
    const start = this.pos;
    if (this.varint(end) > INT32_MAX && !this.#isNegativeInt32(start)) this.malformed("has an enumerator of more than 32 bits");
  }

  /** A negative int32 is sign-extended to 64 bits on the wire: bits 31 to 63 are ones. Exact, which a double is not. */
  #isNegativeInt32(start: number): boolean {
    if (this.pos - start !== 10 || ((this.bytes[start + 4] as number) & 0x78) !== 0x78) return false;
    for (let at = start + 5; at < start + 9; at++) if (this.bytes[at] !== 0xff) return false;
    return true;
  }

  #traceId(end: number, mayBeAbsent: boolean): void {
    const start = this.pos;
    this.pos = end;
    const length = end - start;
    if (mayBeAbsent) {
      if (length !== 0 && length !== 16) this.#reject(R.BAD_TRACE_ID);
      return;
    }
    const view = this.view;
    this.#hasTraceId = length === 16 && (view.getInt32(start) | view.getInt32(start + 4) | view.getInt32(start + 8) | view.getInt32(start + 12)) !== 0;
  }

  #spanId(end: number, mayBeAbsent: boolean): void {
    const start = this.pos;
    this.pos = end;
    const length = end - start;
    if (mayBeAbsent) {
      if (length !== 0 && length !== 8) this.#reject(R.BAD_SPAN_ID);
      return;
    }
    this.#hasSpanId = length === 8 && (this.view.getInt32(start) | this.view.getInt32(start + 4)) !== 0;
  }
}
