import { TOPICS, type Bus } from "@firstfix/bus";
import { messageOf, type Logger } from "@firstfix/kit";
import type { RoundResult } from "./work.ts";

export interface LoopOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly pollMs: number;
  readonly round: () => Promise<RoundResult>;
}

const FAILURE_PAUSE_MAX_MS = 30_000;
const REST_MAX_MS = 1_000;

/**
 * Runs rounds one after another: at once after a hint and while there is a backlog, else after `pollMs`. A round that
 * fails is logged and tried again, ever more slowly.
 */
export class Loop {
  readonly #options: LoopOptions;
  readonly #hints: readonly { close(): Promise<void> }[];
  readonly #done: Promise<void>;
  #idle: { readonly from: number; readonly resolve: () => void }[] = [];
  #wake: () => void = () => {};
  #woken = false;
  #closed = false;
  #rounds = 0;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#hints = [TOPICS.batchInserted, TOPICS.journalWritten].map((topic) => options.bus.onHint(topic, () => this.wake()));
    this.#done = this.#run();
  }

  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Resolves after a round that began after this call and left nothing waiting; also when the loop is closed. */
  async idle(): Promise<void> {
    if (this.#closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle.push({ from: this.#rounds, resolve });
    this.wake();
    await promise;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.wake();
    for (const hint of this.#hints) await hint.close();
    await this.#done;
    for (const { resolve } of this.#idle.splice(0)) resolve();
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#closed) {
      this.#woken = false;
      const number = ++this.#rounds;
      const startedAt = performance.now();
      let pause = this.#options.pollMs;
      try {
        const { backlog, waiting } = await this.#options.round();
        failures = 0;
        if (backlog) pause = 0;
        else if (!waiting) this.#release(number);
      } catch (error) {
        failures++;
        pause = Math.min(FAILURE_PAUSE_MAX_MS, this.#options.pollMs * 2 ** Math.min(failures, 10));
        this.#options.log.error({ error: messageOf(error), failures }, "a round of the correlator failed; it is tried again");
      }
      // Rest as long as the round took: hints that come meanwhile share the next round, whose cost hardly grows with them.
      if (pause > 0) await this.#sleep(Math.min(REST_MAX_MS, this.#options.pollMs, performance.now() - startedAt), false);
      await this.#sleep(failures > 0 ? pause : this.#woken ? 0 : pause, failures === 0);
    }
  }

  #release(round: number): void {
    const released = this.#idle.filter((one) => one.from < round);
    this.#idle = this.#idle.filter((one) => one.from >= round);
    for (const { resolve } of released) resolve();
  }

  async #sleep(ms: number, wakeable: boolean): Promise<void> {
    if (this.#closed || ms === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#wake = () => {
      if (wakeable || this.#closed) resolve();
    };
    await promise;
    clearTimeout(timer);
    this.#wake = () => {};
  }
}
