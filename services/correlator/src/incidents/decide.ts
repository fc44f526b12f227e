import { currentEpisode, type DeploymentRef, type Finding, type Incident, type IncidentEvent } from "@firstfix/incident";
import { stableId } from "@firstfix/kit";
import { deploymentsOf } from "../deployments/see.ts";
import { decide, type Room } from "../room.ts";
import { describe } from "./finding.ts";
import { laterOnset } from "./onset.ts";
import { ALONE_MIN, ALONE_SHARE, belongTogether, relate } from "./relate.ts";
import { byRevision, currentKey, holding, incidentsOf, seenSince, type Seen } from "./seen.ts";

/** A finding of an open incident is counted again at most this often. */
const COUNT_PAUSE_MS = 2_000;
const COUNTED_MAX = 10_000;
/** While nobody has decided on a fix, an incident may still turn out to have begun with another deployment. */
const MOVABLE: ReadonlySet<string> = new Set(["open", "fixing", "proposed"]);
/** A violation waits at most this many times settleMs for errors that keep turning up. */
const WAITS_MAX = 3;

/**
 * Decides what findings mean: a new incident, another finding of an open one, the return of a closed one, or nothing
 * new. A finding waits `settleMs` after it was first noticed, so that an error and the requirement it violates, which
 * arrive in different batches, meet before either opens an incident.
 */
export class Deciding {
  readonly #room: Room;
  readonly #noticed = new Map<string, number>();
  readonly #counted = new Map<string, number>();

  constructor(room: Room) {
    this.#room = room;
  }

