import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@firstfix/kit";
import type { StoreOptions } from "@firstfix/store";
import { expect } from "vitest";
import { freePort } from "../harness/ports.ts";
import { Ledger } from "./ledger.ts";
import { FirstfixProcess } from "./process.ts";
import { seedOf } from "./seed.ts";
import { Sender, type SenderOptions } from "./sender.ts";
import { Telemetry } from "./telemetry.ts";
import { judge } from "./verdict.ts";

/** Seconds that a stop by SIGTERM may take at most. */
export const STOP_SECONDS_MAX = 15;

export interface Instance {
  readonly firstfix: FirstfixProcess;
  readonly ingestUrl: string;
  readonly ingestPort: number;
  readonly grpcUrl: string;
  readonly consoleUrl: string;
  readonly adminUrl: string;
}

export interface InstanceOptions {
  /** In logs; also the name of its files. */
  readonly name: string;
  readonly roles?: readonly string[];
  /** Sections of firstfix.yaml; ports are added. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface World {
  /** Removed in the end. */
  readonly folder: string;
  readonly telemetry: Telemetry;
  readonly ledger: Ledger;
  readonly random: () => number;
  /** Starts a Firstfix, which is killed in the end if it still runs. */
  readonly instance: (options: InstanceOptions) => Promise<Instance>;
  readonly sender: (options: Partial<SenderOptions> & Pick<SenderOptions, "urls">) => Sender;
  /** Also done in the end, whatever happens; the last first. */
  readonly after: (work: () => Promise<void>) => void;
}

/**
 * Runs one scenario and judges it. `run` starts what it needs, does harm, waits until all that was acknowledged has had
 * its chance to be stored, stops what holds the store, and returns where to count. On failure the logs are printed.
 */
export async function scenario(name: string, memoryMiBMax: number, run: (world: World) => Promise<StoreOptions>): Promise<void> {
  const beganMs = Date.now();
  const seed = seedOf(name);
  const folder = mkdtempSync(join(tmpdir(), "firstfix-faults-"));
  const telemetry = new Telemetry(seed);
  const ledger = new Ledger();
  const senders: Sender[] = [];
  const processes: FirstfixProcess[] = [];
  const logs: string[] = [];
  const last: (() => Promise<void>)[] = [];
  const world: World = {
    folder,
    telemetry,
    ledger,
    random: seededRandom(seed),
    instance: async (options) => {
      const logFile = join(folder, `${options.name}.log`);
      writeFileSync(logFile, "");
      logs.push(logFile);
      const instance = await prepare(folder, logFile, options);
      processes.push(instance.firstfix);
      await instance.firstfix.start();
      return instance;
    },
    sender: (options) => {
      const sender = new Sender({ telemetry, ledger, ...options });
      senders.push(sender);
      return sender;
    },
    after: (work) => void last.push(work),
  };
  try {
    const store = await run(world);
    expect(senders.flatMap(({ wrong }) => wrong), `${name}: answers that good data must never get`).toEqual([]);
    await judge({ name, ledger, store, processes, memoryMiBMax, beganMs });
  } catch (error) {
    for (const log of logs) console.error(`${name}: the end of ${log}\n${readFileSync(log, "utf8").slice(-6000)}`);
    throw error;
  } finally {
    await Promise.all(senders.map((sender) => sender.stop(0)));
    await Promise.all(processes.map((one) => one.kill()));
    for (const work of last.reverse()) await work();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Stops by SIGTERM: it must end by itself, in time, and with 0. */
export async function stopCleanly(name: string, firstfix: FirstfixProcess): Promise<void> {
  const { code, seconds } = await firstfix.stop();
  expect({ code, inTime: seconds < STOP_SECONDS_MAX }, `${name}: SIGTERM took ${seconds.toFixed(1)} s`).toEqual({ code: 0, inTime: true });
}

async function prepare(folder: string, logFile: string, { name, roles = [], config }: InstanceOptions): Promise<Instance> {
  const [ingestPort, grpcPort, consolePort, adminPort] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const { ingest = {}, ...rest } = config as { ingest?: object };
  const configFile = join(folder, `${name}.yaml`);
  const data = join(folder, `${name}-data`);
  mkdirSync(data, { recursive: true });
  writeFileSync(configFile, JSON.stringify({ data, log: "warn", console: { port: consolePort }, admin: { port: adminPort }, fixer: { enabled: false }, ...rest, ingest: { port: ingestPort, grpcPort, ...ingest } }));
  const [ingestUrl, adminUrl] = [`http://127.0.0.1:${ingestPort}`, `http://127.0.0.1:${adminPort}`];
  const takes = roles.length === 0 || roles.includes("ingest");
  const firstfix = new FirstfixProcess({ configFile, roles, readyUrl: takes ? `${ingestUrl}/healthz` : `${adminUrl}/readyz`, logFile });
  return { firstfix, ingestUrl, ingestPort, grpcUrl: `http://127.0.0.1:${grpcPort}`, consoleUrl: `http://127.0.0.1:${consolePort}`, adminUrl };
}
