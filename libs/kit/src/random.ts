/**
 * Numbers from 0 up to, without, 1 whose sequence a seed fixes on every machine: for resampling and for generated data that
 * must be had again, never for ids or secrets. Mulberry32, 32 bits a number (T. Ettinger, 2017, public domain).
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
