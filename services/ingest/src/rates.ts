/**
 * A token bucket: `perSecond` tokens come every second, up to `perSecond × burstS`. What costs more than the bucket can
 * hold passes when it is full and leaves a debt, because a refusal would never end. Times are milliseconds.
 */
export class Bucket {
  readonly #perSecond: number;
  readonly #max: number;
  #tokens: number;
  #atMs: number;

  constructor(perSecond: number, burstS: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#max = perSecond * burstS;
    this.#tokens = this.#max;
    this.#atMs = nowMs;
  }

  /** How long until `cost` may pass; 0 when it may now. */
  waitMs(cost: number, nowMs: number): number {
    this.#tokens = Math.min(this.#max, this.#tokens + (Math.max(0, nowMs - this.#atMs) / 1000) * this.#perSecond);
    this.#atMs = nowMs;
    const missing = Math.min(cost, this.#max) - this.#tokens;
    return missing <= 0 ? 0 : (missing / this.#perSecond) * 1000;
  }

  take(cost: number): void {
    this.#tokens -= cost;
  }

  /** What was taken for a request that then could not be stored. */
  give(cost: number): void {
    this.#tokens = Math.min(this.#max, this.#tokens + cost);
  }
}
