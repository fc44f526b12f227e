import type { JournalState } from "@firstfix/incident";
import { sameAddress } from "@firstfix/provenance";
import { literal, select, type Store } from "@firstfix/store";
import { blamedCommit, incidentFacts } from "./facts/incidents.ts";
import { BOUNDED, changeId } from "./facts/window.ts";
import { REPORT_LIMITS } from "./limits.ts";

/** An incident that blamed a commit which changed a file. */
export interface FileHistory {
  readonly path: string;
  readonly incidents: readonly { readonly incidentId: string; readonly title: string; readonly status: string; readonly commit: string; readonly openedAt: number }[];
}

const INCIDENTS_PER_FILE = 20;

/** Of the given files those that a blamed commit changed, with the incidents, newest first. Without a repository, of all. */
export async function readHistory(store: Store, state: JournalState, query: { readonly repository?: string; readonly paths: readonly string[] }): Promise<FileHistory[]> {
  const facts = incidentFacts(state, query.repository === undefined ? {} : { repository: query.repository }).filter((one) => one.blamed !== null).sort((a, b) => b.episode.openedAt - a.episode.openedAt).slice(0, REPORT_LIMITS.blamed);
  if (facts.length === 0 || query.paths.length === 0) return [];
  const commits = [...new Set(facts.flatMap(({ episode }) => blamedCommit(episode)?.commit ?? []))];
  const rows = await select<{ repository: string; commit: string; paths: string[] }>(store.interactive, `SELECT repository, commit, paths FROM changes FINAL WHERE commit IN ${literal(commits)}${query.repository === undefined ? "" : ` AND repository = ${literal(sameAddress(query.repository))}`} ${BOUNDED}`);
  const known = new Map(rows.map((row) => [changeId(row.repository, row.commit), new Set(row.paths)]));
  const files: FileHistory[] = [];
  for (const path of new Set(query.paths)) {
    const incidents = facts.flatMap(({ incident, episode, blamed }) => {
      const suspect = blamedCommit(episode);
      if (blamed === null || suspect === undefined) return [];
      // Without a row of the commit, or of one that changes more files than a row holds, the places that the ranking found in it.
      const changed = known.get(blamed)?.has(path) === true || suspect.parts.some((part) => part.places.some((place) => place.path === path));
      return changed ? [{ incidentId: incident.incidentId, title: incident.findings[0]?.title ?? "", status: incident.status, commit: suspect.commit, openedAt: episode.openedAt }] : [];
    });
    // One that came back and blames the same commit again is named once.
    const named = [...new Map(incidents.toReversed().map((one) => [`${one.incidentId} ${one.commit}`, one])).values()].reverse();
    if (named.length > 0) files.push({ path, incidents: named.slice(0, INCIDENTS_PER_FILE) });
  }
  return files.sort((a, b) => b.incidents.length - a.incidents.length);
}
