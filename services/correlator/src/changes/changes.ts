import { recordDeployment } from "@firstfix/changes";
import { deploymentKey, type DeploymentRef } from "@firstfix/incident";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { sameAddress } from "@firstfix/provenance";
import { select } from "@firstfix/store";
import { deploymentsOf } from "../deployments/see.ts";
import type { Room } from "../room.ts";

const RETRY_FIRST_MS = 5_000;
const RETRY_MAX_MS = 5 * 60_000;
/** One piece of this work ends after so long, so that a start with a long past gives way to what is new. */
const PIECE_MS = 1_000;
const REST_MAX_MS = 10_000;

/** What a failure holds up: a repository that cannot be read, or one deployment of it. */
interface Retry {
  readonly at: number;
  readonly pause: number;
}

/**
 * Records which commits each deployment brought, and the facts of those commits. What is missing is a question to the
 * store: a deployment of the journal without a row in `deployed_revisions`. Where a repository cannot be read (yet), that
 * is logged once, and tried again ever more rarely.
 */
export class Changes {
  readonly #room: Room;
  readonly #retries = new Map<string, Retry>();
  readonly #stop = new AbortController();
  /** Deployments that the store holds; null until it was asked. */
  #done: Set<string> | null = null;
  #looked = -1;
  #restUntil = 0;
  #missing: DeploymentRef[] = [];

  constructor(room: Room) {
    this.#room = room;
  }

  /** Deployments whose time has come, oldest first. */
  due(now: number): DeploymentRef[] {
    const { deployments } = this.#room.tail.state;
    if (this.#looked !== deployments.size) {
      this.#looked = deployments.size;
      this.#missing = [...deployments.values()].filter((one) => one.repository !== "" && one.revision !== "" && this.#done?.has(keyOf(one)) !== true).sort((a, b) => a.firstSeen - b.firstSeen);
    }
    return this.#missing.filter((one) => [addressKey(one), keyOf(one)].every((key) => (this.#retries.get(key)?.at ?? 0) <= now));
  }

  /** Between two pieces it rests as long as the last one took: findings and rankings have at least half of the machine. */
  ready(now: number): boolean {
    return performance.now() >= this.#restUntil && this.due(now).length > 0;
  }

  /** Records some of what is due; the rest is still due afterwards. */
  async piece(now: number): Promise<void> {
    const began = performance.now();
    try {
      await this.#some(now, began + PIECE_MS);
    } finally {
      this.#restUntil = performance.now() + Math.min(REST_MAX_MS, performance.now() - began);
    }
  }

  async #some(now: number, until: number): Promise<void> {
    if (this.#done === null) await this.#read();
    for (const deployment of this.due(now)) {
      if (this.#stop.signal.aborted || performance.now() >= until) return;
      // Another deployment of the same repository may just have shown that it cannot be read.
      if ((this.#retries.get(addressKey(deployment))?.at ?? 0) > now) continue;
      try {
        await this.#record(deployment);
        this.#recorded(deployment);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#failed(deployment, error, now);
      }
    }
  }

  /** Gives up what is in hand; it is found missing again at the next start. */
  stop(): void {
    this.#stop.abort();
  }

  async #read(): Promise<void> {
    const rows = await select<{ repository: string; service: string; environment: string; revision: string }>(this.#room.store.background, "SELECT repository, service, environment, revision FROM deployed_revisions FINAL");
    this.#done = new Set(rows.map(keyOf));
    this.#looked = -1;
  }

  async #record(deployment: DeploymentRef): Promise<void> {
    const { service, environment, revision, repository: url, firstSeen } = deployment;
    const tree = await this.#room.repositories.tree(url, revision);
    const manifest = await this.#room.repositories.service(tree, revision, service);
    const specs = await this.#room.specs.of({ service, repository: url, revision });
    const all = deploymentsOf(this.#room.tail.state, deployment).filter((one) => sameAddress(one.repository) === sameAddress(url));
    const place = all.findIndex((one) => one.revision === revision);
    const brought = await recordDeployment(this.#room.store, tree.repository, sameAddress(url), {
      service, environment, revision,
      deployedAt: firstSeen,
      before: all.slice(0, Math.max(0, place)).map((one) => one.revision).reverse(),
      paths: manifest.paths,
      boundFiles: [...new Set((specs?.checks ?? []).flatMap(({ check }) => check.requirement.files))],
    }, { signal: this.#stop.signal, problem: (commit, says) => this.#room.log.warn({ repository: url, commit, error: says }, "a commit cannot be read; its facts are missing") });
    this.#room.log.info({ service, environment, revision, relation: brought.relation, commits: brought.commits.length }, "changes of a deployment recorded");
  }

  #recorded(deployment: DeploymentRef): void {
    this.#done?.add(keyOf(deployment));
    this.#missing = this.#missing.filter((one) => one !== deployment);
    for (const key of [addressKey(deployment), keyOf(deployment)]) if (this.#retries.delete(key)) this.#room.log.info({ repository: deployment.repository }, "changes can be recorded again");
  }

  #failed(deployment: DeploymentRef, error: unknown, now: number): void {
    const code = error instanceof FirstfixError ? error.code : "";
    const key = code === "repository.missing" || code === "repository.shallow" ? addressKey(deployment) : keyOf(deployment);
    const before = this.#retries.get(key);
    const pause = Math.min(RETRY_MAX_MS, before === undefined ? RETRY_FIRST_MS : before.pause * 2);
    this.#retries.set(key, { at: now + pause, pause });
    if (before !== undefined) return; // said already
    const { service, environment, revision, repository } = deployment;
    const hint = error instanceof FirstfixError ? error.hint : undefined;
    this.#room.log.warn({ service, environment, revision, repository, error: messageOf(error), hint }, "changes of a deployment cannot be recorded yet; it is tried again");
  }
}

function keyOf(one: Pick<DeploymentRef, "repository" | "service" | "environment" | "revision">): string {
  return `${sameAddress(one.repository)} ${deploymentKey(one)}`;
}

function addressKey(one: Pick<DeploymentRef, "repository">): string {
  return sameAddress(one.repository);
}
