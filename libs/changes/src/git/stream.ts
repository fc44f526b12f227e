import { LIMITS } from "@firstfix/kit";
import { ended, gitFailure, startGit, withSlot, type Location } from "@firstfix/provenance";

/**
 * Runs git and hands its output over line by line as bytes, without the line feed: what a history holds need not fit
 * into memory. A line longer than LINE_BYTES_MAX is cut. The process may run as long as it delivers; `gitTimeoutMs`
 * without a byte ends it, and so does the signal.
 */
const LINE_BYTES_MAX = 64 * 1024;

export interface GitLines {
  readonly at: Location;
  readonly args: readonly string[];
  readonly input: string;
  readonly line: (bytes: Buffer) => void;
  readonly signal?: AbortSignal | undefined;
  /** Another limit than `gitTimeoutMs` for a process that answers late, in milliseconds. */
  readonly quietMs?: number;
}

export async function gitLines({ at, args, input, line, signal, quietMs = LIMITS.gitTimeoutMs }: GitLines): Promise<void> {
  await withSlot(async () => {
    signal?.throwIfAborted();
    const child = startGit({ args, env: at.read });
    const end = ended(child);
    end.catch(() => {}); // awaited below; until then a failure to start must not count as unhandled
    const kill = (): void => void child.kill("SIGKILL");
    let stop = setTimeout(kill, quietMs);
    signal?.addEventListener("abort", kill, { once: true });
    let says = "";
    child.stderr.on("data", (chunk: Buffer) => {
      if (says.length < 1_000) says += chunk.toString("utf8");
    });
    child.stdin.on("error", () => {}); // git may end before it has read everything; its exit code tells why
    child.stdin.end(input);
    const lines = new Lines(line);
    try {
      for await (const chunk of child.stdout) {
        clearTimeout(stop);
        stop = setTimeout(kill, quietMs);
        lines.push(chunk as Buffer);
      }
      lines.end();
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

class Lines {
  readonly #take: (bytes: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(take: (bytes: Buffer) => void) {
    this.#take = take;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      const line = chunk.subarray(from, end);
      this.#take(this.#rest.length === 0 ? line : Buffer.concat([this.#rest, line]));
      if (this.#rest.length > 0) this.#rest = Buffer.alloc(0);
      from = end + 1;
    }
    if (from < chunk.length && this.#rest.length < LINE_BYTES_MAX) this.#rest = Buffer.concat([this.#rest, chunk.subarray(from)]);
  }

  end(): void {
    if (this.#rest.length > 0) this.#take(this.#rest);
  }
}
