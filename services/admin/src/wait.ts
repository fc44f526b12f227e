import { setTimeout as sleep } from "node:timers/promises";
import { FirstfixError, messageOf, type Logger } from "@firstfix/kit";
import type { Health } from "./health.ts";

export interface WaitOptions {
  /** Part of /readyz that waits. */
  readonly part: string;
  readonly health: Health;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Whether this error may pass by itself; every other one ends the wait. */
  readonly passes: (error: unknown) => boolean;
  readonly pauseMs?: number;
}

const PAUSE_MS = 250;
const PAUSE_MS_MAX = 5000;
/** A wait of hours is not hours of log. */
const LOG_EVERY_MS = 60_000;

/**
 * Calls until it succeeds, with growing pauses: a process whose broker is away waits for it and says so, instead of
 * ending and being started again. Waits without end on purpose (an orchestrator decides when it is too long); it ends
 * with an error that does not pass, or by the signal.
 */
export async function waitFor<T>(attempt: () => Promise<T>, { part, health, log, signal, passes, pauseMs = PAUSE_MS }: WaitOptions): Promise<T> {
  health.set(part, "starting");
  let loggedAt = -Infinity;
  for (let pause = pauseMs; ; pause = Math.min(pause * 2, PAUSE_MS_MAX)) {
    signal.throwIfAborted();
    try {
      const outcome = await attempt();
      if (loggedAt > -Infinity) log.info({ part }, "is there now");
      return outcome;
    } catch (error) {
      if (!passes(error)) throw error;
      health.set(part, "waiting", error);
      const hint = error instanceof FirstfixError ? error.hint : undefined;
      if (Date.now() - loggedAt >= LOG_EVERY_MS) log.warn({ part, err: messageOf(error), hint }, "waits, because what it needs is away");
      if (loggedAt === -Infinity || Date.now() - loggedAt >= LOG_EVERY_MS) loggedAt = Date.now();
    }
    await sleep(pause, undefined, { signal });
  }
}
