import { url as inspectorUrl } from "node:inspector";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { previewVariables } from "./preview.ts";
import { type IsSecret, secretNames } from "./names.ts";
import type { Settings } from "./settings.ts";

/** The property of the global object by which the worker reaches this module while the thread is paused. */
export const BRIDGE = Symbol.for("firstfix.sdk.locals");

/** How often it is looked whether somebody attached a debugger. */
const DEBUGGER_POLL_MS = 1_000;
/** Longest wait at the end of the process for the inspector session to close. */
const STOP_MS_MAX = 250;
/** Where the worker's session stands; shared with it, because messages come too late at the end of a process. */
const STATES = { idle: 0, connected: 1, ended: 2 };
/** Longest JSON text of the variables of one error. */
const TEXT_MAX = 32 * 1024;

/** Begins to capture as the settings say. Cannot fail: where there is no inspector there are no local variables. */
export function localsFor(settings: Settings): LocalsCapture {
  if (settings.captureLocals === 0) return NO_LOCALS;
  try {
    return captureLocals({ perSecond: settings.captureLocals, caught: settings.captureCaught, isSecret: secretNames(settings.redact) });
  } catch {
    return NO_LOCALS;
  }
}

/** What the worker calls in the paused thread. */
export interface Bridge {
  readonly frame: (index: number, name: string, url: string, line: number, scope: object) => void;
  readonly done: (error: object) => void;
}

interface LocalsOptions {
  readonly perSecond: number;
  readonly caught: boolean;
  readonly isSecret: IsSecret;
}

export interface LocalsCapture {
  /** JSON text of the variables where this error was thrown, if they were captured. */
  readonly of: (error: object) => string | undefined;
  /** The worker loads from the start; from here on it listens. */
  readonly begin: () => void;
  readonly stop: () => void;
}

const NO_LOCALS: LocalsCapture = { of: () => undefined, begin: () => undefined, stop: () => undefined };

interface Frame {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly variables: Record<string, unknown>;
}

/**
 * Captures the local variables of the application's frames at the moment an error is thrown. A worker thread holds an
 * inspector session on the main thread, is told of each exception, and has the paused thread preview its own scopes;
 * the result waits beside the error object until somebody records that error and asks for it.
 */
function captureLocals(options: LocalsOptions): LocalsCapture {
  const texts = new WeakMap<object, string>();
  // A debugger is somebody's work: two sessions would stop at each other's breakpoints.
  if (inspectorUrl() !== undefined) return NO_LOCALS;
  let frames: (Frame | undefined)[] = [];
  const bridge: Bridge = {
    frame: (index, name, url, line, scope) => {
      const variables = { ...previewVariables(scope, options.isSecret), ...frames[index]?.variables };
      frames[index] = { function: name === "" ? "(anonymous)" : name, file: pathOf(url), line, variables };
    },
    done: (error) => {
      const text = serialised(frames.filter((frame) => frame !== undefined));
      if (text !== null) texts.set(error, text);
      frames = [];
    },
  };
  Object.defineProperty(globalThis, BRIDGE, { value: bridge, enumerable: false, configurable: true });
  return { of: (error) => texts.get(error), ...startWorker(options) };
}

/** `stop` ends the session and waits for it. */
function startWorker(options: LocalsOptions): Pick<LocalsCapture, "begin" | "stop"> {
  const file = import.meta.url.endsWith(".ts") ? "./locals-worker.ts" : "./locals-worker.js";
  const state = new Int32Array(new SharedArrayBuffer(4));
  // Without its own execArgv the worker would run the same --import again, and start a worker of its own.
  const worker = new Worker(new URL(file, import.meta.url), {
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: "" },
    workerData: { perSecond: options.perSecond, caught: options.caught, state },
    stdout: false,
    stderr: false,
  });
  worker.on("error", () => undefined);
  worker.unref();
  // A process that ends with the session still open says on stderr that it waits for a debugger.
  const stop = (): void => {
    // A session that was never opened must not be opened any more; an open one is closed.
    if (Atomics.compareExchange(state, 0, STATES.idle, STATES.ended) !== STATES.connected) return;
    tell(worker, "stop");
    Atomics.wait(state, 0, STATES.connected, STOP_MS_MAX);
  };
  process.once("exit", stop);
  const poll = setInterval(() => {
    if (inspectorUrl() === undefined) return;
    clearInterval(poll);
    tell(worker, "stop");
  }, DEBUGGER_POLL_MS);
  poll.unref();
  return { begin: () => { tell(worker, "begin"); }, stop };
}

function tell(worker: Worker, word: "begin" | "stop"): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that rule is about windows, this is a thread
  worker.postMessage(word);
}

/** Path below the working directory where the file lies in it: that is what a repository calls it. */
function pathOf(url: string): string {
  if (!url.startsWith("file:")) return url;
  const path = fileURLToPath(url);
  const below = relative(process.cwd(), path);
  return below.startsWith("..") ? path : below.split(sep).join("/");
}

/** The frames as JSON, the outermost left out first where it would be too long. */
function serialised(frames: readonly Frame[]): string | null {
  for (let count = frames.length; count > 0; count -= 1) {
    const text = JSON.stringify({ frames: frames.slice(0, count) });
    if (text.length <= TEXT_MAX) return text;
  }
  return null;
}
