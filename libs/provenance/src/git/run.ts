import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { FirstfixError, LIMITS } from "@firstfix/kit";
import { BOUNDS } from "../limits.ts";

/**
 * Runs git as a child process with bounds. Git never sees this process' environment: only the variables below, so no
 * configuration of the user, of the machine or of a caller can make it start a pager, an editor, an agent or a prompt.
 */
export interface GitRun {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** Output beyond it ends the process: an error, or (with `truncate`) the output so far. */
  readonly bytesMax?: number;
  readonly truncate?: boolean;
  /** Exit codes that are answers and not failures. */
  readonly exits?: readonly number[];
  /** The last argument, where it is no UTF-8: arguments of a process are texts here and bytes there. */
  readonly lastArg?: Buffer | undefined;
}

export interface GitResult {
  readonly stdout: Buffer;
  readonly exit: number;
  readonly truncated: boolean;
}

/** What every git process is told, before the repository is named. */
const ENVIRONMENT = {
  LC_ALL: "C.UTF-8",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_NO_REPLACE_OBJECTS: "1",
  // A partial clone would otherwise fetch a missing object by whatever command its configuration names.
  GIT_NO_LAZY_FETCH: "1",
  GIT_ALLOW_PROTOCOL: "none",
  GIT_LITERAL_PATHSPECS: "1",
  GIT_PAGER: "cat",
  GIT_EDITOR: "false",
  GIT_ASKPASS: "false",
  SSH_ASKPASS: "false",
} as const;

/** Settings above those of any repository. */
const SETTINGS: readonly (readonly [string, string])[] = [
  ["safe.directory", "*"],
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.attributesFile", "/dev/null"],
  ["core.excludesFile", "/dev/null"],
  ["core.quotePath", "false"],
  ["core.commitGraph", "false"],
  ["protocol.allow", "never"],
  ["credential.helper", ""],
  ["commit.gpgSign", "false"],
  ["log.showSignature", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  // Larger files are streamed and count as binary: what git itself holds in memory stays bounded as well.
  ["core.bigFileThreshold", String(BOUNDS.fileBytes)],
];

/** Waits for a turn, so that a burst of questions does not become a burst of processes. */
export const withSlot = slots(BOUNDS.gitProcesses, BOUNDS.gitWaiting);

export async function runGit(run: GitRun): Promise<GitResult> {
  return withSlot(async () => {
    const child = startGit(run);
    const stop = setTimeout(() => child.kill("SIGKILL"), LIMITS.gitTimeoutMs);
    const bytesMax = run.bytesMax ?? LIMITS.gitOutputBytes;
    const chunks: Buffer[] = [];
    let size = 0;
    let errorText = "";
    let full = false;
    child.stdout.on("data", (chunk: Buffer) => {
      if (full) return;
      const room = bytesMax - size;
      chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
      size += chunk.length;
      if (size <= bytesMax) return;
      full = true;
      child.kill("SIGKILL");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (errorText.length < BOUNDS.gitErrorBytes) errorText += chunk.toString("utf8");
    });
    child.stdin.on("error", () => {}); // git may end before it has read everything; its exit code tells why
    child.stdin.end(run.input ?? "");
    try {
      const { exit, signal } = await ended(child);
      if (full && run.truncate === true) return { stdout: Buffer.concat(chunks), exit: 0, truncated: true };
      if (full) throw gitFailure(run.args, `its output is longer than ${bytesMax} bytes`);
      if (signal !== null) throw gitFailure(run.args, `it was stopped by ${signal} (limit ${LIMITS.gitTimeoutMs} ms)`, true);
      if (exit !== 0 && !(run.exits ?? []).includes(exit)) throw gitFailure(run.args, errorText.trim().slice(0, 500) || `exit code ${exit}`);
      return { stdout: Buffer.concat(chunks), exit, truncated: false };
    } finally {
      clearTimeout(stop);
    }
  });
}

/** So many at a time; the others wait in order, as many as `waitingMax`. */
export function slots(atOnce: number, waitingMax: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= atOnce) {
      if (waiting.length >= waitingMax) throw new FirstfixError("repository.failed", "Too many questions to git are waiting.", { retryable: true });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next(); // hands its own slot over, so the count stays
    }
  };
}

export interface GitStart extends Pick<GitRun, "args" | "env" | "lastArg"> {
  /** Settings above the common ones; a later one of the same key wins. They travel in the environment, so secrets may be among them. */
  readonly settings?: readonly (readonly [string, string])[];
  /** A process group of its own, so that its helpers can be ended with it. */
  readonly detached?: boolean;
}

/** Any bytes travel through a shell's `printf` as octal digits; the `x` keeps line feeds at their end. */
const WITH_BYTES = 'last=$(printf "$FIRSTFIX_LAST_ARG"; printf x); exec git "$@" "${last%x}"';

export function startGit({ args, env, settings = [], detached = false, lastArg }: GitStart): ChildProcessWithoutNullStreams {
  const all = [...SETTINGS, ...settings];
  const numbered = Object.fromEntries(all.flatMap(([key, value], index) => [[`GIT_CONFIG_KEY_${index}`, key], [`GIT_CONFIG_VALUE_${index}`, value]]));
  const whole = { ...ENVIRONMENT, ...numbered, GIT_CONFIG_COUNT: String(all.length), PATH: searchPath(), ...env };
  if (lastArg === undefined) return spawn("git", ["--no-pager", ...args], { cwd: "/", env: whole, stdio: "pipe", detached });
  const octal = [...lastArg].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  return spawn("sh", ["-c", WITH_BYTES, "git", "--no-pager", ...args], { cwd: "/", env: { ...whole, LC_ALL: "C", FIRSTFIX_LAST_ARG: octal }, stdio: "pipe", detached });
}

/** Resolves when the process has ended and its output is read. */
export async function ended(child: ChildProcessWithoutNullStreams): Promise<{ exit: number; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => reject(new FirstfixError("repository.failed", `git cannot be started: ${cause.message}`, { hint: "Install git 2.38 or newer and make sure that it is on PATH.", cause })));
    child.on("close", (exit, signal) => resolve({ exit: exit ?? -1, signal }));
  });
}

export function gitFailure(args: readonly string[], says: string, retryable = false): FirstfixError {
  const name = args.find((arg) => /^[a-z][a-z-]*$/.test(arg)) ?? "git";
  return new FirstfixError("repository.failed", `git ${name} failed: ${says}`, { retryable });
}

function searchPath(): string {
  // oxlint-disable-next-line node/no-process-env -- git is found where the user's shell finds it
  return process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
}
