import { Random } from "../random.ts";
import type { Sender, Unit } from "./template.ts";
import { INSTANCES, NUMBER_SPREAD, TEXT_RULES } from "./vary.ts";
import { varint } from "./wire.ts";

export interface GenerateOptions {
  /** The same seed (and times) gives the same bytes. */
  readonly seed: number;
  /** Records in all; the last request may take it over by less than one trace. */
  readonly records: number;
  readonly perRequest: number;
  /** The times of the requests go evenly from … to, in milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** A service sends what it gathered in so long, in milliseconds. */
const REQUEST_SPREAD_MS = 500;
/** How much longer or shorter a trace is than the recorded one: the deviation of the logarithm. */
const DURATION_DEVIATION = 0.5;
const RECORDS_TAG = (2 << 3) | 2;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;

export function* generate(senders: readonly Sender[], options: GenerateOptions): Generator<Uint8Array> {
  const random = new Random(options.seed);
  const writer = new Writer(random);
  const weights = senders.flatMap((sender) => Array.from({ length: Math.ceil(sender.records / 50) }, () => sender));
  const requests = Math.max(1, Math.ceil(options.records / options.perRequest));
  for (let request = 0, made = 0; made < options.records; request++) {
    const sender = random.pick(weights);
    const units: Unit[] = [];
    let records = 0;
    while (records < Math.min(options.perRequest, options.records - made)) {
      const unit = random.pick(sender.units);
      units.push(unit);
      records += unit.records.length;
    }
    made += records;
    yield writer.request(sender, units, options.fromMs + ((options.toMs - options.fromMs) * Math.min(request, requests)) / requests);
  }
}

class Writer {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** All traces of one sender as its exporter would send them: one resource, its scopes, the records in them. */
  request(sender: Sender, units: readonly Unit[], atMs: number): Uint8Array {
    const sizes = sender.scopes.map(() => 0);
    for (const unit of units) for (const { scope, bytes } of unit.records) sizes[scope] = (sizes[scope] ?? 0) + bytes.length;
    const heads = sender.scopes.map((scope, index) => ((sizes[index] ?? 0) === 0 ? [] : [RECORDS_TAG, ...varint(scope.length + (sizes[index] ?? 0))]));
    const resource = instance(sender.resource, this.#random.below(INSTANCES));
    const inner = sender.scopes.reduce((sum, scope, index) => sum + ((sizes[index] ?? 0) === 0 ? 0 : (heads[index]?.length ?? 0) + scope.length + (sizes[index] ?? 0)), resource.length);
    const head = [(1 << 3) | 2, ...varint(inner)];
    const out = Buffer.allocUnsafe(head.length + inner);
    out.set(head);
    out.set(resource, head.length);
    let at = head.length + resource.length;
    const places = sender.scopes.map((scope, index) => {
      if ((sizes[index] ?? 0) === 0) return at;
      out.set(heads[index] ?? [], at);
      out.set(scope, at + (heads[index]?.length ?? 0));
      const place = at + (heads[index]?.length ?? 0) + scope.length;
      at = place + (sizes[index] ?? 0);
      return place;
    });
    for (const unit of units) this.#unit(unit, out, places, atMs + this.#random.below(REQUEST_SPREAD_MS));
    return out;
  }

  #unit(unit: Unit, out: Buffer, places: number[], atMs: number): void {
    const random = this.#random;
    const traceIds = words(random, unit.traceIds * 4);
    const spanIds = words(random, unit.spanIds * 2);
    const texts = unit.texts.map(({ recorded, rule }) => vary(recorded, rule, random));
    const numbers = unit.numbers.map((value) => aside(value, random));
    const scale = Math.exp(DURATION_DEVIATION * normal(random));
    // A BigInt for every time would cost more than all the rest.
    const baseNs = BigInt(Math.floor(atMs)) * 1_000_000n + BigInt(random.below(1_000_000));
    const high = Number(baseNs >> 32n);
    const low = Number(baseNs & 0xffffffffn);
    for (const { scope, bytes, patches } of unit.records) {
      const place = places[scope] ?? 0;
      out.set(bytes, place);
      places[scope] = place + bytes.length;
      for (const patch of patches) {
        const at = place + patch.at;
        if (patch.kind === "time") {
          const sum = low + Math.floor(patch.rel * scale);
          out.writeUInt32LE(sum % 4_294_967_296, at);
          out.writeUInt32LE(high + Math.floor(sum / 4_294_967_296), at + 4);
        } else if (patch.kind === "spanId") id(out, at, spanIds, patch.index * 2, 2);
        else if (patch.kind === "traceId") id(out, at, traceIds, patch.index * 4, 4);
        else if (patch.kind === "text") out.write(texts[patch.index] ?? "", at, patch.length, "latin1");
        else number(out, at, numbers[patch.index] ?? 0, patch.length);
      }
    }
  }
}

/** The resource of one of the sender's instances: another service.instance.id, where it has one. */
function instance(resource: Uint8Array, which: number): Uint8Array {
  const text = Buffer.from(resource).toString("latin1");
  const match = UUID.exec(text);
  if (match === null) return resource;
  return Buffer.from(text.slice(0, match.index) + vary(match[0], 0, new Random(which)) + text.slice(match.index + match[0].length), "latin1");
}

function words(random: Random, count: number): Uint32Array {
  const all = new Uint32Array(count);
  for (let at = 0; at < count; at++) all[at] = random.bits();
  return all;
}

/** Never all zero, which stands for no id. */
function id(out: Buffer, at: number, from: Uint32Array, index: number, count: number): void {
  for (let word = 0; word < count; word++) out.writeUInt32LE(word === 0 ? ((from[index] ?? 0) | 1) >>> 0 : (from[index + word] ?? 0), at + 4 * word);
}

function vary(recorded: string, rule: number, random: Random): string {
  const { alphabet, cardinality } = TEXT_RULES[rule] ?? { alphabet: "0", cardinality: 1 };
  if (rule === 0) {
    const hex = Array.from({ length: 4 }, () => random.bits().toString(16).padStart(8, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${recorded[19] ?? "a"}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
  // One of so many values is one of so many numbers, written in the alphabet.
  let rest = cardinality === Infinity ? random.bits() : random.below(cardinality);
  let text = "";
  for (let digit = 0; digit < recorded.length; digit++) {
    text = (alphabet[rest % alphabet.length] ?? "0") + text;
    rest = Math.floor(rest / alphabet.length);
  }
  return text;
}

/** A whole number near the recorded one that takes as many bytes. */
function aside(value: number, random: Random): number {
  const bytes = varint(value).length;
  const least = bytes === 1 ? 0 : 128 ** (bytes - 1);
  const most = 128 ** bytes - 1;
  if (value === 0) return 0;
  return Math.min(most, Math.max(least, Math.round(value * (1 + NUMBER_SPREAD * ((2 * random.bits()) / 4_294_967_296 - 1)))));
}

function number(out: Buffer, at: number, value: number, length: number): void {
  let rest = value;
  for (let byte = 0; byte < length; byte++) {
    out[at + byte] = (rest % 128) | (byte === length - 1 ? 0 : 0x80);
    rest = Math.floor(rest / 128);
  }
}

/** Box–Muller. */
function normal(random: Random): number {
  const [first, second] = [random.bits(), random.bits()].map((word) => (word + 1) / 4_294_967_297) as [number, number];
  return Math.sqrt(-2 * Math.log(first)) * Math.cos(2 * Math.PI * second);
}
