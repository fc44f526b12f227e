import { setTimeout as sleep } from "node:timers/promises";

/** However slow the machine is, what is expected comes within this. */
const UNTIL_MS_MAX = 30_000;

/** Waits until the condition holds, and throws with `what` when that takes too long. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + UNTIL_MS_MAX;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within ${UNTIL_MS_MAX / 1000} s: ${what}`);
    await sleep(20);
  }
}
