/**
 * What Collectors and brokers pack Kafka's record batches with and Node does not unpack by itself. Firstfix only reads
 * these; it never writes them. Checksums within are not read: a record batch has one of its own.
 *
 * Snappy, as librdkafka and Go write it: one block. As Java writes it: 0x82 "SNAPPY" 0x00, version and oldest version
 * (4 bytes each), then chunks of length (4 bytes, big-endian) and block.
 *   block   = length of the output (varint) element*
 *   element = tag, lowest two bits: 0 literal (length − 1 in the upper six bits; 60 … 63: in the 1 … 4 bytes that follow)
 *           | 1 copy (length − 4 in three bits, offset in three bits and a byte) | 2, 3 copy (length − 1 in six bits, offset in 2, 4 bytes)
 *
 * LZ4, frames one after another:
 *   frame = magic FLG BD [size: 8] [dictionary: 4] checksum:1 (length:4 block [checksum:4])* 0:4 [checksum:4]
 *   block = (token literals [offset:2 longer match])*, lengths in the token's halves, 15 goes on in bytes while they are 255
 */
export function unpackSnappy(packed: Buffer, bytesMax: number): Buffer {
  const out = new Output(bytesMax);
  if (!packed.subarray(0, XERIAL.length).equals(XERIAL)) snappyBlock(new Input(packed), out);
  else {
    const chunks = new Input(packed.subarray(XERIAL.length + 8));
    while (chunks.left > 0) snappyBlock(chunks.part(chunks.take(4).readUInt32BE(0)), out);
  }
  return out.bytes();
}

export function unpackLz4(packed: Buffer, bytesMax: number): Buffer {
  const out = new Output(bytesMax);
  const input = new Input(packed);
  while (input.left > 0) lz4Frame(input, out);
  return out.bytes();
}

const XERIAL = Buffer.from("82534e4150505900", "hex");
const LZ4_MAGIC = 0x184d2204;
/** The highest bit of a block's length says that it is not packed. */
const LZ4_PLAIN = 0x8000_0000;

function snappyBlock(input: Input, out: Output): void {
  const end = out.length + varint(input);
  out.room(end - out.length);
  while (input.left > 0) {
    const tag = input.byte();
    const upper = tag >> 2;
    switch (tag & 3) {
      case 0:
        out.append(input.take((upper < 60 ? upper : input.little(upper - 59)) + 1));
        break;
      case 1:
        out.repeat(((tag >> 5) << 8) | input.byte(), (upper & 7) + 4);
        break;
      default:
        out.repeat(input.little((tag & 3) === 2 ? 2 : 4), upper + 1);
    }
  }
  if (out.length !== end) throw broken(`a Snappy block of ${out.length} bytes says that it has ${end}`);
}

function varint(input: Input): number {
  let value = 0;
  for (let at = 0; at < 5; at++) {
    const byte = input.byte();
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return value;
  }
  throw broken("the length of a Snappy block has no end");
}

function lz4Frame(input: Input, out: Output): void {
  if (input.little(4) !== LZ4_MAGIC) throw broken("no LZ4 frame");
  const flags = input.byte();
  if (flags >> 6 !== 1 || (flags & 1) !== 0) throw broken("an LZ4 frame of another version, or with a dictionary");
  input.take(1 + ((flags & 8) === 0 ? 0 : 8) + 1);
  for (let length = input.little(4); length !== 0; length = input.little(4)) {
    if (length >= LZ4_PLAIN) out.append(input.take(length - LZ4_PLAIN));
    else lz4Block(input.part(length), out);
    if ((flags & 16) !== 0) input.take(4);
  }
  if ((flags & 4) !== 0) input.take(4);
}

function lz4Block(input: Input, out: Output): void {
  for (;;) {
    const token = input.byte();
    out.append(input.take(lz4Length(token >> 4, input)));
    if (input.left === 0) return;
    const offset = input.little(2);
    out.repeat(offset, lz4Length(token & 15, input) + 4);
  }
}

function lz4Length(start: number, input: Input): number {
  let length = start;
  for (let more = start === 15 ? 255 : 0; more === 255; length += more) more = input.byte();
  return length;
}

/** Bytes that are read once, from the front; throws where there are no more. */
class Input {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  get left(): number {
    return this.#bytes.length - this.#at;
  }
  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw broken("it ends too early");
    this.#at += 1;
    return byte;
  }
  little(bytes: number): number {
    if (bytes > this.left) throw broken("it ends too early");
    this.#at += bytes;
    return this.#bytes.readUIntLE(this.#at - bytes, bytes);
  }
  take(bytes: number): Buffer {
    if (bytes > this.left) throw broken(`${bytes} bytes are needed and ${this.left} are left`);
    this.#at += bytes;
    return this.#bytes.subarray(this.#at - bytes, this.#at);
  }
  part(bytes: number): Input {
    return new Input(this.take(bytes));
  }
}

/** Bytes as they come out; throws beyond the bound, so that a small message cannot unfold without end. */
class Output {
  readonly #bytesMax: number;
  #bytes = Buffer.allocUnsafe(64 * 1024);
  length = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }
  room(bytes: number): void {
    const needed = this.length + bytes;
    if (needed > this.#bytesMax) throw broken(`more than ${this.#bytesMax} bytes`);
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.min(Math.max(needed, this.#bytes.length * 2), this.#bytesMax));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
  append(bytes: Buffer): void {
    this.room(bytes.length);
    bytes.copy(this.#bytes, this.length);
    this.length += bytes.length;
  }
  /** Again what stands `offset` before the end; it may reach into what it writes. */
  repeat(offset: number, bytes: number): void {
    if (offset === 0 || offset > this.length) throw broken(`a copy from ${offset} before the end of ${this.length}`);
    this.room(bytes);
    const start = this.length - offset;
    if (offset >= bytes) this.#bytes.copyWithin(this.length, start, start + bytes);
    else for (let at = 0; at < bytes; at++) this.#bytes[this.length + at] = this.#bytes[start + at] as number;
    this.length += bytes;
  }
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }
}

function broken(what: string): Error {
  return new Error(`packed data is broken: ${what}`);
}
