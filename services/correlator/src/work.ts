import type { GroupRules } from "@firstfix/incident";
import { messageOf } from "@firstfix/kit";
import { Pending, type Batch } from "./batches/pending.ts";
import { Changes } from "./changes/changes.ts";
import { Claims } from "./cycles/claims.ts";
import { Judging } from "./cycles/judge.ts";
import { reportSpecProblems, seeDeployments } from "./deployments/see.ts";
import { workErrors } from "./errors/work.ts";
import { Deciding } from "./incidents/decide.ts";
import { reportGaps } from "./incidents/gaps.ts";
import { reconcileGroups } from "./incidents/merged.ts";
import { judge, withTriggers } from "./requirements/evaluate.ts";
import { jobsOf, type Job } from "./requirements/running.ts";
import { Temporal } from "./requirements/temporal.ts";
import type { Room } from "./room.ts";
import { Ranking } from "./suspects/rank.ts";

const BATCHES_PER_ROUND = 64;
const RESUMED_AT_ONCE = 500;
/** Findings are looked for this long before the earliest time of a batch: an event may lie before its span by a clock's rounding. */
const LOOK_BACK_MS = 1_000;
/** What people just split off gets its incident from errors of this time before; after that from the next error. */
const REGROUPED_BACK_MS = 24 * 3600_000;

export interface RoundResult {
  /** More batches wait: go on at once. */
  readonly backlog: boolean;
  /** Something waits for its time or for more telemetry that is known to come: deadlines, settling, confirmation. */
  readonly waiting: boolean;
}

interface Unsettled {
  readonly timeMin: number;
  readonly since: number;
}

/**
 * One round of the correlator: batches → deployments, errors, violations → incidents → spec gaps, suspects → cycles.
 * What is to be done is a query over the store; what is kept here in memory is found again by `resume`.
 */
export class Work {
  readonly #room: Room;
  readonly #pending: Pending;
  readonly #temporal: Temporal;
  readonly #deciding: Deciding;
  readonly #ranking: Ranking;
  readonly #claims: Claims;
  readonly #judging: Judging;
  readonly #changes: Changes;
  /** Batches whose findings have not settled; and those whose eventually-checks are all judged but not yet marked. */
  readonly #unsettled = new Map<string, Unsettled>();
  readonly #judged = new Set<string>();
  #rankingTask: Promise<void> | null = null;
  #changesTask: Promise<void> | null = null;
  #resumed = false;
  #groups: GroupRules | null = null;
  #regrouping = false;
  #judgeCycles = true;

  constructor(room: Room) {
    this.#room = room;
    this.#pending = new Pending(room);
    this.#temporal = new Temporal(room);
    this.#deciding = new Deciding(room);
    this.#ranking = new Ranking(room);
    this.#claims = new Claims(room);
    this.#judging = new Judging(room, this.#claims);
    this.#changes = new Changes(room);
  }

