import { isUtf8 } from "node:buffer";
import { JSON_VALUE_FIELD, type Signal } from "../schema.ts";
import * as G from "./grammar.ts";
import { nestedJson } from "./nested.ts";
import type { Scan } from "./scan.ts";
import { LEN, Wire } from "./wire.ts";

/** Number of the field observed_time_unix_nano of a log record, as fixed64. */
const OBSERVED_TAG = (11 << 3) | 1;
const JSON_TAG = (JSON_VALUE_FIELD << 3) | LEN;

/**
 * Second pass, only where the scan noted something: the body without the rejected records, nested values as JSON text
 * in field 1001, invalid UTF-8 replaced by U+FFFD, every true written as 1, the time of arrival on log records that have no time, and without
 * fields 1001 that a sender made up. Everything else is copied byte for byte, unknown fields too.
 */
export function rewrite(signal: Signal, bytes: Uint8Array, scan: Scan, nowMs: number): Uint8Array {
  return new Rewrite(signal, bytes, scan, nowMs).request();
}

class Rewrite extends Wire {
  readonly #record: number;
  readonly #scan: Scan;
  readonly #nowMs: number;

  constructor(signal: Signal, bytes: Uint8Array, scan: Scan, nowMs: number) {
    super(bytes);
    this.#record = signal === "traces" ? G.SPAN : G.LOG;
    this.#scan = scan;
    this.#nowMs = nowMs;
  }

  request(): Uint8Array {
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
    parts.field(tag, inner.join());
  }

  /** A resource, scope or record: left out, written anew or copied, as the scan noted. */
  #noted(parts: Parts, at: number, tag: number, end: number, message: number): void {
    const { drop, dirty, undated } = this.#scan;
    if (drop.has(at)) return this.skip(tag & 7, end);
    if (!dirty.has(at) && !undated.has(at)) return this.#copy(parts, at, tag, end);
    const inner = new Parts(this.bytes);
    this.#message(inner, message, this.stop(tag & 7, end));
    if (undated.has(at)) inner.time(OBSERVED_TAG, this.#nowMs);
    parts.field(tag, inner.join());
  }

  #message(parts: Parts, message: number, end: number): void {
    while (this.pos < end) {
      const at = this.pos;
      const tag = this.tag(end);
      const kind = tag >>> 3 < G.FIELDS_MAX ? (G.KINDS[(message << 5) | (tag >>> 3)] as number) : G.SKIP;
      if (kind === G.TEXT) this.#text(parts, tag, end);
      else if (kind === G.ATTRIBUTE) this.#inner(parts, tag, end, (inner, stop) => this.#attribute(inner, stop));
      else if (kind === G.ANY) this.#inner(parts, tag, end, (inner, stop) => this.#any(inner, stop));
      else if (kind >= G.MESSAGE) this.#inner(parts, tag, end, (inner, stop) => this.#message(inner, kind - G.MESSAGE, stop));
      else this.#copy(parts, at, tag, end);
    }
  }

  #attribute(parts: Parts, end: number): void {
    while (this.pos < end) {
      const at = this.pos;
      const tag = this.tag(end);
      if (tag >>> 3 === 1) this.#text(parts, tag, end);
      else if (tag >>> 3 === 2) this.#inner(parts, tag, end, (inner, stop) => this.#any(inner, stop));
      else this.#copy(parts, at, tag, end);
    }
  }

  #any(parts: Parts, end: number): void {
    while (this.pos < end) {
      const at = this.pos;
      const tag = this.tag(end);
      const field = tag >>> 3;
      if (field === 1) this.#text(parts, tag, end);
      else if (field === 2) parts.add(Uint8Array.of(tag, this.varint(end) === 0 ? 0 : 1));
      else if (field === 5 || field === 6) {
        const stop = this.stop(tag & 7, end);
        parts.field(JSON_TAG, Buffer.from(nestedJson(this, field, stop)));
      } else if (field === JSON_VALUE_FIELD && !this.#scan.walked) this.skip(tag & 7, end);
      else this.#copy(parts, at, tag, end);
    }
  }

  #inner(parts: Parts, tag: number, end: number, write: (inner: Parts, stop: number) => void): void {
    const inner = new Parts(this.bytes);
    write(inner, this.stop(tag & 7, end));
    parts.field(tag, inner.join());
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
  }

  field(tag: number, content: Uint8Array): void {
    const head: number[] = [];
    for (let number of [tag, content.length]) {
      for (; number > 0x7f; number >>>= 7) head.push((number & 0x7f) | 0x80);
      head.push(number);
    }
    this.add(Uint8Array.from(head));
    this.add(content);
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
    if (this.#to > this.#from) this.#parts.push(this.#source.subarray(this.#from, this.#to));
    this.#from = this.#to = 0;
  }
}
