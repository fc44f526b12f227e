import { FirstfixError, messageOf } from "@firstfix/kit";
import { librariesOf, NO_SUSPECTS, placesOf, symbolsOf, type Finding, type Incident, type MapOptions } from "@firstfix/incident";
import { rankSuspects } from "@firstfix/provenance";
import type { CompiledCheck } from "@firstfix/spec";
import { framesOf } from "../errors/frames.ts";
import type { ServiceAt } from "../repositories.ts";
import { decide, type Room } from "../room.ts";
import { lastGood } from "./good.ts";
import { recordOf } from "./record.ts";
import { exposureBetween, spectrumOf } from "./spectrum.ts";

const RETRY_FIRST_MS = 5_000;
const RETRY_MAX_MS = 5 * 60_000;
/** After so many it is looked again which are due: what breaks now must not wait behind hundreds that came before their repository. */
const AT_ONCE_MAX = 5;

/**
 * Names the commits behind new incidents. Where the repository cannot be read the incident says so, once, and goes on
 * without suspects; it is tried again later, ever more rarely, for a clone may be fetched meanwhile.
 */
export class Ranking {
  readonly #room: Room;
  readonly #retries = new Map<string, { readonly at: number; readonly pause: number }>();

  #repositories = "[]";

  constructor(room: Room) {
    this.#room = room;
  }

  /** Incidents without a ranking whose time has come, newest first. */
  due(now: number): Incident[] {
    const repositories = JSON.stringify([...this.#room.tail.state.repositories.values()]);
    // One that was just added may be what was missing.
    if (repositories !== this.#repositories) this.#retries.clear();
    this.#repositories = repositories;
    return [...this.#room.tail.state.incidents.values()]
      .filter((one) => one.ranking === null && one.status !== "closed" && (this.#retries.get(one.incidentId)?.at ?? 0) <= now)
      .sort((a, b) => b.openedAt - a.openedAt);
  }

  async round(now: number): Promise<void> {
    const due = this.due(now);
    await this.#tellKnown(due);
    for (const incident of due.slice(0, AT_ONCE_MAX)) {
      const retry = this.#retries.get(incident.incidentId);
      try {
        await this.#rank(incident);
        this.#retries.delete(incident.incidentId);
      } catch (error) {
        const pause = Math.min(RETRY_MAX_MS, retry === undefined ? RETRY_FIRST_MS : retry.pause * 2);
        this.#retries.set(incident.incidentId, { at: now + pause, pause });
        await this.#report(incident, error);
      }
    }
  }

  /** Hundreds of incidents may wait for one repository that was just added: none of them says that it is unknown meanwhile. */
  async #tellKnown(due: readonly Incident[]): Promise<void> {
    const unknown = due.filter(({ deployment, problems }) => problems.some((one) => one.says.startsWith(`${NO_SUSPECTS}Firstfix knows no repository`)) && this.#room.repositories.configured(deployment.repository) !== null);
    const says = `${NO_SUSPECTS}the repository is known now, and its commits are looked at next.`;
    await decide(this.#room, ...unknown.map(({ incidentId }) => ({ kind: "problem.reported" as const, incidentId, says, hint: unknown.length === 1 ? "" : `${unknown.length} incidents wait for it; the newest comes first.` })));
  }

  async #rank(incident: Incident): Promise<void> {
    const { deployment, incidentId } = incident;
    const tree = await this.#room.repositories.tree(deployment.repository, deployment.revision);
    const findings = await this.#mapped(incident);
    const { repository } = tree;
    const checks = await this.#checksOf(incident);
    const primary = findings[0] as Finding;
    const good = await lastGood(this.#room, deployment, primary, checks.get(primary.key) ?? null);
    const serviceAt = async (service: string): Promise<ServiceAt> => this.#room.repositories.service(tree, deployment.revision, service);
    const own = await serviceAt(deployment.service);
    const filesOf = async (service: string): Promise<MapOptions> => {
      const { inApp, paths: folders, frames } = service === deployment.service ? own : await serviceAt(service);
      return { paths: tree.paths, inApp, own: folders, frames };
    };
    const ranking = await rankSuspects(repository, {
      good: good?.revision ?? null,
      bad: deployment.revision,
      places: placesOf(findings),
      through: librariesOf(findings),
      symbols: symbolsOf(findings),
      files: [...new Set([...checks.values()].flatMap((one) => one.check.requirement.files))],
      message: primary.error?.message ?? "",
      errorType: primary.error?.type ?? "",
      spectrum: await spectrumOf(this.#room, primary, deployment, filesOf),
      exposure: await exposureBetween(this.#room, primary, good, deployment),
      within: own.paths,
      scoreMin: this.#room.config.correlator.suspectScoreMin,
    });
    await decide(this.#room, { kind: "suspects.ranked", incidentId, ranking: await recordOf(repository, ranking) });
  }

  /**
   * An error that came before its repository could be read was recorded with the files of its container only. What it
   * is now known to name is written down, for the page and the fixer need the same places.
   */
  async #mapped({ deployment, findings, incidentId }: Incident): Promise<readonly Finding[]> {
    const all = await Promise.all(findings.map(async (finding) => {
      const { error } = finding;
      if (error === undefined || error.frames.some((frame) => frame.path !== "")) return finding;
      const frames = await framesOf(this.#room, deployment, error);
      return frames.some((frame) => frame.path !== "") ? { ...finding, error: { ...error, frames } } : finding;
    }));
    const says = "The files of its stack were found in the repository, which could not be read when it came.";
    await decide(this.#room, ...all.filter((one) => !findings.includes(one)).map((finding) => ({ kind: "incident.finding-added" as const, incidentId, finding, says })));
    return all;
  }

  async #checksOf({ deployment, findings }: Incident): Promise<Map<string, CompiledCheck>> {
    const all = (await this.#room.specs.of(deployment))?.checks ?? [];
    const violated = new Set(findings.filter((one) => one.kind === "violation").map((one) => one.key));
    return new Map(all.filter((one) => violated.has(one.check.key)).map((one) => [one.check.key, one]));
  }

  async #report({ incidentId, problems }: Incident, error: unknown): Promise<void> {
    const says = `${NO_SUSPECTS}${messageOf(error)}`;
    this.#room.log.warn({ incident: incidentId, error: messageOf(error) }, "suspects cannot be ranked yet");
    if (problems.some((one) => one.says === says)) return;
    const hint = (error instanceof FirstfixError ? error.hint : undefined) ?? "It is tried again; see the log of the correlator.";
    await decide(this.#room, { kind: "problem.reported", incidentId, says, hint });
  }
}
