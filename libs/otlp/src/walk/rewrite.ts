import { isUtf8 } from "node:buffer";
import { JSON_VALUE_FIELD, type Signal } from "../schema.ts";
import * as G from "./grammar.ts";
import { memberJson, memberOf } from "./nested.ts";
import type { Scan } from "./scan.ts";
import { LEN, Wire } from "./wire.ts";

/** Number of the field observed_time_unix_nano of a log record, as fixed64. */
const OBSERVED_TAG = (11 << 3) | 1;
const JSON_TAG = (JSON_VALUE_FIELD << 3) | LEN;

/**
 * Second pass, only where the scan noted something: the body without the rejected records, nested values as JSON text
 * in field 1001, invalid UTF-8 replaced by U+FFFD, every true written as 1, the time of arrival on log records that have no time, and without
 * fields 1001 that a sender made up, and of what must be there once only what counts: of a oneof's members and of
 * repeated single fields the last, of repeated messages all in one. Everything else is copied byte for byte, unknown fields too.
 */
export function rewrite(signal: Signal, bytes: Uint8Array, scan: Scan, nowMs: number): Uint8Array {
  return new Rewrite(signal, bytes, scan, nowMs).request();
}

class Rewrite extends Wire {
  readonly #signal: Signal;
  readonly #record: number;
  readonly #scan: Scan;
  readonly #nowMs: number;
  /** All positions that the scan noted, in order. */
  #notes: Float64Array = new Float64Array();

  constructor(signal: Signal, bytes: Uint8Array, scan: Scan, nowMs: number) {
    super(bytes);
    this.#signal = signal;
    this.#record = signal === "traces" ? G.SPAN : G.LOG;
    this.#scan = scan;
    this.#nowMs = nowMs;
  }

  request(): Uint8Array {
    const { drop, dirty, undated } = this.#scan;
    this.#notes = Float64Array.from([...drop, ...dirty, ...undated]).sort();
    const parts = new Parts(this.bytes);
    while (this.pos < this.bytes.length) {
      const at = this.pos;
      const tag = this.tag(this.bytes.length);
      if (tag >>> 3 !== 1) this.#copy(parts, at, tag, this.bytes.length);
      else this.#group(parts, at, tag, this.bytes.length, G.RESOURCE);
    }
    return parts.join();
  }

  #group(parts: Parts, at: number, tag: number, end: number, header: number): void {
    const stop = this.stop(tag & 7, end);
    if (this.#scan.drop.has(at)) {
      this.pos = stop;
      return;
    }
    if (!this.#isNoted(at, stop)) {
      // Nearly all groups of a request whose resource alone has a nested value.
      this.pos = stop;
      parts.copy(at, stop);
      return;
    }
    const inner = new Parts(this.bytes);
    while (this.pos < stop) {
      const start = this.pos;
      const innerTag = this.tag(stop);
      const field = innerTag >>> 3;
      if (field === 2 && header === G.RESOURCE) this.#group(inner, start, innerTag, stop, G.SCOPE);
      else if (field === 2) this.#noted(inner, start, innerTag, stop, this.#record);
      else if (field === 1) this.#noted(inner, start, innerTag, stop, header);
      else if (field === 3 && this.#scan.dirty.has(start)) this.#text(inner, innerTag, stop);
      else this.#copy(inner, start, innerTag, stop);
    }
    parts.nest(tag, inner);
  }

