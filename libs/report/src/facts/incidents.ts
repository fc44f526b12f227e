import type { Episode, JournalState } from "@firstfix/incident";
import { sameAddress } from "@firstfix/provenance";
import type { IncidentFact } from "./types.ts";
import { changeId, inPeriod, type Filter } from "./window.ts";

/**
 * Incidents of the queried places, whenever they were opened: one fact for each time that one was open, because what came
 * back after weeks is another failure, of another deployment.
 */
export function incidentFacts(state: JournalState, query: Filter): IncidentFact[] {
  const wanted = query.repository === undefined ? null : sameAddress(query.repository);
  const facts: IncidentFact[] = [];
  for (const incident of state.incidents.values()) {
    for (const episode of incident.episodes) {
      // Its group was merged into another one's: there it is counted.
      if (episode.outcome === "merged") continue;
      const { service, environment } = episode.deployment;
      const repository = sameAddress(episode.deployment.repository);
      if (query.service !== undefined && query.service !== service) continue;
      if (query.environment !== undefined && query.environment !== environment) continue;
      if (wanted !== null && wanted !== repository) continue;
      const commit = blamedCommit(episode)?.commit;
      facts.push({ incident, episode, service, repository, blamed: commit === undefined ? null : changeId(repository, commit), inPeriod: inPeriod(episode.openedAt, query) });
    }
  }
  return facts;
}

/** The suspect that an incident blames: ranked first, and the ranking did not abstain. */
export function blamedCommit({ ranking }: Pick<Episode, "ranking">): NonNullable<Episode["ranking"]>["suspects"][number] | undefined {
  return ranking === null || ranking.abstained !== null ? undefined : ranking.suspects[0];
}

/** When the commit was made, in Unix milliseconds: what puts it into a period. Rankings of before knew its author's time only. */
export function committedAtOf(suspect: { readonly authoredAt: number; readonly committedAt?: number } | undefined): number {
  return suspect?.committedAt ?? suspect?.authoredAt ?? 0;
}

/** Redeploys until one held; null while it is open, or where it ended without any. */
export function cyclesToHold({ outcome, cycles }: Episode): number | null {
  return outcome === "closed" && cycles.length > 0 ? cycles.length : null;
}

/** From opening to closing; null while it is open. */
export function recoveryOf({ outcome, openedAt, closedAt }: Episode): number | null {
  return outcome !== "closed" || closedAt === null ? null : Math.max(0, closedAt - openedAt);
}

/** How long at least one of them was open: time between two failures, in which all was well, is none of it. Null while one is open. */
export function failedFor(episodes: readonly Episode[]): number | null {
  if (episodes.length === 0 || episodes.some((one) => recoveryOf(one) === null)) return null;
  let [total, until] = [0, -Infinity];
  for (const { openedAt, closedAt } of episodes.toSorted((a, b) => a.openedAt - b.openedAt)) {
    const end = Math.max(openedAt, closedAt ?? openedAt, until);
    total += end - Math.max(openedAt, until);
    until = end;
  }
  return total;
}
