import { FirstfixError, messageOf, type Logger } from "@firstfix/kit";
import { Semaphore } from "../semaphore.ts";
import { BOUNDS } from "../bounds.ts";
import type { Sandbox, SandboxJob, SandboxResult } from "./api.ts";
import { bubblewrapArguments, limited } from "./bubblewrap.ts";
import { spawnBounded } from "./spawn.ts";

export type { Sandbox, SandboxJob, SandboxResult } from "./api.ts";
export { nodeFolder } from "./bubblewrap.ts";

const INSTALL = "Install bubblewrap (Debian and Ubuntu: apt-get install bubblewrap; Fedora: dnf install bubblewrap) and allow user namespaces, or set fixer.sandbox to none for code that you trust.";
const PROBE_MS = 5000;
/** How long a failed probe is believed, so that installing bubblewrap needs no restart. */
const PROBE_AGAIN_MS = 10_000;

export interface SandboxOptions {
  readonly kind: "bubblewrap" | "none";
  readonly memoryBytesMax: number;
  readonly log: Logger;
  /** The program; another name only in tests. */
  readonly program?: string;
}

export function createSandbox(options: SandboxOptions): Sandbox {
  const { kind, log, memoryBytesMax } = options;
  const program = options.program ?? "bwrap";
  const places = new Semaphore(BOUNDS.sandboxesAtOnce);
  let fine = false;
  let failed: { readonly at: number; readonly error: FirstfixError } | null = null;
  if (kind === "none") log.warn("fixer.sandbox is none: the code of repositories runs WITHOUT confinement, as this user; use it only for code that you trust");

  async function check(): Promise<void> {
    if (kind === "none" || fine) return;
    if (failed !== null && Date.now() - failed.at < PROBE_AGAIN_MS) throw failed.error;
    const problem = await probe(program);
    if (problem === null) {
      fine = true;
      return;
    }
    failed = { at: Date.now(), error: problem };
    throw problem;
  }

  async function run(job: SandboxJob): Promise<SandboxResult> {
    await check();
    return places.run(() => {
      if (job.signal?.aborted === true) return Promise.resolve({ code: null, killed: "stopped" as const, output: "", ms: 0 });
      const argv = kind === "none" ? limited(job.argv, job.timeoutMs) : [program, ...bubblewrapArguments(job)];
      return spawnBounded(argv, {
        cwd: kind === "none" ? job.cwd : "/",
        env: kind === "none" ? job.env : {},
        timeoutMs: job.timeoutMs,
        memoryBytesMax,
        ...(job.signal === undefined ? {} : { signal: job.signal }),
      });
    });
  }

  return { kind, check, run };
}

async function probe(program: string): Promise<FirstfixError | null> {
  const job: SandboxJob = { argv: ["true"], cwd: "/", writable: [], readable: [], env: { PATH: "/usr/bin:/bin" }, timeoutMs: PROBE_MS };
  try {
    const result = await spawnBounded([program, ...bubblewrapArguments(job)], { cwd: "/", env: {}, timeoutMs: PROBE_MS, memoryBytesMax: 256 * 1024 * 1024 });
    if (result.code === 0) return null;
    return new FirstfixError("sandbox.missing", `bubblewrap does not work on this machine: ${result.output.trim().slice(0, 300) || `exit code ${result.code}`}`, { hint: INSTALL });
  } catch (cause) {
    return new FirstfixError("sandbox.missing", `bubblewrap cannot be started: ${messageOf(cause)}`, { hint: INSTALL, cause });
  }
}
