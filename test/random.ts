import { seededRandom } from "@firstfix/kit";

const WORD = 2 ** 32;

/** Draws that a seed fixes, so that a generated case can be had again to the last byte. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }

  /** From 0 up to, without, 1. */
  next(): number {
    return this.#next();
  }

  /** A whole number of 32 bits. */
  bits(): number {
    return this.#next() * WORD;
  }

  /** A whole number from 0 up to, without, `bound`. */
  below(bound: number): number {
    return Math.floor(this.#next() * bound);
  }

  /** A whole number, both ends included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }

  pick<T>(values: readonly T[]): T {
    if (values.length === 0) throw new Error("nothing to pick from");
    return values[this.below(values.length)] as T;
  }

  shuffled<T>(values: readonly T[]): T[] {
    const result = [...values];
    for (let i = result.length - 1; i > 0; i -= 1) {
      const j = this.between(0, i);
      [result[i], result[j]] = [result[j] as T, result[i] as T];
    }
    return result;
  }
}
