import { join } from "node:path";
import type { Finding, GroupRules, Incident, IncidentEvent } from "@firstfix/incident";
import { FirstfixError, messageOf, stableId, type Config, type Logger } from "@firstfix/kit";
import type { Places } from "@firstfix/provenance";
import type { Store } from "@firstfix/store";
import { BOUNDS } from "./bounds.ts";
import { openContext, type RepositoryContext } from "./context.ts";
import { choose, rankable, recordOf, type Ranked } from "./propose/propose.ts";
import { findCaptures, type Capture } from "./reproduce/capture.ts";
import { reproduce, type Reproduced } from "./reproduce/reproduce.ts";
import { Session } from "./reproduce/session.ts";
import type { Sandbox } from "./sandbox/index.ts";
import { search } from "./search.ts";
import { cleanLine } from "./text.ts";
import { Gate } from "./verify/gate.ts";
import { WorkTrees } from "./workspace/tree.ts";

export interface RoundDeps {
  readonly config: Config;
  readonly store: Pick<Store, "background">;
  readonly sandbox: Sandbox;
  readonly places: Places;
  /** What people merged and split: captures of any member of the error's group will do. */
  readonly groups?: GroupRules;
  readonly log: Logger;
  readonly journal: (...events: IncidentEvent[]) => Promise<void>;
  readonly signal: AbortSignal;
}

/** One round of one incident, from reproduction to proposals. Everything it finds is journaled; it throws only when aborted. */
export async function runRound(deps: RoundDeps, incident: Incident, round: number): Promise<void> {
  const { incidentId } = incident;
  const { journal } = deps;
  const signal = AbortSignal.any([deps.signal, AbortSignal.timeout(BOUNDS.roundMs)]);
  await journal({ kind: "fix.started", incidentId, round });
  let ended: Omit<Extract<IncidentEvent, { kind: "fix.ended" }>, "kind" | "incidentId" | "round">;
  try {
    ended = await work({ ...deps, signal }, incident, deps.signal);
  } catch (error) {
    // The process is going down: the round stays open and is begun again after the restart.
    if (deps.signal.aborted) return;
    deps.log.warn({ incidentId, err: error }, "a round of fixing ended with an error");
    await journal({ kind: "problem.reported", incidentId, says: cleanLine(messageOf(error), 500), hint: error instanceof FirstfixError ? (error.hint ?? "") : "" });
    ended = { candidates: 0, verified: 0, says: `No fix was tried: ${cleanLine(messageOf(error), 300)}` };
  }
  if (deps.signal.aborted) return;
  await journal({ kind: "fix.ended", incidentId, round, ...ended });
}

/** `deps.signal` also ends the round by the clock: what was found by then counts. `stop` means that we are going down. */
async function work(deps: RoundDeps, incident: Incident, stop: AbortSignal): Promise<{ candidates: number; verified: number; says: string }> {
  const { incidentId, deployment } = incident;
  const { config, journal, sandbox } = deps;
  const tell = (says: string): Promise<void> => journal({ kind: "fix.progress", incidentId, says: cleanLine(says, 300) });
  const context = await openContext(config, deps.places, incident, deps.log);
  const { repo, revision, judging } = context;
  const trees = new WorkTrees(context.work, async (at, folder) => void (await repo.exportTree(at, folder)), context.config.dependencies);
  await trees.dispose();
  try {
    const session = new Session({
      sandbox,
      trees,
      manifest: context.manifest,
      repository: context.config,
      deployment,
      judging,
      cacheFolder: join(config.fixer.work, "compiled", stableId("repo", context.config.path, ...context.config.dependencies)),
      memoryBytesMax: config.fixer.memoryBytesMax,
      timeoutMs: config.fixer.stepTimeoutMs,
      signal: deps.signal,
    });
    const { finding, captures } = await captured(deps, incident, revision);
    const good = context.good ?? (await parentOfSuspect(context, incident));
    const result = await reproduce({ session, incidentId, finding, revision, good, captures, paths: judging.paths, packageJson: context.packageJson, tell });
    deps.signal.throwIfAborted();
    await journal({ kind: "reproduction.recorded", incidentId, reproduction: result.record });
    const reproduced: Reproduced | null = "base" in result ? result : null;
    const gate = new Gate({ session, revision, finding, reproduced, before: (path) => repo.readFile(revision, path) });
    const { judged, tried } = await search({ context, incident, finding, reproduced, gate, candidatesMax: config.fixer.candidatesMax, signal: deps.signal, tell });
    stop.throwIfAborted();
    const ranked: Ranked[] = [];
    for (const one of judged) {
      const texts = new Map<string, string>();
      for (const path of one.candidate.files.keys()) texts.set(path, (await repo.readFile(revision, path)) ?? "");
      const next = rankable(one, texts);
      // What is too long to show is too long to approve.
      if (next.diff.length <= BOUNDS.diffChars) ranked.push(next);
    }
    const chosen = choose(ranked);
    for (const one of chosen) await journal({ kind: "proposal.made", incidentId, proposal: recordOf(one, revision) });
    const verified = chosen.filter((one) => one.judged.verified).length;
    return { candidates: tried, verified, says: summary(tried, verified, reproduced !== null) };
  } finally {
    await trees.dispose();
  }
}

/** The first finding that has a captured request, else the incident's own. */
async function captured(deps: RoundDeps, incident: Incident, revision: string): Promise<{ readonly finding: Finding; readonly captures: readonly Capture[] }> {
  const [first] = incident.findings;
  if (first === undefined) throw new FirstfixError("not_found", "The incident has no finding.");
  for (const finding of incident.findings) {
    const captures = await findCaptures(deps.store.background, finding, revision, deps.groups);
    if (captures.length > 0) return { finding, captures };
  }
  return { finding: first, captures: [] };
}

/** Where no good deployment is known, the commit before the first suspect stands in for it. */
async function parentOfSuspect({ repo }: RepositoryContext, incident: Incident): Promise<string | null> {
  const suspect = incident.ranking?.suspects[0];
  if (suspect === undefined || incident.ranking?.abstained !== null || !(await repo.hasRevision(suspect.commit))) return null;
  const parent = (await repo.commit(suspect.commit)).parents[0];
  return parent !== undefined && (await repo.hasRevision(parent)) ? parent : null;
}

function summary(tried: number, verified: number, reproduced: boolean): string {
  if (verified > 0) return `${verified} of ${tried} candidates ${verified === 1 ? "is" : "are"} proposed as verified.`;
  if (!reproduced) return `The failure was not reproduced, so none of ${tried} candidates can be verified.`;
  return `None of ${tried} candidates passed every step.`;
}
