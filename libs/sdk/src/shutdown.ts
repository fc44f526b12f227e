import { writeSync } from "node:fs";
import { inspect } from "node:util";

/** The end of a process: what was measured last is sent before it is gone, within a bound. */
export interface Flushed {
  /** Sends what has ended so far; recording goes on. */
  readonly flush: () => Promise<void>;
  /** Sends everything and stops recording. */
  readonly shutdown: () => Promise<void>;
  readonly flushMs: number;
}

/** Longest wait after a fatal error: until then the application goes on serving, in a state that nobody vouches for. */
export const FATAL_FLUSH_MS_MAX = 500;

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
      if (process.listenerCount(signal) === 1) {
        void end().then(() => {
          process.removeListener(signal, onSignal);
          process.kill(process.pid, signal);
        });
        return;
      }
      // The others run after us, and some (`signal-exit`) end the process only where nobody but them listens.
      process.removeListener(signal, onSignal);
      void bounded(flush(), flushMs);
      holdKill(signal, end, () => { process.prependListener(signal, onSignal); });
    };
    process.prependListener(signal, onSignal);
  }
  process.once("beforeExit", () => {
    void end();
  });
}

/** Records a fatal error and flushes; then the process ends as Node would have ended it: the stack on stderr, code 1. */
export function recordFatal(record: (error: unknown) => void, { shutdown, flushMs }: Flushed): void {
  let ending = false;
  const onFatal = (error: unknown): void => {
    record(error);
    // An application that handles fatal errors itself decides what happens next.
    if (process.listenerCount("uncaughtException") > 1 || ending) return;
    ending = true;
    // An application may have replaced `console` and `process.stderr`; Node itself would have asked neither.
    print(error);
    void endAfterFlush();
  };
  const endAfterFlush = async (): Promise<void> => {
    await bounded(shutdown(), Math.min(flushMs, FATAL_FLUSH_MS_MAX));
    process.exit(1);
  };
  process.on("uncaughtException", onFatal);
}

/**
 * Until the listeners of this signal have run, a listener's `process.kill(process.pid, signal)` waits for the last
 * batch, if by then nothing else would have kept the process alive. Whatever other call is made goes straight through.
 */
function holdKill(signal: NodeJS.Signals, end: () => Promise<void>, resume: () => void): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with the process as `this` below
  const kill = process.kill;
  let killed = false;
  const held: typeof process.kill = (pid, asked) => {
    if (pid !== process.pid || asked !== signal || process.listenerCount(signal) > 0) return kill.call(process, pid, asked);
    if (!killed) void end().then(() => kill.call(process, pid, signal));
    killed = true;
    return true;
  };
  process.kill = held;
  setImmediate(() => {
    if (process.kill === held) process.kill = kill;
    if (!killed) resume();
  });
}

function print(error: unknown): void {
  try {
    writeSync(2, `${inspect(error)}\n`);
  } catch {
    // Its stderr is closed or full, or the error cannot be looked at: it ends all the same.
  }
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
