import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { freePort } from "../harness/ports.ts";
import { Ledger } from "./ledger.ts";
import { FirstfixProcess } from "./process.ts";
import { randomOf, seedOf } from "./random.ts";
import { Sender, type SenderOptions } from "./sender.ts";
import { Telemetry } from "./telemetry.ts";
import { judge } from "./verdict.ts";

/** Seconds that a stop by SIGTERM may take at most. */
export const STOP_SECONDS_MAX = 15;

export interface Embedded {
  readonly firstfix: FirstfixProcess;
  readonly ingestUrl: string;
  readonly ingestPort: number;
  readonly consoleUrl: string;
  readonly data: string;
  readonly telemetry: Telemetry;
  readonly ledger: Ledger;
  readonly random: () => number;
  readonly sender: (options?: Partial<SenderOptions>) => Sender;
  /** Stops it and starts it on the same data. */
  readonly restart: () => Promise<void>;
}

export interface EmbeddedOptions {
  readonly memoryMiBMax: number;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly ingest?: Readonly<Record<string, unknown>>;
  /** Where the data goes; a folder of its own by default. */
  readonly data?: string;
}

/**
 * One scenario on one process with the memory bus and chDB: runs it, stops the product, and has another process count.
 * The log of the product is printed when it fails.
 */
export async function embedded(name: string, options: EmbeddedOptions, run: (context: Embedded) => Promise<void>): Promise<void> {
  const beganMs = Date.now();
  const seed = seedOf(name);
  const folder = mkdtempSync(join(tmpdir(), "firstfix-faults-"));
  const data = options.data ?? join(folder, "data");
  mkdirSync(data, { recursive: true });
  const [ingestPort, grpcPort, consolePort, adminPort] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const configFile = join(folder, "firstfix.yaml");
  writeFileSync(configFile, JSON.stringify({ data, log: "warn", ingest: { port: ingestPort, grpcPort, ...options.ingest }, console: { port: consolePort }, admin: { port: adminPort }, fixer: { enabled: false }, ...options.config }));
  const logFile = join(folder, "firstfix.log");
  const ingestUrl = `http://127.0.0.1:${ingestPort}`;
  const consoleUrl = `http://127.0.0.1:${consolePort}`;
  const firstfix = new FirstfixProcess({ configFile, readyUrl: `${ingestUrl}/healthz`, logFile });
  const telemetry = new Telemetry(seed);
  const ledger = new Ledger();
  const senders: Sender[] = [];
  try {
    await firstfix.start();
    await run({
      firstfix,
      ingestUrl,
      ingestPort,
      consoleUrl,
      data,
      telemetry,
      ledger,
      random: randomOf(seed),
      sender(given = {}) {
        const sender = new Sender({ urls: [ingestUrl], telemetry, ledger, ...given });
        senders.push(sender);
        return sender;
      },
      async restart() {
        await firstfix.stop();
        await firstfix.start();
      },
    });
    const { code, seconds } = await firstfix.stop();
    expect({ code, inTime: seconds < STOP_SECONDS_MAX }, `${name}: SIGTERM took ${seconds} s`).toEqual({ code: 0, inTime: true });
    await judge({ name, ledger, store: { path: data }, processes: [firstfix], memoryMiBMax: options.memoryMiBMax, beganMs });
    expect(senders.flatMap(({ wrong }) => wrong), `${name}: answers that good data must never get`).toEqual([]);
  } catch (error) {
    console.error(`${name}: the end of the log\n${readFileSync(logFile, "utf8").slice(-8000)}`);
    throw error;
  } finally {
    await Promise.all(senders.map((sender) => sender.stop(0)));
    await firstfix.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