  /**
   * Looks at findings that occurred since `fromMs`, and at those since `homelessMs` that no incident holds: what people
   * split off must not wait until hundreds of others are counted. Returns how many still wait to settle.
   */
  async round(fromMs: number, homelessMs: number, now: number): Promise<number> {
    const seen = await this.#seen(fromMs, homelessMs);
    const waiting = new Set<string>();
    for (const one of seen) {
      const held = holding(this.#room.tail.state, one);
      const key = JSON.stringify(one);
      if (held !== null && held.incident.status === "closed") await this.#returned(one, held.incident);
      else if (held !== null) await this.#again(one, held.incident, held.primary, now);
      else if (this.#settled(one, key, waiting, now)) await this.#open(one, now);
      else waiting.add(key);
    }
    for (const key of this.#noticed.keys()) if (!waiting.has(key)) this.#noticed.delete(key);
    return waiting.size;
  }

  /** Those that need an incident first, errors before violations. */
  async #seen(fromMs: number, homelessMs: number): Promise<Seen[]> {
    const all = new Map<string, Seen>();
    const homeless = (one: Seen): boolean => holding(this.#room.tail.state, one) === null;
    for (const one of homelessMs === Infinity ? [] : (await seenSince(this.#room, homelessMs)).filter(homeless)) all.set(JSON.stringify(one), one);
    for (const one of fromMs === Infinity ? [] : await seenSince(this.#room, fromMs)) all.set(JSON.stringify(one), one);
    const judged = [...all.values()].filter((one) => this.#judged(one)).sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0));
    return [...judged.filter(homeless), ...judged.filter((one) => !homeless(one))];
  }

  /** A violation also waits for errors of the service that were noticed a little later: one of them may be its cause. */
  #settled(seen: Seen, key: string, waiting: ReadonlySet<string>, now: number): boolean {
    const since = this.#noticed.get(key) ?? now;
    this.#noticed.set(key, since);
    const { settleMs } = this.#room.config.correlator;
    if (now - since < settleMs) return false;
    const error = seen.kind === "violation" && [...waiting].some((other) => sameService(JSON.parse(other) as Seen, seen));
    return !error || now - since >= WAITS_MAX * settleMs;
  }

  /** A repository may be judged in some environments only. */
  #judged({ service, environment }: Seen): boolean {
    const deployments = deploymentsOf(this.#room.tail.state, { service, environment });
    const environments = this.#room.repositories.configured(deployments.at(-1)?.repository ?? "")?.environments ?? [];
    return environments.length === 0 || environments.includes(environment);
  }

  /** Errors come before violations in `seen`, so that where both are new the error opens the incident. */
  async #open(seen: Seen, now: number): Promise<void> {
    const described = await describe(this.#room, seen);
    if (described === null) {
      this.#room.log.warn({ ...seen }, "finding cannot be described; no incident is opened");
      return;
    }
    const joined = await this.#join(seen, described.finding, now);
    if (!joined) await decide(this.#room, { kind: "incident.opened", incidentId: incidentId(seen), ...described });
  }

  async #join(seen: Seen, finding: Finding, now: number): Promise<boolean> {
    const open = incidentsOf(this.#room.tail.state, seen).filter((one) => one.status !== "closed");
    const related = (await relate(this.#room, seen, open, now)).filter((one) => belongTogether(seen.kind, one.kind, one.together)).sort((a, b) => b.together.traces - a.together.traces);
    const best = related[0];
    if (best === undefined) return false;
    const { traces, tracesMine } = best.together;
    await decide(this.#room, { kind: "incident.finding-added", incidentId: best.incident.incidentId, finding, says: `${traces} of the ${tracesMine} traces that show it also show this incident's ${best.kind}.` });
    return true;
  }

  /** Counts are told at powers of ten. A finding that was joined and turns out to occur alone gets its own incident. */
  async #again(seen: Seen, incident: Incident, primary: boolean, now: number): Promise<void> {
    const key = JSON.stringify(seen);
    if (now - (this.#counted.get(key) ?? 0) < COUNT_PAUSE_MS) return;
    if (this.#counted.size >= COUNTED_MAX) this.#counted.clear();
    this.#counted.set(key, now);
    const finding = this.#findingOf(incident, seen);
    if (finding === undefined) return;
    if (primary && movable(incident) && (await this.#moved(seen, incident, finding))) return;
    const count = (await byRevision(this.#room, seen)).reduce((sum, one) => sum + one.count, 0);
    if (!primary && count > finding.count && !this.#room.tail.state.incidents.has(incidentId(seen)) && (await this.#alone(seen, incident, now))) {
      const described = await describe(this.#room, seen);
      if (described !== null) await decide(this.#room, { kind: "incident.opened", incidentId: incidentId(seen), ...described });
      return;
    }
    if (Math.floor(Math.log10(count)) <= Math.floor(Math.log10(Math.max(1, finding.count)))) return;
    await decide(this.#room, { kind: "incident.finding-added", incidentId: incident.incidentId, finding: { ...finding, count }, says: `Seen ${count} times.` });
  }

  /** The first occurrence may have been a stray one, and a later deployment the one that brought the surge. */
  async #moved(seen: Seen, incident: Incident, finding: Finding): Promise<boolean> {
    const onset = await laterOnset(this.#room, incident, finding);
    const described = onset === null ? null : await describe(this.#room, seen, onset.revision);
    if (described === null) return false;
    const says = `It became far more frequent with the deployment of ${described.deployment.revision.slice(0, 12)}, so that is the one examined now.`;
    const moved = { deployment: described.deployment, finding: { ...described.finding, key: finding.key } };
    await decide(this.#room, { kind: "incident.onset-moved", incidentId: incident.incidentId, ...moved, says });
    return true;
  }

  /** It may have been recorded under a group that has been merged since; it keeps that name. */
  #findingOf(incident: Incident, seen: Seen): Finding | undefined {
    const { groups } = this.#room.tail.state;
    return incident.findings.find((one) => one.kind === seen.kind && currentKey(groups, one) === currentKey(groups, seen));
  }

  async #alone(seen: Seen, incident: Incident, now: number): Promise<boolean> {
    const others = (await relate(this.#room, seen, [incident], now)).filter((one) => currentKey(this.#room.tail.state.groups, one) !== seen.key);
    const mine = others[0]?.together.tracesMine ?? 0;
    const shared = Math.max(0, ...others.map((one) => one.together.traces));
    return mine - shared >= ALONE_MIN && shared / mine < ALONE_SHARE;
  }

  /** A closed incident reopens when its finding occurs at a deployment that came after the one that closed it. */
  async #returned(seen: Seen, incident: Incident): Promise<void> {
    const revisions = await byRevision(this.#room, seen);
    const deployments = deploymentsOf(this.#room.tail.state, seen);
    const back = deployments.find((one) => isAfterFix(one, incident) && revisions.some((at) => at.revision === one.revision));
    if (back === undefined) return;
    const described = await describe(this.#room, seen, back.revision);
    const event: IncidentEvent = { kind: "incident.reopened", incidentId: incident.incidentId, says: `It came back with the deployment of ${back.revision.slice(0, 12)}.`, deployment: back };
    const finding: IncidentEvent[] = described === null ? [] : [{ kind: "incident.finding-added", incidentId: incident.incidentId, finding: { ...described.finding, key: this.#findingOf(incident, seen)?.key ?? seen.key }, says: "Seen again." }];
    await decide(this.#room, event, ...finding);
  }
}

/** Once somebody has redeployed for it, the failure was real where it was seen: a redeploy that fails worse is no other onset. */
function movable({ status, episodes }: Incident): boolean {
  return MOVABLE.has(status) && currentEpisode(episodes).cycles.length === 0;
}

function sameService(other: Seen, seen: Seen): boolean {
  return other.kind === "error" && other.service === seen.service && other.environment === seen.environment;
}

function incidentId({ environment, service, key }: Seen): string {
  return stableId("inc", environment, service, key);
}

/** Old revisions may run on beside the fix for a while, and the fix itself was judged by its cycle. */
function isAfterFix(deployment: DeploymentRef, incident: Incident): boolean {
  const fix = incident.cycles.findLast((one) => one.verdict === "held");
  return deployment.firstSeen > (fix?.deployment.firstSeen ?? incident.closedAt ?? Infinity);
}
