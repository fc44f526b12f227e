import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SERVER = fileURLToPath(new URL("./clickhouse-server.ts", import.meta.url));
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;
/** The engine's statements run on these; the usual four would make a server of four statements. */
const THREADS = 16;

export interface FrontOptions {
  /** Holds the data; one front at a time. */
  readonly folder: string;
  /** 0 or absent picks a free one, which is kept over restarts. */
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  /** Statements that run at the same time. */
  readonly connections?: number;
  /** Settings of the user's profile, such as `{ readonly: "1" }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The user's only rights, such as `SELECT ON firstfix.*`; all of them when absent. */
  readonly grants?: readonly string[];
  /** How long an idle connection is kept. */
  readonly keepAliveMs?: number;
  /** PEM texts; it then speaks https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Options of the engine as on a command line, such as `--config-file=…`. */
  readonly engineArgs?: readonly string[];
}

/** What goes wrong from now on. What is absent goes right. */
export interface Faults {
  /** Each insert waits this long before it begins. */
  readonly insertDelayMs?: number;
  /** Nothing listens, and the connections there were are cut. */
  readonly refuse?: boolean;
  /** Every request is answered with this status and no more. */
  readonly status?: number;
  /** Every request waits this long before anything else. */
  readonly hangMs?: number;
  /** Inserts are carried out, and the connection is cut instead of an answer. */
  readonly cutAnswers?: boolean;
}

export interface ClickHouseFront {
  /** With the database `firstfix`, which the store makes for itself. */
  readonly url: string;
  /** Sets the knobs; `{}` sets all right again. */
  faults(faults: Faults): Promise<void>;
  /** How many statements have come since it was started. */
  statements(): Promise<number>;
  /** kill -9. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Again on the same folder and port, after kill or stop. The knobs are as at first. */
  start(changed?: Pick<FrontOptions, "settings" | "engineArgs" | "password" | "grants">): Promise<void>;
}

/**
 * A process that speaks ClickHouse's HTTP interface over chDB, for tests of all that goes over the network. Its
 * statements are carried out by the real engine.
 */
export async function startClickHouseFront(options: FrontOptions): Promise<ClickHouseFront> {
  mkdirSync(options.folder, { recursive: true });
  let port = options.port ?? 0;
  let running: { child: ChildProcess; exit: Promise<void>; control: number } | null = null;
  const tell = async (body: string): Promise<{ statements: number }> => {
    if (running === null) throw new Error("The ClickHouse front is not running.");
    const answer = await fetch(`http://127.0.0.1:${running.control}/`, { method: "POST", body });
    return (await answer.json()) as { statements: number };
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = running;
    running = null;
    if (ending === null) return;
    ending.child.kill(signal);
    const timer = setTimeout(() => ending.child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await ending.exit;
    clearTimeout(timer);
  };
  const start: ClickHouseFront["start"] = async (changed = {}) => {
    if (running !== null) throw new Error("The ClickHouse front is running.");
    const child = spawn(process.execPath, [SERVER, JSON.stringify({ ...options, ...changed, port })], { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, UV_THREADPOOL_SIZE: String(THREADS) } });
    const said = await firstLine(child);
    port = said.port;
    running = { child, exit: said.exit, control: said.control };
  };
  await start();
  return {
    url: `${options.tls === undefined ? "http" : "https"}://${options.password === undefined ? "" : `${options.user ?? "default"}:${encodeURIComponent(options.password)}@`}127.0.0.1:${port}/firstfix`,
    faults: async (faults) => void (await tell(JSON.stringify(faults))),
    statements: async () => (await tell("")).statements,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    start,
  };
}

/** What it says when it listens. Throws with its last words when it ends before or takes too long. */
function firstLine(child: ChildProcess): Promise<{ port: number; control: number; exit: Promise<void> }> {
  const exit = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => void (words = (words + chunk).slice(-4000)));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`The ClickHouse front did not start within ${START_TIMEOUT_MS / 1000} s:\n${words}`));
    }, START_TIMEOUT_MS);
    void exit.then(() => {
      clearTimeout(timer);
      reject(new Error(`The ClickHouse front ended:\n${words}`));
    });
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).once("line", (line) => {
      clearTimeout(timer);
      try {
        resolve({ ...(JSON.parse(line) as { port: number; control: number }), exit });
      } catch {
        child.kill("SIGKILL");
        reject(new Error(`The ClickHouse front said "${line}":\n${words}`));
      }
    });
  });
}
