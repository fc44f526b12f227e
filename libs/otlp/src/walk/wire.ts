import { FirstfixError } from "@firstfix/kit";

/**
 * Protobuf wire format (protobuf.dev/programming-guides/encoding):
 *
 *   message = { field }
 *   field   = tag value            tag = varint (number << 3 | wire)
 *   wire 0  = varint               1 to 10 bytes, 7 bits each, lowest first; a tenth byte is 1, or it would not be 64 bits
 *   wire 1  = 8 bytes              little-endian
 *   wire 2  = length value         length = varint
 *   wire 5  = 4 bytes              little-endian
 *
 * Wires 3 and 4 (groups) are not part of proto3 and count as malformed.
 */
export const VARINT = 0;
export const FIXED64 = 1;
export const LEN = 2;
export const FIXED32 = 5;

const VARINT_BYTES_MAX = 10;

/** A position in a body, and the steps over it. Nothing here allocates; each step checks its end before it reads. */
export class Wire {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  pos = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** An unsigned varint as a double: exact up to 2^53, which tags and lengths never reach in a well-formed body. */
  varint(end: number): number {
    const bytes = this.bytes;
    let pos = this.pos;
    if (pos >= end) this.malformed("ends within a number");
    let byte = bytes[pos++] as number;
    if (byte < 0x80) {
      this.pos = pos;
      return byte;
    }
    let value = byte & 0x7f;
    let scale = 128;
    for (let read = 1; read < VARINT_BYTES_MAX; read++) {
      if (pos >= end) this.malformed("ends within a number");
      byte = bytes[pos++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        // The engine takes no other tenth byte: more is beyond 64 bits, and 0 is a number that would fit into nine.
        if (read === VARINT_BYTES_MAX - 1 && byte !== 1) this.malformed("has a number of more than 64 bits");
        this.pos = pos;
        return value;
      }
      scale *= 128;
    }
    return this.malformed("has a number of more than 10 bytes");
  }

  /** The next tag. Field number 0 does not exist. */
  tag(end: number): number {
    const tag = this.varint(end);
    if (tag < 8 || tag > 0xffffffff) this.malformed("has an impossible field number");
    return tag;
  }

  /** Reads a length and returns where that value ends; `pos` stands at its start. */
  stop(wire: number, end: number): number {
    if (wire !== LEN) this.malformed("has a field of the wrong wire type");
    const length = this.varint(end);
    const stop = this.pos + length;
    if (stop > end) this.malformed("ends within a field");
    return stop;
  }

  /** Steps over `count` bytes of a fixed value. */
  fixed(wire: number, expected: number, count: number, end: number): void {
    if (wire !== expected) this.malformed("has a field of the wrong wire type");
    if (this.pos + count > end) this.malformed("ends within a field");
    this.pos += count;
  }

  skipVarint(wire: number, end: number): void {
    if (wire !== VARINT) this.malformed("has a field of the wrong wire type");
    this.varint(end);
  }

  /** Steps over a field that nobody here knows. */
  skip(wire: number, end: number): void {
    if (wire === LEN) this.pos = this.stop(wire, end);
    else if (wire === VARINT) this.varint(end);
    else if (wire === FIXED64) this.fixed(wire, FIXED64, 8, end);
    else if (wire === FIXED32) this.fixed(wire, FIXED32, 4, end);
    else this.malformed("has a field of an unknown wire type");
  }

  malformed(what: string): never {
    throw new FirstfixError("otlp.malformed", `the body ${what}, at byte ${this.pos}`, {
      hint: "Send an OTLP Export request encoded as protobuf; look for a proxy that cuts or alters bodies.",
    });
  }
}