  async round(): Promise<RoundResult> {
    await this.#room.tail.refresh();
    if (!this.#resumed) await this.#resume();
    await reconcileGroups(this.#room);
    const { groups } = this.#room.tail.state;
    if (this.#groups !== null && this.#groups !== groups) this.#regrouping = true;
    this.#groups = groups;
    const trials = this.#judgeCycles ? await this.#judging.readTrials() : null;
    const fresh = await this.#pending.fresh();
    const batches = fresh.slice(0, BATCHES_PER_ROUND);
    if (batches.length > 0) await this.#batches(batches);
    const now = Date.now();
    await this.#deadlines(now);
    // Before findings are decided on: what a redeploy does badly is a cycle that fails, and no other onset.
    await this.#claims.round(now);
    const settling = await this.#decide(now);
    const gapDue = await reportGaps(this.#room, now);
    this.#rank(now);
    const backlog = fresh.length > batches.length;
    if (!backlog && this.#rankingTask === null) this.#recordChanges(now);
    const confirming = trials === null || backlog ? 0 : await this.#judging.round(trials, Date.now());
    this.#judgeCycles = batches.length > 0 || confirming > 0 || (trials === null && backlog) || this.#startedCycle();
    return { backlog, waiting: settling || this.#rankingTask !== null || this.#changesTask !== null || this.#changes.due(now).length > 0 || confirming > 0 || this.#judgeCycles || this.#temporal.size > 0 || Number.isFinite(gapDue) };
  }

  /** Resolves when nothing of this runs any more. */
  async close(): Promise<void> {
    this.#changes.stop();
    await this.#rankingTask;
    await this.#changesTask;
  }

  /** Beside the rounds, for git may take seconds and deadlines and verdicts must not wait for it. */
  #rank(now: number): void {
    if (this.#ranking.due(now).length === 0) return;
    this.#rankingTask ??= this.#ranking
      .round(now)
      .catch((error: unknown) => this.#room.log.error({ error: messageOf(error) }, "ranking failed; it is tried again"))
      .finally(() => {
        this.#rankingTask = null;
      });
  }

  /** Beside the rounds as well, a piece at a time, and only while neither telemetry nor an incident waits: reports can. */
  #recordChanges(now: number): void {
    if (!this.#changes.ready(now)) return;
    this.#changesTask ??= this.#changes
      .piece(now)
      .catch((error: unknown) => this.#room.log.error({ error: messageOf(error) }, "changes cannot be recorded; it is tried again"))
      .finally(() => {
        this.#changesTask = null;
      });
  }

  /** A cycle that no test has looked at yet. */
  #startedCycle(): boolean {
    const { incidents } = this.#room.tail.state;
    return [...incidents.values()].some((one) => one.status === "verifying" && one.cycles.some((cycle) => cycle.verdict === "pending" && cycle.test === null && cycle.startedAt > Date.now() - 2_000));
  }

  async #resume(): Promise<void> {
    const batches = await this.#pending.unfinished();
    for (let from = 0; from < batches.length; from += RESUMED_AT_ONCE) {
      const some = batches.slice(from, from + RESUMED_AT_ONCE);
      const jobs = await jobsOf(this.#room, some.map((batch) => batch.id));
      this.#await(some, jobs.temporal);
    }
    this.#resumed = true;
  }

  async #batches(batches: readonly Batch[]): Promise<void> {
    await seeDeployments(this.#room);
    await reportSpecProblems(this.#room);
    await workErrors(this.#room, batches.map((batch) => batch.id));
    const jobs = await jobsOf(this.#room, batches.map((batch) => batch.id));
    const nowNs = BigInt(Date.now()) * 1_000_000n;
    await judge(this.#room, jobs.invariants, nowNs);
    const temporal = await withTriggers(this.#room, jobs.temporal, nowNs);
    await this.#pending.mark("correlator", batches.map((batch) => batch.id));
    this.#await(batches, temporal);
  }

  #await(batches: readonly Batch[], temporal: readonly Job[]): void {
    const since = Date.now();
    const jobs = Map.groupBy(temporal.flatMap((job) => job.batches.map((batch) => ({ batch, job }))), ({ batch }) => batch);
    for (const batch of batches) {
      this.#unsettled.set(batch.id, { timeMin: batch.timeMin, since });
      const own = (jobs.get(batch.id) ?? []).map(({ job }) => job);
      if (own.length === 0) this.#judged.add(batch.id);
      else this.#temporal.add(batch, own);
    }
  }

  async #deadlines(now: number): Promise<void> {
    const { done, violated } = await this.#temporal.round(now);
    for (const batch of violated) this.#unsettled.set(batch.id, { timeMin: batch.timeMin, since: now });
    for (const batch of done) this.#judged.add(batch.id);
  }

  /** Returns whether findings still wait to settle. */
  async #decide(now: number): Promise<boolean> {
    if (this.#unsettled.size > 0 || this.#regrouping) {
      let from = Infinity;
      for (const { timeMin } of this.#unsettled.values()) from = Math.min(from, timeMin);
      const waiting = await this.#deciding.round(from - LOOK_BACK_MS, this.#regrouping ? now - REGROUPED_BACK_MS : Infinity, now);
      if (waiting === 0) {
        this.#regrouping = false;
        const settled = [...this.#unsettled].filter(([, one]) => now - one.since >= this.#room.config.correlator.settleMs).map(([id]) => id);
        await this.#pending.mark("incidents", settled);
        for (const id of settled) this.#unsettled.delete(id);
      }
    }
    const through = [...this.#judged].filter((id) => !this.#unsettled.has(id));
    await this.#pending.mark("temporal", through);
    for (const id of through) this.#judged.delete(id);
    return this.#unsettled.size > 0 || this.#regrouping;
  }
}
