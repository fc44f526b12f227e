import type { Signal } from "@firstfix/otlp";
import { fieldsOf, LEN, lengthed, readVarint, VARINT, type Field } from "./wire.ts";
import { NUMBER_KEYS, TEXT_RULES } from "./vary.ts";

/** Records of one recorded trace (log records outside of any stand alone), ready to be copied and changed in place. */
export interface Unit {
  readonly records: readonly RecordTemplate[];
  /** How many different ids of each kind there are. */
  readonly traceIds: number;
  readonly spanIds: number;
  readonly texts: readonly TextSlot[];
  readonly numbers: readonly number[];
}

export interface RecordTemplate {
  /** Index of its scope in the sender. */
  readonly scope: number;
  /** The record with its tag and length in the scope's message. */
  readonly bytes: Uint8Array;
  readonly patches: readonly Patch[];
}

/** What to write where: `index` among the unit's ids, texts or numbers; `rel` nanoseconds after the unit's first time. */
export type Patch =
  | { readonly kind: "traceId" | "spanId" | "number"; readonly at: number; readonly index: number; readonly length: number }
  | { readonly kind: "text"; readonly at: number; readonly index: number; readonly length: number }
  | { readonly kind: "time"; readonly at: number; readonly rel: number };

export interface TextSlot {
  readonly recorded: string;
  /** Index in TEXT_RULES. */
  readonly rule: number;
}

/** One process that sent: its resource, its scopes and what it recorded. */
export interface Sender {
  readonly resource: Uint8Array;
  /** Scope messages: everything of ScopeSpans or ScopeLogs but the records. */
  readonly scopes: readonly Uint8Array[];
  readonly units: readonly Unit[];
  readonly records: number;
}

interface Numbers {
  readonly traceId: number;
  readonly spanId: readonly number[];
  readonly times: readonly number[];
  readonly attributes: number;
  readonly body: number;
}

const NUMBERS: Readonly<Record<Signal, Numbers>> = {
  traces: { traceId: 1, spanId: [2, 4], times: [7, 8], attributes: 9, body: -1 },
  logs: { traceId: 9, spanId: [10], times: [1, 11], attributes: 6, body: 5 },
};
const [EVENTS, LINKS] = [11, 13];

interface Raw {
  readonly scope: number;
  readonly record: Uint8Array;
  readonly trace: string;
}

/** Takes recorded requests apart into senders (equal resources) and their traces. */
export function templates(signal: Signal, requests: readonly Uint8Array[]): Sender[] {
  const senders = new Map<string, { resource: Uint8Array; scopes: Map<string, Uint8Array>; raw: Raw[] }>();
  for (const request of requests) {
    for (const group of fieldsOf(request)) {
      const fields = fieldsOf(request, group.start, group.end);
      const resource = cut(request, fields.filter(({ number }) => number !== 2));
      const key = hex(resource);
      const sender = senders.get(key) ?? { resource, scopes: new Map<string, Uint8Array>(), raw: [] };
      senders.set(key, sender);
      for (const part of fields.filter(({ number }) => number === 2)) {
        const inner = fieldsOf(request, part.start, part.end);
        const scope = cut(request, inner.filter(({ number }) => number !== 2));
        sender.scopes.set(hex(scope), scope);
        const index = [...sender.scopes.keys()].indexOf(hex(scope));
        for (const { start, end } of inner.filter(({ number }) => number === 2)) sender.raw.push({ scope: index, record: request.subarray(start, end), trace: traceOf(signal, request.subarray(start, end)) });
      }
    }
  }
  return [...senders.values()].map(({ resource, scopes, raw }) => {
    const byTrace = Map.groupBy(raw, ({ trace }) => trace);
    const alone = byTrace.get("") ?? [];
    byTrace.delete("");
    const units = [...byTrace.values(), ...alone.map((one) => [one])].map((records) => unit(signal, records));
    return { resource, scopes: [...scopes.values()], units, records: raw.length };
  });
}

