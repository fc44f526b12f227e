import { LIMITS } from "@firstfix/kit";
import { BOUNDS } from "../limits.ts";
import type { Location } from "./locate.ts";
import { ended, gitFailure, startGit, withSlot, type GitStart } from "./run.ts";

export interface GitStream {
  readonly at: Location;
  readonly args: readonly string[];
  readonly input: string;
  readonly chunk: (bytes: Buffer) => Promise<void> | void;
  readonly signal?: AbortSignal | undefined;
  /** Another limit than `gitTimeoutMs` for a process that answers late, in milliseconds. */
  readonly quietMs?: number;
  readonly lastArg?: GitStart["lastArg"];
}

/**
 * Runs git and hands its output over as it arrives: what a history holds need not fit into memory. The process may run
 * as long as it delivers; `gitTimeoutMs` without a byte ends it, and so does the signal. Throws repository.failed.
 */
export async function streamGit({ at, args, input, chunk, signal, quietMs = LIMITS.gitTimeoutMs, lastArg }: GitStream): Promise<void> {
  await withSlot(async () => {
    signal?.throwIfAborted();
    const child = startGit({ args, env: at.read, lastArg });
    const end = ended(child);
    end.catch(() => {}); // awaited below; until then a failure to start must not count as unhandled
    const kill = (): void => void child.kill("SIGKILL");
    let stop = setTimeout(kill, quietMs);
    signal?.addEventListener("abort", kill, { once: true });
    let says = "";
    child.stderr.on("data", (bytes: Buffer) => {
      if (says.length < BOUNDS.gitErrorBytes) says += bytes.toString("utf8");
    });
    child.stdin.on("error", () => {}); // git may end before it has read everything; its exit code tells why
    child.stdin.end(input);
    try {
      for await (const bytes of child.stdout) {
        clearTimeout(stop);
        stop = setTimeout(kill, quietMs);
        await chunk(bytes as Buffer);
      }
      const { exit, signal: killed } = await end;
      signal?.throwIfAborted();
      if (killed !== null) throw gitFailure(args, `it was stopped by ${killed}: ${quietMs} ms without an answer`, true);
      if (exit !== 0) throw gitFailure(args, says.trim().slice(0, 300) || `exit code ${exit}`);
    } finally {
      clearTimeout(stop);
      signal?.removeEventListener("abort", kill);
      kill();
    }
  });
}

/** Cuts what arrives into lines of bytes, without their line feeds; of a line longer than `max` only the beginning is kept. */
export class Lines {
  readonly #take: (bytes: Buffer) => void;
  readonly #max: number;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(take: (bytes: Buffer) => void, max: number) {
    this.#take = take;
    this.#max = max;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      this.#line(chunk.subarray(from, end));
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  end(): void {
    if (this.#size > 0) this.#line(Buffer.alloc(0));
  }

  #line(end: Buffer): void {
    if (this.#size === 0) return this.#take(end.length > this.#max ? end.subarray(0, this.#max) : end);
    this.#keep(end);
    const line = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    this.#take(line);
  }

  #keep(bytes: Buffer): void {
    const kept = bytes.subarray(0, this.#max - this.#size);
    if (kept.length === 0) return;
    this.#parts.push(kept);
    this.#size += kept.length;
  }
}
