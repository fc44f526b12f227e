import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, select } from "@firstfix/store";
import { FirstfixProcess } from "../faults/process.ts";
import { freePort } from "../harness/ports.ts";

/** What the store holds after the product has stopped. */
export interface Stored {
  readonly traces: number;
  readonly logs: number;
  /** Reasons of what the engine refused although the walk had accepted it. */
  readonly deadLetters: readonly string[];
}

export interface Target {
  readonly ports: { readonly http: number; readonly grpc: number };
  alive(): boolean;
  readonly logFile: string;
  start(): Promise<void>;
  /** Stops it and counts what has arrived since the last time. */
  stopAndCount(): Promise<Stored>;
  remove(): Promise<void>;
}

/** A product of its own, on an empty folder, by the command that users start it with. */
export async function startTarget(): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), "firstfix-fuzz-"));
  const [http, grpc, consolePort, admin] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const configFile = join(folder, "firstfix.json");
  const data = join(folder, "data");
  writeFileSync(configFile, JSON.stringify({ data, log: "error", ingest: { port: http, grpcPort: grpc }, console: { port: consolePort }, admin: { port: admin }, fixer: { enabled: false } }));
  const logFile = join(folder, "firstfix.log");
  const firstfix = new FirstfixProcess({ configFile, readyUrl: `http://127.0.0.1:${http}/healthz`, logFile });
  let before: Stored = { traces: 0, logs: 0, deadLetters: [] };
  await firstfix.start();
  return {
    ports: { http, grpc },
    alive: () => isAlive(firstfix.pid),
    start: () => firstfix.start(),
    logFile,
    async stopAndCount() {
      const { code } = await firstfix.stop();
      if (code !== 0) throw new Error(`the product ended with ${code} on SIGTERM`);
      const now = await count(data);
      const since = { traces: now.traces - before.traces, logs: now.logs - before.logs, deadLetters: now.deadLetters.slice(before.deadLetters.length) };
      before = now;
      return since;
    },
    async remove() {
      await firstfix.kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function count(path: string): Promise<Stored> {
  const store = await openStore({ path });
  try {
    const [rows] = await select<{ traces: number; logs: number }>(store.background, "SELECT (SELECT count() FROM spans) AS traces, (SELECT count() FROM logs) AS logs");
    const letters = await select<{ reason: string }>(store.background, "SELECT reason FROM dead_letters ORDER BY at");
    return { traces: rows?.traces ?? 0, logs: rows?.logs ?? 0, deadLetters: letters.map(({ reason }) => reason) };
  } finally {
    await store.close();
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