function unit(signal: Signal, raw: readonly Raw[]): Unit {
  const traceIds = new Index();
  const spanIds = new Index();
  const texts = new Index();
  const numbers = new Index();
  const slots: TextSlot[] = [];
  const N = NUMBERS[signal];
  const first = raw.reduce((min, { record }) => fieldsOf(record).reduce((least, field) => (N.times.includes(field.number) && nanos(record, field) > 0n && nanos(record, field) < least ? nanos(record, field) : least), min), 2n ** 63n);
  const records = raw.map(({ scope, record }): RecordTemplate => {
    const bytes = lengthed(2, record);
    const patches: Patch[] = [];
    const id = (kind: "traceId" | "spanId", { start, end }: Field): void => {
      const [index, length] = kind === "traceId" ? [traceIds, 16] : [spanIds, 8];
      if (end - start === length) patches.push({ kind, at: start, length, index: index.of(hex(bytes.subarray(start, end))) });
    };
    const time = (field: Field): void => {
      if (nanos(bytes, field) > 0n) patches.push({ kind: "time", at: field.start, rel: Number(nanos(bytes, field) - first) });
    };
    const text = ({ start, end }: Field): void => {
      const value = Buffer.from(bytes.subarray(start, end)).toString("latin1");
      for (const [rule, { pattern }] of TEXT_RULES.entries()) {
        for (const match of value.matchAll(pattern)) {
          const recorded = match[1] ?? match[0];
          const index = texts.of(`${rule} ${recorded}`);
          slots[index] = { recorded, rule };
          patches.push({ kind: "text", at: start + match.index + match[0].indexOf(recorded), length: recorded.length, index });
        }
      }
    };
    const any = (field: Field, key: string): void => {
      for (const value of fieldsOf(bytes, field.start, field.end)) {
        if (value.number === 1 && value.wire === LEN) text(value);
        if (value.number === 3 && value.wire === VARINT && NUMBER_KEYS.test(key) && value.end - value.start < 6) patches.push({ kind: "number", at: value.start, length: value.end - value.start, index: numbers.of(String(readVarint(bytes, value.start).value)) });
      }
    };
    const attribute = (field: Field): void => {
      const inner = fieldsOf(bytes, field.start, field.end);
      const name = inner.find(({ number }) => number === 1);
      const key = name === undefined ? "" : Buffer.from(bytes.subarray(name.start, name.end)).toString();
      for (const value of inner) if (value.number === 2) any(value, key);
    };
    const start = bytes.length - record.length;
    for (const field of fieldsOf(bytes, start)) {
      if (field.number === N.traceId) id("traceId", field);
      else if (N.spanId.includes(field.number)) id("spanId", field);
      else if (N.times.includes(field.number)) time(field);
      else if (field.number === N.attributes) attribute(field);
      else if (field.number === N.body) any(field, "");
      else if (signal === "traces" && field.number === EVENTS) {
        for (const inner of fieldsOf(bytes, field.start, field.end)) {
          if (inner.number === 1) time(inner);
          if (inner.number === 3) attribute(inner);
        }
      } else if (signal === "traces" && field.number === LINKS) {
        for (const inner of fieldsOf(bytes, field.start, field.end)) if (inner.number < 3) id(inner.number === 1 ? "traceId" : "spanId", inner);
      }
    }
    return { scope, bytes, patches };
  });
  return { records, traceIds: traceIds.size, spanIds: spanIds.size, texts: slots, numbers: numbers.keys().map(Number) };
}

/** Numbers keys in the order in which they come. */
class Index {
  readonly #known = new Map<string, number>();

  get size(): number {
    return this.#known.size;
  }

  of(key: string): number {
    const known = this.#known.get(key) ?? this.#known.size;
    this.#known.set(key, known);
    return known;
  }

  keys(): string[] {
    return [...this.#known.keys()];
  }
}

function traceOf(signal: Signal, record: Uint8Array): string {
  const field = fieldsOf(record).find(({ number }) => number === NUMBERS[signal].traceId);
  return field === undefined ? "" : hex(record.subarray(field.start, field.end));
}

function cut(bytes: Uint8Array, fields: readonly Field[]): Uint8Array {
  return Buffer.concat(fields.map(({ at, end }) => bytes.subarray(at, end)));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function nanos(bytes: Uint8Array, { start }: Field): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(start, true);
}
