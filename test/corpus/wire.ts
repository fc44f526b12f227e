/** The wire format as the corpus and the fuzzer need it: places of fields, for bytes that are known to be well-formed. */
export interface Field {
  readonly number: number;
  readonly wire: number;
  /** Where its tag begins. */
  readonly at: number;
  /** Its value without tag and length. */
  readonly start: number;
  readonly end: number;
}

export const VARINT = 0;
export const FIXED64 = 1;
export const LEN = 2;
export const FIXED32 = 5;

/** The fields of the message that stands in `bytes` from `start` to `end`. Throws where there is none. */
export function fieldsOf(bytes: Uint8Array, start = 0, end = bytes.length): Field[] {
  const fields: Field[] = [];
  for (let at = start; at < end; ) {
    const tag = readVarint(bytes, at, end);
    const wire = tag.value & 7;
    const number = Math.floor(tag.value / 8);
    let from = tag.next;
    let to: number;
    if (wire === VARINT) to = readVarint(bytes, from, end).next;
    else if (wire === FIXED64) to = from + 8;
    else if (wire === FIXED32) to = from + 4;
    else if (wire === LEN) {
      const length = readVarint(bytes, from, end);
      from = length.next;
      to = from + length.value;
    } else throw new Error(`no field with wire type ${wire}`);
    if (to > end || number === 0) throw new Error("not a message");
    fields.push({ number, wire, at, start: from, end: to });
    at = to;
  }
  return fields;
}

export function readVarint(bytes: Uint8Array, at: number, end = bytes.length): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let scale = 1, pos = at; pos < Math.min(end, at + 10); scale *= 128) {
    const byte = bytes[pos++] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, next: pos };
  }
  throw new Error("not a number");
}

export function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}

/** A field with a length: a text, bytes or a message. */
export function lengthed(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([...varint(number * 8 + LEN), ...varint(content.length)]), content]);
}
