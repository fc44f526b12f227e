import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import { BOUNDS } from "../bounds.ts";
import { applicationEnv, readablePaths } from "../sandbox/environment.ts";
import type { Sandbox, SandboxResult } from "../sandbox/index.ts";
import type { WorkTree } from "../workspace/tree.ts";
import { EvidenceReader, type Evidence } from "./evidence.ts";
import type { PlannedRequest, RunPlan } from "./plan.ts";

const RUNNER = fileURLToPath(new URL("./runner.ts", import.meta.url));
const LOOK_MS = 60;

export interface ReplayJob {
  readonly sandbox: Sandbox;
  readonly tree: WorkTree;
  readonly start: string;
  readonly ready: string;
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly dependencies: readonly string[];
  readonly memoryBytesMax: number;
  readonly phases: readonly (readonly PlannedRequest[])[];
  /** How long `eventually` checks may keep the service alive after the last request. */
  readonly lingerMs: number;
  readonly timeoutMs: number;
  /** Folder of compiled code to read from or to fill; it only makes starts faster. */
  readonly compileCache: { readonly path: string; readonly fill: boolean } | null;
  readonly signal?: AbortSignal;
}

export interface ReplayResult extends Evidence {
  readonly sandbox: SandboxResult;
}

/** Whether what has been seen decides the replay already. Asked again and again while it runs. */
export type Enough = (evidence: Evidence) => boolean;

/** Runs the application of a tree in the sandbox, sends the phases, and gathers what came of it. */
export async function replay(job: ReplayJob, enough: Enough): Promise<ReplayResult> {
  const { tree } = job;
  const planFile = join(tree.control, "plan.json");
  await writeFile(planFile, JSON.stringify(planOf(job)));
  const reader = new EvidenceReader(tree.out);
  const cache = job.compileCache;
  const running = job.sandbox.run({
    argv: [process.execPath, RUNNER, planFile],
    cwd: tree.files,
    writable: [tree.files, tree.out, ...(cache?.fill === true ? [cache.path] : [])],
    readable: [...readablePaths(job.dependencies), RUNNER, tree.control, ...(cache?.fill === false ? [cache.path] : [])],
    env: applicationEnv(job.memoryBytesMax),
    timeoutMs: job.timeoutMs,
    ...(job.signal === undefined ? {} : { signal: job.signal }),
  });
  const over = running.then(() => true, () => true);
  while (!(await Promise.race([pause(LOOK_MS, false), over]))) {
    const evidence = await reader.read();
    let stop = true;
    try {
      stop = evidence.results.phases > 0 && enough(evidence);
    } finally {
      if (stop) await writeFile(join(tree.control, "stop"), "");
    }
    if (stop) break;
  }
  const sandbox = await running;
  return { ...(await reader.read()), sandbox };
}

function planOf(job: ReplayJob): RunPlan {
  return {
    start: job.start,
    ready: job.ready,
    cwd: job.tree.files,
    out: job.tree.out,
    control: job.tree.control,
    env: {
      ...applicationEnv(job.memoryBytesMax),
      ...(job.compileCache === null ? {} : { NODE_COMPILE_CACHE: job.compileCache.path }),
      FIRSTFIX_REPLAY: "1",
      // What is replayed was captured already; capturing it again would only slow the start.
      FIRSTFIX_CAPTURE_LOCALS: "0",
      FIRSTFIX_CAPTURE_REQUESTS: "0",
      OTEL_SERVICE_NAME: job.service,
      OTEL_RESOURCE_ATTRIBUTES: `deployment.environment.name=${encodeURIComponent(job.environment)},vcs.ref.head.revision=${job.revision}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_METRICS_EXPORTER: "none",
      OTEL_LOGS_EXPORTER: "otlp",
      OTEL_BLRP_SCHEDULE_DELAY: "100",
      OTEL_TRACES_SAMPLER: "always_on",
      OTEL_PROPAGATORS: "tracecontext",
      OTEL_BSP_SCHEDULE_DELAY: "100",
      // Detectors of clouds would look for a network that is not there.
      OTEL_NODE_RESOURCE_DETECTORS: "env",
    },
    phases: job.phases,
    readyMs: BOUNDS.readyMs,
    requestMs: BOUNDS.requestMs,
    responseBytes: BOUNDS.responseBytes,
    spansWaitMs: BOUNDS.spansWaitMs,
    quietMs: BOUNDS.quietMs,
    lingerMs: job.lingerMs,
    graceful: job.compileCache?.fill === true,
    otlpFiles: BOUNDS.otlpFiles,
    otlpFileBytes: BOUNDS.otlpFileBytes,
  };
}
