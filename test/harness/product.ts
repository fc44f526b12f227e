import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../services/cli/src/main.ts", import.meta.url));
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

/** Firstfix as a user runs it: `firstfix up --config FILE`, a process of its own. */
export class Product {
  readonly #config: string;
  readonly #consoleUrl: string;
  readonly #log: WriteStream;
  #child: ChildProcess | null = null;
  #exit: Promise<void> = Promise.resolve();

  constructor(options: { readonly config: string; readonly consoleUrl: string; readonly logFile: string }) {
    this.#config = options.config;
    this.#consoleUrl = options.consoleUrl;
    this.#log = createWriteStream(options.logFile, { flags: "a" });
  }

  /** Starts it and resolves when its console answers. Throws with its last words when it ends before. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [CLI, "up", "--config", this.#config], { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    let words = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        words = (words + chunk.toString()).slice(-4000);
        this.#log.write(chunk);
      });
    }
    let ended = false;
    this.#exit = new Promise((resolve) => child.once("exit", () => { ended = true; resolve(); }));
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < deadline) {
      if (ended) throw new Error(`Firstfix did not start:\n${words}`);
      const answer = await fetch(`${this.#consoleUrl}/api/health`, { signal: AbortSignal.timeout(2000) }).catch(() => null);
      if (answer?.ok === true) return;
      await sleep(100);
    }
    throw new Error(`Firstfix did not answer within ${START_TIMEOUT_MS / 1000} s:\n${words}`);
  }

  /** kill -9: no handler of its own runs. */
  async crash(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#exit;
  }

  async stop(): Promise<void> {
    this.#child?.kill("SIGTERM");
    await Promise.race([this.#exit, sleep(STOP_TIMEOUT_MS, undefined, { ref: false }).then(() => this.crash())]);
  }
}
