import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const QUIET_MS = 1000;
/** Share of a core that an idle process uses for its polls and timers. */
const QUIET_SHARE = 0.06;
const IDLE_MS = 2000;
const QUIET_MS_MAX = 60_000;

/** CPU seconds (user and system, all threads) that processes have used so far. */
export function cpuSeconds(...pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }, 0);
}

/**
 * CPU seconds that work costs processes, with what follows from it (merges) until they are quiet again. What they use
 * while nothing happens is measured before and taken off.
 */
export async function costOf<T>(pids: readonly number[], work: () => Promise<T>): Promise<{ readonly cpu: number; readonly quiet: boolean; readonly result: T }> {
  await untilQuiet(...pids);
  const idleSince = performance.now();
  const idleBefore = cpuSeconds(...pids);
  await sleep(IDLE_MS);
  const start = performance.now();
  const before = cpuSeconds(...pids);
  const idlePerMs = (before - idleBefore) / (start - idleSince);
  const result = await work();
  const quiet = await untilQuiet(...pids);
  const cpu = cpuSeconds(...pids) - before - idlePerMs * (performance.now() - start);
  return { cpu, quiet, result };
}

/** Most memory that a process had, in MiB. */
export function memoryMiB(pid: number): number {
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024);
}

/** Resolves when the processes hardly use CPU any more, as when merges are done. Gives up after a minute and says so. */
export async function untilQuiet(...pids: readonly number[]): Promise<boolean> {
  const deadline = Date.now() + QUIET_MS_MAX;
  for (let before = cpuSeconds(...pids); Date.now() < deadline; ) {
    await sleep(QUIET_MS);
    const now = cpuSeconds(...pids);
    if ((now - before) * 1000 < QUIET_MS * QUIET_SHARE) return true;
    before = now;
  }
  return false;
}

/** Throws where nothing was measured: a 0 would look like the best figure of all. */
export function median(values: readonly number[]): number {
  return ordered(values)[Math.floor(values.length / 2)] ?? 0;
}

/** The value that 95 of 100 do not exceed; throws as `median` does. */
export function p95(values: readonly number[]): number {
  return ordered(values)[Math.ceil(values.length * 0.95) - 1] ?? 0;
}

function ordered(values: readonly number[]): number[] {
  if (values.length === 0) throw new Error("nothing was measured");
  return [...values].sort((a, b) => a - b);
}

/** How far rounds were apart, as a share of their median: what the machine adds to every figure. */
export function spread(values: readonly number[]): number {
  return round((Math.max(...values) - Math.min(...values)) / (median(values) || 1));
}

export function round(value: number, digits = 2): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

export function say(line: string): void {
  console.error(line);
}
