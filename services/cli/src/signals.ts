const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Ends by way of `exit`, so that what lies in the temporary folder goes with the process. A command that stops in its own way, by a listener of its own, is left to it. */
export function endOnSignals(): void {
  for (const [signal, code] of Object.entries(CODES)) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(code);
    });
  }
}
