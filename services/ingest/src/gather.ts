const BLOCK_BYTES_MIN = 1024;
const BLOCK_BYTES_MAX = 256 * 1024;

/**
 * Puts a body together as it comes, in blocks that grow with it: what it holds besides what has come is at most as much
 * again, and at most one block. A list of the pieces themselves would cost some hundred bytes for each, which a client
 * that sends byte by byte could make the most of, and may keep alive the larger buffers that they were read into.
 */
export class Gather {
  readonly #blocks: Buffer[] = [];
  /** Free bytes of the last block. */
  #free = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Memory that is set aside, in bytes. */
  get held(): number {
    return this.#length + this.#free;
  }

  /** `expected` is how long the body may become, as far as that is known: nothing is set aside for it ahead of time. */
  add(chunk: Buffer, expected: number): void {
    let taken = 0;
    const last = this.#blocks.at(-1);
    if (last !== undefined && this.#free > 0) {
      taken = chunk.copy(last, last.length - this.#free, 0, this.#free);
      this.#free -= taken;
    }
    const rest = chunk.length - taken;
    if (rest > 0) {
      const room = Math.min(Math.max(BLOCK_BYTES_MIN, this.#length), BLOCK_BYTES_MAX, Math.max(0, expected - this.#length - taken));
      const block = Buffer.allocUnsafeSlow(Math.max(rest, room));
      chunk.copy(block, 0, taken);
      this.#free = block.length - rest;
      this.#blocks.push(block);
    }
    this.#length += chunk.length;
  }

  /** What has come; without a copy where it is one block. */
  whole(): Buffer {
    const [first] = this.#blocks;
    return first !== undefined && this.#blocks.length === 1 ? first.subarray(0, this.#length) : Buffer.concat(this.#blocks, this.#length);
  }
}
