const BYTES_MIN = 1024;

/**
 * Puts a body together as it comes. Its memory is at most twice what has come (and 1 KiB), however small the pieces: a
 * list of pieces would cost some hundred bytes for each, which a client that sends byte by byte could make the most of.
 */
export class Gather {
  #buffer: Buffer | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** `expected` is how long the body may become, as far as that is known: nothing is set aside for it ahead of time. */
  add(chunk: Buffer, expected: number): void {
    const length = this.#length + chunk.length;
    if (this.#buffer === null || length > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(BYTES_MIN, length, Math.min(expected, 2 * length)));
      this.#buffer?.copy(grown, 0, 0, this.#length);
      this.#buffer = grown;
    }
    chunk.copy(this.#buffer, this.#length);
    this.#length = length;
  }

  /** What has come, without a copy. */
  whole(): Buffer {
    return this.#buffer === null ? Buffer.alloc(0) : this.#buffer.subarray(0, this.#length);
  }
}