  /** Whether anything between two positions was noted. */
  #isNoted(from: number, to: number): boolean {
    const notes = this.#notes;
    let low = 0;
    for (let high = notes.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if ((notes[middle] as number) < from) low = middle + 1;
      else high = middle;
    }
    return low < notes.length && (notes[low] as number) < to;
  }

  /** A resource, scope or record: left out, written anew or copied, as the scan noted. */
  #noted(parts: Parts, at: number, tag: number, end: number, message: number): void {
    const { drop, dirty, undated } = this.#scan;
    if (drop.has(at)) return this.skip(tag & 7, end);
    if (!dirty.has(at) && !undated.has(at)) return this.#copy(parts, at, tag, end);
    const inner = new Parts(this.bytes);
    this.#message(inner, message, this.stop(tag & 7, end));
    if (undated.has(at)) inner.time(OBSERVED_TAG, this.#nowMs);
    parts.nest(tag, inner);
  }

  #message(parts: Parts, message: number, end: number): void {
    const repeated = this.#repeated(message, end);
    while (this.pos < end) {
      const at = this.pos;
      const tag = this.tag(end);
      const kind = this.#kind(message, tag);
      const places = repeated?.get(tag >>> 3);
      if (places !== undefined && at !== places.at(-1)) this.skip(tag & 7, end);
      else if (places !== undefined && (kind === G.ANY || kind >= G.MESSAGE)) this.#merged(parts, tag, kind, places, end);
      else if (kind === G.TEXT) this.#text(parts, tag, end);
      else if (kind === G.ATTRIBUTE || kind === G.ANY || kind >= G.MESSAGE) this.#inner(parts, tag, end, (inner, stop) => this.#content(inner, kind, stop));
      else this.#copy(parts, at, tag, end);
    }
  }

  #content(parts: Parts, kind: number, end: number): void {
    if (kind === G.ANY) this.#any(parts, end);
    else this.#message(parts, kind === G.ATTRIBUTE ? G.KEY_VALUE : kind - G.MESSAGE, end);
  }

  /** A message in several pieces is their contents one after the other: that is how protobuf merges. */
  #merged(parts: Parts, tag: number, kind: number, places: readonly number[], end: number): void {
    const whole = Buffer.concat(
      places.map((place) => {
        this.pos = place;
        const stop = this.stop(this.tag(end) & 7, end);
        const from = this.pos;
        this.pos = stop;
        return this.bytes.subarray(from, stop);
      }),
    );
    const inner = new Parts(whole);
    new Rewrite(this.#signal, whole, this.#scan, this.#nowMs).#content(inner, kind, whole.length);
    parts.nest(tag, inner);
  }

  /** Where the fields begin that a message has once at most, yet here more often; null where there are none. */
  #repeated(message: number, end: number): Map<number, number[]> | null {
    const from = this.pos;
    const places = new Map<number, number[]>();
    let some = false;
    while (this.pos < end) {
      const at = this.pos;
      const tag = this.tag(end);
      if (G.isSingular(this.#kind(message, tag))) {
        const known = places.get(tag >>> 3);
        if (known === undefined) places.set(tag >>> 3, [at]);
        else some = known.push(at) > 1;
      }
      this.skip(tag & 7, end);
    }
    this.pos = from;
    if (!some) return null;
    for (const [field, all] of places) if (all.length === 1) places.delete(field);
    return places;
  }

  #kind(message: number, tag: number): number {
    return tag >>> 3 < G.FIELDS_MAX ? (G.KINDS[(message << 5) | (tag >>> 3)] as number) : G.SKIP;
  }

  /** Of the members of the oneof only the one that counts goes on. */
  #any(parts: Parts, end: number): void {
    const member = memberOf(this, end, this.#scan.walked, (at) => parts.copy(at, this.pos));
    if (member === null) return;
    const { field, at } = member;
    if (field === 5 || field === 6) {
      parts.field(JSON_TAG, Buffer.from(memberJson(this, member)));
      this.pos = end;
      return;
    }
    this.pos = at;
    const tag = this.tag(end);
    if (field === 1) this.#text(parts, tag, end);
    else if (field === 2) parts.add(Uint8Array.of(tag, this.varint(end) === 0 ? 0 : 1));
    else this.#copy(parts, at, tag, end);
    this.pos = end;
  }

  #inner(parts: Parts, tag: number, end: number, write: (inner: Parts, stop: number) => void): void {
    const inner = new Parts(this.bytes);
    write(inner, this.stop(tag & 7, end));
    parts.nest(tag, inner);
  }

  #text(parts: Parts, tag: number, end: number): void {
    const stop = this.stop(tag & 7, end);
    const text = this.bytes.subarray(this.pos, stop);
    this.pos = stop;
    parts.field(tag, isUtf8(text) ? text : Buffer.from(new TextDecoder("utf-8", { ignoreBOM: true }).decode(text)));
  }

  #copy(parts: Parts, at: number, tag: number, end: number): void {
    this.skip(tag & 7, end);
    parts.copy(at, this.pos);
  }
}

/** Pieces of a message on the way out. Ranges of the old body that follow each other stay one piece. */
class Parts {
  readonly #source: Uint8Array;
  readonly #parts: Uint8Array[] = [];
  /** Bytes of the pieces, without the range at hand. */
  #length = 0;
  #from = 0;
  #to = 0;

  constructor(source: Uint8Array) {
    this.#source = source;
  }

  copy(from: number, to: number): void {
    if (this.#to !== from) {
      this.#flush();
      this.#from = from;
    }
    this.#to = to;
  }

  add(bytes: Uint8Array): void {
    this.#flush();
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  field(tag: number, content: Uint8Array): void {
    this.#head(tag, content.length);
    this.add(content);
  }

  /** The pieces of a message within this one: everything is joined once, at the end. */
  nest(tag: number, inner: Parts): void {
    inner.#flush();
    this.#head(tag, inner.#length);
    for (const part of inner.#parts) this.add(part);
  }

  #head(tag: number, length: number): void {
    const head: number[] = [];
    for (let number of [tag, length]) {
      for (; number > 0x7f; number >>>= 7) head.push((number & 0x7f) | 0x80);
      head.push(number);
    }
    this.add(Uint8Array.from(head));
  }

  /** A fixed64 of nanoseconds. */
  time(tag: number, ms: number): void {
    const field = Buffer.alloc(9);
    field[0] = tag;
    field.writeBigUInt64LE(BigInt(Math.round(ms)) * 1_000_000n, 1);
    this.add(field);
  }

  join(): Uint8Array {
    this.#flush();
    return this.#parts.length === 1 ? (this.#parts[0] as Uint8Array) : Buffer.concat(this.#parts);
  }

  #flush(): void {
    if (this.#to > this.#from) {
      this.#parts.push(this.#source.subarray(this.#from, this.#to));
      this.#length += this.#to - this.#from;
    }
    this.#from = this.#to = 0;
  }
}
