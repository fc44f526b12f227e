/**
 * The sandbox runs one command over files it is given, and nothing else: no network but its own loopback, no
 * environment but what is named here, no writing but to `writable`, bounds on memory, processes, files and time.
 * Everything that the command started is gone when `run` resolves. It throws sandbox.missing where nothing may run.
 */
export interface Sandbox {
  readonly kind: "bubblewrap" | "none";
  /** Throws sandbox.missing (with a hint) when no code may be run on this machine. */
  check(): Promise<void>;
  run(job: SandboxJob): Promise<SandboxResult>;
}

export interface SandboxJob {
  readonly argv: readonly string[];
  /** Absolute paths of this machine; each stands at the same path inside. */
  readonly cwd: string;
  readonly writable: readonly string[];
  readonly readable: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Ends the command early, as a time-out would. */
  readonly signal?: AbortSignal;
}

export interface SandboxResult {
  /** Exit code; null when it was killed. */
  readonly code: number | null;
  /** Why it was killed, null when it ended by itself. */
  readonly killed: "time" | "memory" | "processes" | "stopped" | null;
  /** Standard output and error as they came, bounded. */
  readonly output: string;
  readonly ms: number;
}
