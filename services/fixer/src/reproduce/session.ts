import { mkdir } from "node:fs/promises";
import type { DeploymentRef, Finding } from "@firstfix/incident";
import type { ServiceManifest } from "@firstfix/kit";
import { EVENTUALLY_GRACE_MS } from "@firstfix/spec";
import { BOUNDS } from "../bounds.ts";
import type { Evidence } from "../replay/evidence.ts";
import { judge, shows, ELSEWHERE, type JudgeContext, type RequestJudgement } from "../replay/judge.ts";
import type { PlannedRequest } from "../replay/plan.ts";
import { replay, type ReplayResult } from "../replay/replay.ts";
import { applicationEnv, readablePaths } from "../sandbox/environment.ts";
import type { Sandbox, SandboxResult } from "../sandbox/index.ts";
import type { WorkTree, WorkTrees } from "../workspace/tree.ts";

export interface SessionOptions {
  readonly sandbox: Sandbox;
  readonly trees: WorkTrees;
  readonly manifest: ServiceManifest;
  readonly repository: { readonly dependencies: readonly string[] };
  readonly deployment: DeploymentRef;
  readonly judging: JudgeContext;
  readonly cacheFolder: string;
  readonly memoryBytesMax: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What one replay showed, judged. */
export interface Shown {
  readonly replay: ReplayResult;
  readonly judgements: ReadonlyMap<string, RequestJudgement>;
  readonly ms: number;
  /** How long `eventually` checks kept it alive after the last request. */
  readonly lingeredMs: number;
}

/** Folders of compiled code, by whether a run has filled them or is about to. */
const caches = new Map<string, "filling" | "filled">();

/** Runs revisions and candidates of one incident: application starts, replays, test commands. */
export class Session {
  readonly options: SessionOptions;

  constructor(options: SessionOptions) {
    this.options = options;
  }

  /**
   * One start of the application with all phases. `stopEarly` may end it once the first phase has decided; otherwise it
   * ends when no `eventually` check is waiting any more.
   */
  async replay(revision: string, changes: ReadonlyMap<string, string>, phases: readonly (readonly PlannedRequest[])[], stopEarly: (judgements: Shown["judgements"], evidence: Evidence) => boolean, lingerMsMax = Infinity): Promise<Shown> {
    const { options } = this;
    const requests = phases.flat();
    const started = performance.now();
    const lingerMs = Math.min(this.#lingerMs(), lingerMsMax);
    let sentAt: number | null = null;
    const cache = options.cacheFolder;
    // Only code as it was deployed fills the cache, once; everybody else reads it.
    const fill = !caches.has(cache) && changes.size === 0;
    if (fill) caches.set(cache, "filling");
    let filled = false;
    let tree: WorkTree | null = null;
    try {
      if (fill) await mkdir(cache, { recursive: true });
      tree = await options.trees.checkout(revision, changes);
      const result = await replay(
        {
          sandbox: options.sandbox,
          tree,
          start: options.manifest.start,
          ready: options.manifest.ready,
          service: options.deployment.service,
          environment: options.deployment.environment,
          revision,
          dependencies: options.repository.dependencies,
          memoryBytesMax: options.memoryBytesMax,
          phases,
          lingerMs,
          timeoutMs: options.timeoutMs + lingerMs,
          compileCache: fill || caches.get(cache) === "filled" ? { path: cache, fill } : null,
          signal: options.signal,
        },
        (evidence) => {
          const judgements = judge(evidence, requests, options.judging, soonNs());
          if (stopEarly(judgements, evidence)) return true;
          const sent = evidence.results.phases >= phases.length;
          if (sent) sentAt ??= performance.now();
          return sent && [...judgements.values()].every((one) => one.pending.size === 0);
        },
      );
      filled = result.results.ready && result.results.done;
      return { replay: result, judgements: judge(result, requests, options.judging, AFTER_ALL_NS), ms: performance.now() - started, lingeredMs: sentAt === null ? 0 : performance.now() - sentAt };
    } finally {
      if (fill && filled) caches.set(cache, "filled");
      else if (fill) caches.delete(cache);
      await tree?.dispose();
    }
  }

  /** A shell command over the files of a revision with changes, such as its tests. */
  async shell(revision: string, changes: ReadonlyMap<string, string>, argv: readonly string[]): Promise<SandboxResult> {
    const { options } = this;
    const tree = await options.trees.checkout(revision, changes);
    try {
      return await options.sandbox.run({
        argv,
        cwd: tree.files,
        writable: [tree.files],
        readable: readablePaths(options.repository.dependencies),
        env: { ...applicationEnv(options.memoryBytesMax), OTEL_SDK_DISABLED: "true" },
        timeoutMs: options.timeoutMs,
        signal: options.signal,
      });
    } finally {
      await tree.dispose();
    }
  }

  #lingerMs(): number {
    const within = this.options.judging.checks.map(({ check }) => (check.form.kind === "eventually" ? check.form.withinMs : 0));
    const longest = Math.max(0, ...within);
    return longest === 0 ? 0 : Math.min(longest + BOUNDS.eventuallyMarginMs, this.options.timeoutMs);
  }
}

/** What is seen of the finding in a request or outside all of them; null when nothing. */
export function findingShown(finding: Finding, judgements: Shown["judgements"], id: string): string | null {
  const own = judgements.get(id);
  const elsewhere = judgements.get(ELSEWHERE);
  return (own === undefined ? null : shows(finding, own)) ?? (elsewhere === undefined ? null : shows(finding, elsewhere));
}

/** The service has ended: no more spans will come, so nothing is pending any more. */
const AFTER_ALL_NS = 1n << 62n;

/** Spans of a replay are exported at once, so the long grace for production's exporters is not waited for. */
function soonNs(): bigint {
  return BigInt(Date.now() + EVENTUALLY_GRACE_MS - BOUNDS.eventuallyMarginMs / 2) * 1_000_000n;
}
