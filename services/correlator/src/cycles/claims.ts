import type { DeploymentRef, Incident } from "@firstfix/incident";
import { messageOf } from "@firstfix/kit";
import { deploymentsOf } from "../deployments/see.ts";
import { decide, type Room } from "../room.ts";

const HISTORIES_MAX = 500;
const RETRY_MS = 2_000;

/** Incidents that a text claims to resolve, by trailers such as `Firstfix-Incident: inc_0123456789abcdef`. */
export function claimedIncidents(message: string): string[] {
  return [...message.matchAll(/^Firstfix-Incident:[ \t]*(inc_[0-9a-f]{16})[ \t]*$/gm)].map((match) => match[1] ?? "");
}

/** Finds deployments that claim to resolve incidents, and the later ones that still hold the claiming commit. */
export class Claims {
  readonly #room: Room;
  /** Commits by the incident they claim, for what a deployment brought that the one before it lacked. */
  readonly #brought = new Map<string, ReadonlyMap<string, string>>();
  readonly #contains = new Map<string, boolean>();
  readonly #failed = new Map<string, number>();

  constructor(room: Room) {
    this.#room = room;
  }

  /** Starts the cycle of every open incident that a deployment newly claims. */
  async round(now: number): Promise<void> {
    for (const incident of this.#room.tail.state.incidents.values()) {
      if (incident.status === "closed" || incident.cycles.some((one) => one.verdict === "pending")) continue;
      const claim = await this.#claim(incident, now);
      if (claim !== null) await decide(this.#room, { kind: "cycle.started", incidentId: incident.incidentId, cycle: incident.cycles.length + 1, ...claim });
    }
  }

  /** The revisions whose traffic judges a cycle: the one that brought the commit, and those after it that still hold it. */
  async revisionsWith(deployment: DeploymentRef, commit: string): Promise<string[]> {
    const revisions = [deployment.revision];
    for (const later of deploymentsOf(this.#room.tail.state, deployment)) {
      if (later.firstSeen > deployment.firstSeen && (await this.#holds(later, commit))) revisions.push(later.revision);
    }
    return revisions;
  }

  async #claim(incident: Incident, now: number): Promise<{ deployment: DeploymentRef; commit: string } | null> {
    const deployments = deploymentsOf(this.#room.tail.state, incident.deployment);
    const after = Math.max(incident.deployment.firstSeen, ...incident.cycles.map((one) => one.deployment.firstSeen));
    for (const [i, deployment] of deployments.entries()) {
      const before = deployments[i - 1];
      if (deployment.firstSeen <= after || before === undefined) continue;
      const commit = (await this.#claimedBetween(before, deployment, now)).get(incident.incidentId);
      if (commit !== undefined) return { deployment, commit };
    }
    return null;
  }

  async #claimedBetween(before: DeploymentRef, deployment: DeploymentRef, now: number): Promise<ReadonlyMap<string, string>> {
    const key = `${deployment.repository} ${before.revision} ${deployment.revision}`;
    const known = this.#brought.get(key);
    if (known !== undefined) return known;
    if (now - (this.#failed.get(key) ?? 0) < RETRY_MS) return new Map();
    try {
      const { repository } = await this.#room.repositories.tree(deployment.repository, deployment.revision);
      const commits = await repository.commitsBetween(before.revision, deployment.revision);
      const claimed = new Map(commits.toReversed().flatMap((commit) => claimedIncidents(commit.message).map((id): [string, string] => [id, commit.id])));
      this.#brought.set(key, claimed);
      for (const oldest of this.#brought.keys()) if (this.#brought.size > HISTORIES_MAX) this.#brought.delete(oldest);
      return claimed;
    } catch (error) {
      if (this.#failed.size >= HISTORIES_MAX) this.#failed.clear();
      this.#failed.set(key, now);
      this.#room.log.warn({ revision: deployment.revision, error: messageOf(error) }, "history of a deployment cannot be read");
      return new Map();
    }
  }

  async #holds(deployment: DeploymentRef, commit: string): Promise<boolean> {
    const key = `${deployment.repository} ${commit} ${deployment.revision}`;
    const known = this.#contains.get(key);
    if (known !== undefined) return known;
    try {
      const { repository } = await this.#room.repositories.tree(deployment.repository, deployment.revision);
      const holds = await repository.isAncestor(commit, deployment.revision);
      if (this.#contains.size < HISTORIES_MAX) this.#contains.set(key, holds);
      return holds;
    } catch {
      return false;
    }
  }
}
