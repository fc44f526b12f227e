/** The end of a process: what was measured last is sent before it is gone, within a bound. */
export interface Flushed {
  /** Sends what has ended so far; recording goes on. */
  readonly flush: () => Promise<void>;
  /** Sends everything and stops recording. */
  readonly shutdown: () => Promise<void>;
  readonly flushMs: number;
}

/**
 * Sends what was measured when the process is asked to end or has nothing left to do. A signal that the application
 * handles itself ends the process the application's way: it may still finish requests and jobs, so recording goes on
 * until nothing is left to do. Otherwise the process dies of that signal, as it would have without us.
 */
export function flushAtEnd({ flush, shutdown, flushMs }: Flushed): void {
  let ending: Promise<void> | null = null;
  const end = (): Promise<void> => (ending ??= bounded(shutdown(), flushMs));
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const onSignal = (): void => {
      if (process.listenerCount(signal) > 1) {
        void bounded(flush(), flushMs);
        return;
      }
      void end().then(() => {
        process.removeListener(signal, onSignal);
        process.kill(process.pid, signal);
      });
    };
    process.on(signal, onSignal);
  }
  process.once("beforeExit", () => {
    void end();
  });
}

/** Records a fatal error and flushes; then the process ends as Node would have ended it: the stack on stderr, code 1. */
export function recordFatal(record: (error: unknown) => void, { shutdown, flushMs }: Flushed): void {
  const onFatal = (error: unknown): void => {
    record(error);
    // An application that handles fatal errors itself decides what happens next.
    if (process.listenerCount("uncaughtException") > 1) return;
    void endWith(error);
  };
  const endWith = async (error: unknown): Promise<void> => {
    await bounded(shutdown(), flushMs);
    console.error(error);
    process.exit(1);
  };
  process.on("uncaughtException", onFatal);
}

function bounded(work: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    work.catch(() => undefined).finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
