import { rateOf, sprt, type Cycle, type Finding, type Incident, type SprtRecord, type CycleVerdict } from "@firstfix/incident";
import { decide, type Room } from "../room.ts";
import type { Claims } from "./claims.ts";
import { failuresOf, trialsOf, type Scope } from "./exposure.ts";

/** A pending verdict is journaled at most this often. */
const PENDING_PAUSE_MS = 5_000;

interface Trials {
  readonly finding: Finding;
  readonly after: Scope;
  readonly trials: number;
  readonly rateBefore: number;
}

/**
 * Judges the cycles that are pending. Trials are read before the batches of a round are worked and failures after, so
 * that no trial counts whose failure may still be unknown; and `held` must hold for `settleMs`, because an exception
 * may arrive (by log record) after the span it belongs to.
 */
export class Judging {
  readonly #room: Room;
  readonly #claims: Claims;
  readonly #heldSince = new Map<string, number>();
  readonly #toldAt = new Map<string, number>();

  constructor(room: Room, claims: Claims) {
    this.#room = room;
    this.#claims = claims;
  }

  /** Trials of every pending cycle, by incident. */
  async readTrials(): Promise<ReadonlyMap<string, readonly Trials[]>> {
    const trials = new Map<string, readonly Trials[]>();
    for (const incident of this.#room.tail.state.incidents.values()) {
      const cycle = pendingCycle(incident);
      if (cycle !== undefined) trials.set(incident.incidentId, await this.#trials(incident, cycle));
    }
    return trials;
  }

  /** Returns how many verdicts wait to be confirmed. */
  async round(read: ReadonlyMap<string, readonly Trials[]>, now: number): Promise<number> {
    let confirming = 0;
    for (const [incidentId, trials] of read) {
      const incident = this.#room.tail.state.incidents.get(incidentId);
      const cycle = incident === undefined ? undefined : pendingCycle(incident);
      if (incident === undefined || cycle === undefined) continue;
      const { verdict, test } = await this.#verdict(trials);
      if (verdict !== "held") this.#heldSince.delete(incidentId);
      if (verdict === "pending") await this.#tellPending(incident, cycle, test, now);
      else if (verdict === "failed") await this.#end(incident, cycle, "failed", test);
      else if (now - this.#since(incidentId, now) >= this.#room.config.correlator.settleMs) await this.#end(incident, cycle, "held", test);
      else confirming++;
    }
    return confirming;
  }

  async #trials({ deployment, findings }: Incident, cycle: Cycle): Promise<Trials[]> {
    const place = { service: deployment.service, environment: deployment.environment };
    const before: Scope = { ...place, revisions: [deployment.revision] };
    const after: Scope = { ...place, revisions: await this.#claims.revisionsWith(cycle.deployment, cycle.commit) };
    const result: Trials[] = [];
    for (const finding of findings) {
      const own = await trialsOf(this.#room, finding, before, false);
      const any = finding.kind === "error" && own === 0;
      const trialsBefore = any ? await trialsOf(this.#room, finding, before, true) : own;
      const rateBefore = rateOf(await failuresOf(this.#room, finding, before), trialsBefore);
      result.push({ finding, after, trials: await trialsOf(this.#room, finding, after, any), rateBefore });
    }
    return result;
  }

  /** The finding that opened the incident decides; a joined one that goes on failing fails the cycle too. */
  async #verdict(trials: readonly Trials[]): Promise<{ verdict: CycleVerdict; test: SprtRecord }> {
    const { sprtAlpha: alpha, sprtBeta: beta } = this.#room.config.correlator;
    const results = [];
    for (const { finding, after, trials: n, rateBefore } of trials) results.push(sprt({ trials: n, failures: await failuresOf(this.#room, finding, after), rateBefore, alpha, beta }));
    const first = results[0] as (typeof results)[number];
    return results.find((one) => one.verdict === "failed") ?? first;
  }

  #since(incidentId: string, now: number): number {
    const since = this.#heldSince.get(incidentId) ?? now;
    this.#heldSince.set(incidentId, since);
    return since;
  }

  async #tellPending(incident: Incident, cycle: Cycle, test: SprtRecord, now: number): Promise<void> {
    const changed = cycle.test === null ? test.trials > 0 : cycle.test.trials !== test.trials || cycle.test.failures !== test.failures;
    if (!changed || now - (this.#toldAt.get(incident.incidentId) ?? 0) < PENDING_PAUSE_MS) return;
    this.#toldAt.set(incident.incidentId, now);
    await decide(this.#room, { kind: "cycle.judged", incidentId: incident.incidentId, cycle: cycle.cycle, verdict: "pending", test });
  }

  async #end({ incidentId }: Incident, { cycle }: Cycle, verdict: "held" | "failed", test: SprtRecord): Promise<void> {
    this.#heldSince.delete(incidentId);
    this.#toldAt.delete(incidentId);
    const judged = { kind: "cycle.judged", incidentId, cycle, verdict, test } as const;
    if (verdict === "held") await decide(this.#room, judged, { kind: "incident.closed", incidentId, cycles: cycle });
    else await decide(this.#room, judged, { kind: "incident.reopened", incidentId, says: `Cycle ${cycle} failed: ${test.failures} of ${test.trials} still fail.` });
  }
}

function pendingCycle(incident: Incident): Cycle | undefined {
  return incident.status === "closed" ? undefined : incident.cycles.find((one) => one.verdict === "pending");
}
