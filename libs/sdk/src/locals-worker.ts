/** Runs in the worker of locals.ts: listens for exceptions of the main thread and never keeps it paused for long. */
import { type Debugger, Session } from "node:inspector";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";

const FRAMES_MAX = 5;
const SCOPES_PER_FRAME_MAX = 4;
/** Frames looked through for the application's own; an error thrown deeper in a library than this is not captured. */
const FRAMES_SEEN_MAX = 30;
/** Longest pause for one error; what was not captured by then is left out. */
const PAUSE_MS_MAX = 15;
/** Pauses in one second altogether; beyond it capturing rests, twice as long each time it happens again. */
const PAUSES_MS_PER_SECOND_MAX = 100;
const REST_MS_MIN = 2_000;
const REST_MS_MAX = 300_000;
/** Pauses per second, captured or not: errors of libraries that catch their own cost a pause too. */
const PAUSES_PER_CAPTURE = 10;

const { perSecond, caught, state } = workerData as { perSecond: number; caught: boolean; state: Int32Array };
/** The same as in locals.ts, which this file does not import: the worker must come up quickly. */
const STATES = { idle: 0, connected: 1, ended: 2 };
const session = new Session();
const second = { captures: 0, pauses: 0, ms: 0 };
let restMs = REST_MS_MIN;
let resting = false;
let begun = false;

/** The folder of the SDK's own files, whose frames stand in every stack that passed a patched function. */
const OWN_FOLDER = new URL(".", import.meta.url).href;
/** Addresses of the scripts that can be the application's own, by script id: a call frame names only the id. */
const scripts = new Map<string, string>();
const SCRIPTS_MAX = 20_000;

session.on("Debugger.scriptParsed", ({ params }) => {
  const url = params.url.startsWith("/") ? pathToFileURL(params.url).href : params.url;
  if (scripts.size < SCRIPTS_MAX && inApp(url)) scripts.set(params.scriptId, url);
});
session.on("Debugger.paused", ({ params }) => {
  void handle(params);
});
// This timer also keeps the worker alive; the main thread does not wait for it.
const seconds = setInterval(() => {
  // Quiet seconds make up for loud ones, so that one bad minute does not silence the rest of the day.
  if (!resting) restMs = Math.max(REST_MS_MIN, restMs * 0.9);
  second.captures = second.pauses = second.ms = 0;
  if (begun && !resting) listen(true);
}, 1_000);
parentPort?.on("message", (word: "begin" | "stop") => {
  if (word === "begin") {
    // Not before: loading the instrumentations throws (and catches) so much that it would use up every budget.
    // And not at all where the process is already ending.
    if (Atomics.compareExchange(state, 0, STATES.idle, STATES.connected) !== STATES.idle) return;
    begun = true;
    session.connectToMainThread();
    session.post("Debugger.enable");
    return listen(true);
  }
  session.disconnect();
  parentPort?.close();
  clearInterval(seconds);
  Atomics.store(state, 0, STATES.ended);
  Atomics.notify(state, 0);
});

async function handle(params: Debugger.PausedEventDataType): Promise<void> {
  const start = performance.now();
  try {
    if (params.reason === "exception" || params.reason === "promiseRejection") await capture(params, start + PAUSE_MS_MAX);
  } catch {
    // What could not be captured is left out; the application must go on.
  } finally {
    session.post("Debugger.resume");
  }
  second.pauses += 1;
  second.ms += performance.now() - start;
  if (second.ms > PAUSES_MS_PER_SECOND_MAX) rest();
  else if (second.captures >= perSecond || second.pauses >= perSecond * PAUSES_PER_CAPTURE) listen(false);
}

async function capture(params: Debugger.PausedEventDataType, deadline: number): Promise<void> {
  const error: { objectId?: string; subtype?: string } | undefined = params.data;
  if (error?.objectId === undefined || error.subtype !== "error") return;
  const frames = params.callFrames.slice(0, FRAMES_SEEN_MAX).filter((frame) => scripts.has(frame.location.scriptId)).slice(0, FRAMES_MAX);
  if (frames.length === 0) return;
  second.captures += 1;
  for (const [index, frame] of frames.entries()) {
    const scopes = frame.scopeChain.filter((scope) => scope.type === "local" || scope.type === "block").slice(0, SCOPES_PER_FRAME_MAX);
    for (const scope of scopes) {
      if (performance.now() > deadline || scope.object.objectId === undefined) continue;
      await call(scope.object.objectId, "frame", "this", [index, frame.functionName, scripts.get(frame.location.scriptId), frame.location.lineNumber + 1]);
    }
  }
  await call(error.objectId, "done", "this", []);
}

/** Calls a function of the bridge in the paused thread, with the object itself as the last argument. */
function call(objectId: string, name: "frame" | "done", last: "this", values: readonly unknown[]): Promise<void> {
  const given = values.map((_, index) => `a${String(index)}`);
  const functionDeclaration = `function(${given.join(",")}){ globalThis[Symbol.for("firstfix.sdk.locals")]?.${name}(${[...given, last].join(",")}) }`;
  return new Promise((resolve) => {
    session.post("Runtime.callFunctionOn", { objectId, functionDeclaration, arguments: values.map((value) => ({ value })), silent: true }, () => {
      resolve();
    });
  });
}

function inApp(url: string): boolean {
  if (!url.startsWith("file:") || url.includes("/node_modules/")) return false;
  return !url.startsWith(OWN_FOLDER) || url.slice(OWN_FOLDER.length).includes("/");
}

function listen(on: boolean): void {
  session.post("Debugger.setPauseOnExceptions", { state: on ? (caught ? "all" : "uncaught") : "none" });
}

function rest(): void {
  resting = true;
  listen(false);
  setTimeout(() => {
    resting = false;
    listen(true);
  }, restMs).unref();
  restMs = Math.min(restMs * 2, REST_MS_MAX);
}
