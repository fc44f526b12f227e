import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, select } from "@firstfix/store";
import { startChild, type Child } from "../bench/child.ts";

/** What has arrived in the store. */
export interface Stored {
  readonly traces: number;
  readonly logs: number;
  /** Reasons of what the engine refused although the walk had accepted it. */
  readonly deadLetters: readonly string[];
}

/** A product of its own, by the command that users start it with. */
export class Target {
  readonly #folder = mkdtempSync(join(tmpdir(), "firstfix-fuzz-"));
  #child: Child | null = null;
  #before: Stored = { traces: 0, logs: 0, deadLetters: [] };

  get ports(): { readonly http: number; readonly grpc: number } {
    return { http: this.#child?.ingestPort ?? 0, grpc: this.#child?.grpcPort ?? 0 };
  }

  get alive(): boolean {
    return this.#child?.alive() === true;
  }

  async start(): Promise<void> {
    this.#child = await startChild({ folder: this.#folder, name: "firstfix", roles: ["up"], config: { log: "error" } });
  }

  /** Stops it and counts what has arrived since the last time. */
  async stopAndCount(): Promise<Stored> {
    await this.#child?.stop();
    const now = await count(join(this.#folder, "data"));
    const since = { traces: now.traces - this.#before.traces, logs: now.logs - this.#before.logs, deadLetters: now.deadLetters.slice(this.#before.deadLetters.length) };
    this.#before = now;
    return since;
  }

  async remove(): Promise<void> {
    if (this.alive) await this.#child?.kill();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
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
