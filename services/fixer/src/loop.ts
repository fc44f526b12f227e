import { TOPICS, type Bus } from "@firstfix/bus";
import type { Incident, IncidentEvent, JournalState } from "@firstfix/incident";
import { FirstfixError, messageOf, type Config, type Logger } from "@firstfix/kit";
import { Places, type FileCommit } from "@firstfix/provenance";
import { appendEvents, JournalTail, type Store } from "@firstfix/store";
import { commitProposal } from "./approve/commit.ts";
import { BOUNDS } from "./bounds.ts";
import { runRound } from "./round.ts";
import { createSandbox, type Sandbox } from "./sandbox/index.ts";
import { Semaphore } from "./semaphore.ts";

export interface FixerOptions {
  readonly config: Config;
  readonly bus: Bus;
  readonly store: Store;
  readonly log: Logger;
}

/**
 * Follows the journal and does what it asks for: a round of fixing for each open incident, a commit for each approval.
 * What is to be done is read from the folded state alone, so a crash or a lost hint only delays it.
 */
export class FixerLoop {
  readonly #options: FixerOptions;
  readonly #sandbox: Sandbox;
  readonly #stop = new AbortController();
  readonly #rounds = new Semaphore(BOUNDS.incidentsAtOnce);
  /** Incidents and proposals in hand: the state shows them as done only after it is read again. */
  readonly #busy = new Map<string, Promise<void>>();
  readonly #tail: JournalTail;
  readonly #places: Places;
  /** Incidents whose last round had no suspects to go by: when they are named after all, it is worth another. */
  readonly #unranked = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #hints: { close(): Promise<void> } | null = null;

  constructor(options: FixerOptions) {
    this.#options = options;
    this.#tail = new JournalTail(options.store, (state) => this.#look(state));
    const { repositories, data } = options.config;
    this.#places = new Places({ configured: repositories, dataFolder: data, recorded: () => this.#tail.state.repositories, log: options.log });
    const { sandbox, memoryBytesMax } = options.config.fixer;
    this.#sandbox = createSandbox({ kind: sandbox, memoryBytesMax, log: options.log });
  }

  start(): void {
    const { bus, log } = this.#options;
    const refresh = (): void => void this.#tail.refresh().catch(() => undefined);
    this.#tail.start({ pollMs: BOUNDS.pollMs, onError: (error) => log.warn({ err: error }, "the journal could not be read; it is tried again") });
    this.#hints = bus.onHint(TOPICS.journalWritten, refresh);
    // Some things become due by the clock alone, such as a round that waits no longer for its suspects.
    this.#timer = setInterval(() => this.#look(this.#tail.state), BOUNDS.pollMs);
    refresh();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#hints?.close();
    await this.#places.close();
    await Promise.allSettled(this.#busy.values());
    await this.#tail.close();
  }

  #look(state: JournalState): void {
    if (this.#stop.signal.aborted) return;
    for (const incident of state.incidents.values()) {
      for (const proposal of incident.proposals) {
        if (proposal.approval !== null && proposal.commit === null) this.#once(`commit ${proposal.proposalId}`, () => this.#commit(incident, proposal.proposalId));
      }
      const round = this.#nextRound(incident);
      if (round !== null) this.#once(`round ${incident.incidentId}`, () => this.#rounds.run(() => this.#round(incident.incidentId, round)));
    }
  }

  #once(key: string, task: () => Promise<void>): void {
    if (this.#busy.has(key)) return;
    const done = task()
      .catch((error: unknown) => this.#options.log.error({ err: error }, `${key} failed`))
      .then(() => this.#tail.refresh())
      .catch(() => undefined)
      .finally(() => this.#busy.delete(key));
    this.#busy.set(key, done);
  }

  async #round(incidentId: string, round: number): Promise<void> {
    const { signal } = this.#stop;
    const incident = this.#tail.state.incidents.get(incidentId);
    if (signal.aborted || incident === undefined || this.#nextRound(incident) !== round || !(await this.#mayRun(incident))) return;
    const { config, store, log } = this.#options;
    if (incident.ranking === null) this.#unranked.add(incidentId);
    else this.#unranked.delete(incidentId);
    await runRound({ config, store, log, sandbox: this.#sandbox, places: this.#places, groups: this.#tail.state.groups, signal, journal: (...events) => this.#journal(events) }, incident, round);
  }

  #nextRound(incident: Incident): number | null {
    return nextRound(incident, Date.now(), this.#unranked.has(incident.incidentId));
  }

  /** Without a sandbox no code is run and no round is used up: it begins once there is one. */
  async #mayRun(incident: Incident): Promise<boolean> {
    try {
      await this.#sandbox.check();
      return true;
    } catch (error) {
      const says = messageOf(error);
      if (incident.problems.every((one) => one.says !== says)) await this.#journal([{ kind: "problem.reported", incidentId: incident.incidentId, says, hint: error instanceof FirstfixError ? (error.hint ?? "") : "" }]);
      return false;
    }
  }

  async #commit(incident: Incident, proposalId: string): Promise<void> {
    const now = this.#tail.state.incidents.get(incident.incidentId) ?? incident;
    const proposal = now.proposals.find((one) => one.proposalId === proposalId);
    if (proposal === undefined || proposal.approval === null || proposal.commit !== null) return;
    const { incidentId, deployment } = now;
    let events: IncidentEvent[];
    try {
      const repository = await this.#places.open(deployment.repository, proposal.base);
      let says = "";
      const commitFiles = async (commit: FileCommit): Promise<string> => {
        const done = await this.#places.commit(deployment.repository, commit);
        says = done.says;
        return done.commit;
      };
      const event = await commitProposal({ readFile: (revision, path) => repository.readFile(revision, path), commitFiles }, now, proposal);
      events = event.kind === "proposal.committed" ? [event, { kind: "fix.progress", incidentId, says }] : [event];
    } catch (error) {
      events = [{ kind: "proposal.commit-failed", incidentId, proposalId, says: messageOf(error) }];
    }
    await this.#journal(events);
  }

  async #journal(events: readonly IncidentEvent[]): Promise<void> {
    await appendEvents(this.#options.store, "fixer", events.map((event) => ({ event })));
    this.#options.bus.hint(TOPICS.journalWritten);
  }
}

/**
 * Number of the round that an incident needs now, null for none. A round that never ended was cut off by a crash and is
 * begun again as the next one; one that had no suspects (`unranked`) is followed by another once they are named; after a
 * reopening the count begins anew, so that a fix that failed gets its chances.
 */
export function nextRound(incident: Incident, now: number, unranked = false): number | null {
  if (incident.status !== "open" && incident.status !== "fixing") return null;
  const since = incident.reopenings.at(-1)?.at ?? 0;
  const rounds = incident.fixRounds.filter((one) => one.startedAt >= since);
  if (rounds.length >= BOUNDS.roundsPerIncident) return null;
  const last = rounds.at(-1);
  if (last !== undefined && last.endedAt !== null && !(unranked && incident.status === "open" && incident.ranking !== null)) return null;
  if (last === undefined && incident.ranking === null && now - Math.max(incident.openedAt, since) < BOUNDS.rankingWaitMs) return null;
  return incident.fixRounds.length + 1;
}
