/** Most keys that a budget remembers within one second; beyond them a new key gets nothing, which bounds memory. */
const KEYS_MAX = 1_000;

/** Grants at most `perSecond` uses of each key within one second. 0 grants nothing. */
export class Budget {
  readonly #perSecond: number;
  readonly #clock: () => number;
  #second = -1;
  readonly #used = new Map<string, number>();

  constructor(perSecond: number, clock: () => number = Date.now) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  take(key: string): boolean {
    const second = Math.floor(this.#clock() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#used.clear();
    }
    const used = this.#used.get(key) ?? 0;
    if (used >= this.#perSecond || (used === 0 && this.#used.size >= KEYS_MAX)) return false;
    this.#used.set(key, used + 1);
    return true;
  }
}
