import { FixerLoop, type FixerOptions } from "./loop.ts";

export type { FixerOptions } from "./loop.ts";

/**
 * Starts the fixer: it reproduces, looks for fixes, verifies and proposes them, and commits what a person approved. With
 * `fixer.enabled: false` it does nothing. `close` stops running sandboxes; a round that was cut off begins again later.
 */
export function startFixer(options: FixerOptions): { close(): Promise<void> } {
  if (!options.config.fixer.enabled) {
    options.log.info("fixes are switched off (fixer.enabled)");
    return { close: () => Promise.resolve() };
  }
  const loop = new FixerLoop(options);
  loop.start();
  return { close: () => loop.close() };
}
