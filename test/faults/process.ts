import { spawn, type ChildProcess } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../services/cli/src/main.ts", import.meta.url));
const START_MS_MAX = 60_000;
const MEMORY_EVERY_MS = 250;
/** A stop that takes longer is a failure of its own; then it is killed, so that nothing is left behind. */
const STOP_MS_MAX = 40_000;

export interface ProcessOptions {
  readonly configFile: string;
  /** Roles; none means all of them in one process. */
  readonly roles?: readonly string[];
  /** Answers 200 when it can be used. */
  readonly readyUrl: string;
  readonly logFile: string;
}

/** `firstfix up` as a process of its own that is killed and started again. Knows the most memory that it ever took. */
export class FirstfixProcess {
  readonly #options: ProcessOptions;
  #child: ChildProcess | null = null;
  #exit: Promise<number | null> = Promise.resolve(null);
  #memoryMiB = 0;
  #watch: NodeJS.Timeout | null = null;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /** High-water mark of resident memory over all its lives, in MiB. */
  get memoryMiB(): number {
    this.#measure();
    return this.#memoryMiB;
  }

  get running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async start(): Promise<void> {
    const { configFile, roles = [], readyUrl, logFile } = this.#options;
    const child = spawn(process.execPath, [CLI, "up", "--config", configFile, ...roles.flatMap((role) => ["--role", role])], { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    let words = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        words = (words + chunk.toString()).slice(-4000);
        // At once, for this process may be killed amid its words; a full disk must not end the test.
        try {
          appendFileSync(logFile, chunk);
        } catch {
          // The last words are kept above.
        }
      });
    }
    let ended = false;
    this.#exit = new Promise((resolve) => child.once("exit", (code) => { ended = true; resolve(code); }));
    this.#watch ??= setInterval(() => this.#measure(), MEMORY_EVERY_MS).unref();
    const deadline = Date.now() + START_MS_MAX;
    while (Date.now() < deadline) {
      if (ended) throw new Error(`Firstfix ended before it was ready:\n${words}`);
      const answer = await fetch(readyUrl, { signal: AbortSignal.timeout(2000) }).catch(() => null);
      if (answer?.ok === true) return;
      await sleep(50);
    }
    throw new Error(`Firstfix was not ready within ${START_MS_MAX / 1000} s:\n${words}`);
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child?.kill(signal);
  }

  /** kill -9: no handler of its own runs. */
  async kill(): Promise<void> {
    this.#measure();
    this.#child?.kill("SIGKILL");
    await this.#exit;
  }

  /** SIGTERM, as a service manager would. */
  async stop(): Promise<{ readonly code: number | null; readonly seconds: number }> {
    this.#measure();
    const began = performance.now();
    const late = setTimeout(() => this.#child?.kill("SIGKILL"), STOP_MS_MAX);
    if (this.running) this.#child?.kill("SIGTERM");
    const code = await this.#exit;
    clearTimeout(late);
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#watch = null;
    return { code, seconds: (performance.now() - began) / 1000 };
  }

  #measure(): void {
    if (!this.running) return;
    try {
      const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.#child?.pid}/status`, "utf8"))?.[1];
      this.#memoryMiB = Math.max(this.#memoryMiB, Math.round(Number(kibibytes ?? 0) / 1024));
    } catch {
      // It has just ended.
    }
  }
}
