/** Wakes those that wait: something has come, or it is time to end. */
export class Signal {
  readonly #waiting = new Set<() => void>();

  notify(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Until the next notice, or the time is over. */
  async wait(ms: number | null): Promise<void> {
    let timer: NodeJS.Timeout | null = null;
    let wake = (): void => {};
    await new Promise<void>((resolve) => {
      wake = resolve;
      this.#waiting.add(wake);
      if (ms !== null) timer = setTimeout(resolve, ms);
    });
    this.#waiting.delete(wake);
    if (timer !== null) clearTimeout(timer);
  }

  /** The whole time, whatever is noticed meanwhile, unless it is time to end. */
  async pause(ms: number, over: () => boolean): Promise<void> {
    const until = performance.now() + ms;
    for (let left = ms; left > 0 && !over(); left = until - performance.now()) await this.wait(left);
  }
}
