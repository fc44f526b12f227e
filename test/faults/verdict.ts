import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { StoreOptions } from "@firstfix/store";
import { expect } from "vitest";
import type { StoreCount } from "./count.ts";
import { SIGNALS, type Ledger } from "./ledger.ts";
import type { FirstfixProcess } from "./process.ts";
import type { Signal } from "./telemetry.ts";

const COUNT = fileURLToPath(new URL("./count.ts", import.meta.url));

export interface Judged {
  readonly name: string;
  readonly ledger: Ledger;
  readonly store: StoreOptions;
  readonly processes: readonly FirstfixProcess[];
  readonly memoryMiBMax: number;
  readonly beganMs: number;
}

/**
 * The same for every scenario: nothing acknowledged lost, nothing there twice, in the tables and in what the views made
 * of them, nothing that nobody sent, and memory within the stated bound. Prints one line.
 */
export async function judge({ name, ledger, store, processes, memoryMiBMax, beganMs }: Judged): Promise<StoreCount> {
  const { count, copies } = await countStore(store);
  const { stored, lost, duplicates, strangers } = ledger.compare(copies);
  const memoryMiB = Math.max(...processes.map((one) => one.memoryMiB));
  const refusals = [...ledger.refusals].map(([why, times]) => `${why}×${times}`).join(" ");
  console.log(
    `${name}: acknowledged ${ledger.acknowledgedRecords}, refused ${ledger.refused}${refusals === "" ? "" : ` (${refusals})`}, stored ${stored}, lost ${lost}, duplicates ${duplicates}, VmHWM ${memoryMiB} MiB (bound ${memoryMiBMax}), ${((Date.now() - beganMs) / 1000).toFixed(1)} s`,
  );
  const { spans, logs } = count;
  expect({ lost, duplicates, strangers }, name).toEqual({ lost: 0, duplicates: 0, strangers: 0 });
  expect({ exposure: count.exposureSpans, deployments: count.deploymentSpans, batches: count.batchRows, exceptions: count.exceptions }, `${name}: what the views made`).toEqual({
    exposure: spans,
    deployments: spans,
    batches: { traces: spans, logs },
    exceptions: count.exceptionsSent,
  });
  expect(count.deadLetters, `${name}: dead letters`).toBe(0);
  expect(memoryMiB, `${name}: memory`).toBeLessThan(memoryMiBMax);
  return count;
}

async function countStore(store: StoreOptions): Promise<{ readonly count: StoreCount; readonly copies: Readonly<Record<Signal, Map<string, number>>> }> {
  const [first = "", ...lines] = (await outputOf(process.execPath, [COUNT, JSON.stringify(store)])).split("\n");
  const copies: Record<Signal, Map<string, number>> = { traces: new Map(), logs: new Map() };
  for (const line of lines) {
    const [signal, id, times] = line.split(" ");
    const one = SIGNALS.find((known) => known === signal);
    if (one !== undefined && id !== undefined) copies[one].set(id, Number(times));
  }
  return { count: JSON.parse(first) as StoreCount, copies };
}

async function outputOf(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`the count ended with ${String(code)}: ${Buffer.concat(errors).toString()}`);
  return Buffer.concat(out).toString();
}
