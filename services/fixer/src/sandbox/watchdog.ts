import { readFileSync } from "node:fs";
import { BOUNDS } from "../bounds.ts";

const PAGE_BYTES = 4096;
const WALK_MAX = 4096;

export interface Usage {
  readonly processes: number;
  readonly bytes: number;
}

/** Processes below `pid` (itself included) and their resident memory, read from /proc. Zero once it is gone. */
export function usageOf(pid: number): Usage {
  const waiting = [pid];
  let processes = 0;
  let bytes = 0;
  while (waiting.length > 0 && processes < WALK_MAX) {
    const one = waiting.pop() as number;
    try {
      const resident = Number(readFileSync(`/proc/${one}/statm`, "latin1").split(" ")[1] ?? 0);
      bytes += resident * PAGE_BYTES;
      processes += 1;
      for (const child of readFileSync(`/proc/${one}/task/${one}/children`, "latin1").split(" ")) {
        if (child !== "") waiting.push(Number(child));
      }
    } catch {
      // It ended while we looked; so did its count.
    }
  }
  return { processes, bytes };
}

/** Looks every so often and calls `exceeded` once when a bound is passed. Returns the way to stop. */
export function watch(pid: number, memoryBytesMax: number, exceeded: (what: "memory" | "processes") => void): () => void {
  const timer = setInterval(() => {
    const usage = usageOf(pid);
    const what = usage.bytes > memoryBytesMax ? "memory" : usage.processes > BOUNDS.processesMax ? "processes" : null;
    if (what === null) return;
    clearInterval(timer);
    exceeded(what);
  }, BOUNDS.watchdogMs);
  return () => clearInterval(timer);
}
