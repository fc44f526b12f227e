import { literal, select, type Store } from "@firstfix/store";
import { DAY_MS, REPORT_LIMITS } from "../limits.ts";
import { blamedCommit } from "./incidents.ts";
import type { Arrival, Author, ChangeFact, IncidentFact, Lines, Writer } from "./types.ts";
import { BOUNDED, changeId, during, inPeriod, ofRepository, placed, where, type Count, type Filter } from "./window.ts";

const AUTHORS: readonly string[] = ["ai", "human", "mixed", "unknown"];

interface ChangeRow {
  readonly repository: string;
  readonly commit: string;
  readonly merge: boolean;
  readonly committed: number;
  readonly authorship: string;
  readonly agent: string;
  readonly model: string;
  readonly added: number;
  readonly deleted: number;
  readonly teams: readonly string[];
  readonly lineAuthorship: readonly string[];
  readonly lineAgent: readonly string[];
  readonly lineModel: readonly string[];
  readonly lineCount: readonly number[];
}

/**
 * Changes written in the period, deployed in it, or blamed. `read.merges` are ids of merges, which are no changes.
 * `cut` says that there are more than a report reads. `blamedOnly`: only those that the incidents blame.
 * A clock that was wrong may date a commit in the next century: it is not written in a period that ends now.
 */
export async function readChangeFacts(store: Store, query: Filter, now: number, arrivals: ReadonlyMap<string, readonly Arrival[]>, incidents: readonly IncidentFact[], blamedOnly = false): Promise<{ changes: Map<string, ChangeFact>; merges: Set<string>; cut: boolean }> {
  const blamed = blamedCommits(incidents);
  const period = { ...query, until: query.until ?? now + DAY_MS };
  const written = during("committed_at", period);
  const inPeriodOrDeployed = blamedOnly ? [] : [
    `(${written.join(" AND ")})`,
    `(repository, commit) IN (SELECT repository, commit FROM deployed_changes ${where([...placed(query), ...ofRepository(query), ...during("deployed_at", query)])})`,
  ];
  const any = [...inPeriodOrDeployed, ...(blamed.length === 0 ? [] : [`commit IN ${literal(blamed)}`])];
  const rows = await select<ChangeRow>(
    store.interactive,
    `SELECT repository, commit, merge, toUnixTimestamp64Milli(committed_at) AS committed, authorship, agent, model, lines_added AS added, lines_deleted AS deleted, teams,
            lines.authorship AS lineAuthorship, lines.agent AS lineAgent, lines.model AS lineModel, lines.count AS lineCount
     FROM changes FINAL ${where([...ofRepository(query), any.join(" OR ")])}
     ORDER BY committed_at DESC, repository, commit LIMIT ${REPORT_LIMITS.changes + 1} ${BOUNDED}`,
  );
  const changes = new Map<string, ChangeFact>();
  const merges = new Set<string>();
  const placeGiven = query.service !== undefined || query.environment !== undefined;
  for (const row of rows.slice(0, REPORT_LIMITS.changes)) {
    const id = changeId(row.repository, row.commit);
    if (row.merge) merges.add(id);
    else changes.set(id, changeFact(row, id, inPeriod(row.committed, period) && (!placeGiven || arrivals.has(id))));
  }
  for (const [id, writer] of unread(changes, merges, arrivals, incidents)) changes.set(id, { id, repository: id.split("\n")[0] ?? "", committedAt: 0, linesAdded: 0, linesDeleted: 0, lines: [], teams: [], written: false, known: false, ...writer });
  return { changes, merges, cut: rows.length > REPORT_LIMITS.changes };
}

/** Changes that are dated after now, which a report until now leaves out. */
export async function countFuture(store: Store, query: Filter, now: number): Promise<number> {
  if (query.until !== undefined) return 0;
  const [row] = await select<{ commits: Count }>(store.interactive, `SELECT count() AS commits FROM changes FINAL ${where(["NOT merge", ...ofRepository(query), ...during("committed_at", { since: now + DAY_MS })])} ${BOUNDED}`);
  return Number(row?.commits ?? 0);
}

/** Ids of the commits that incidents blame, in whatever repository; as many as a statement has room for twice. */
export function blamedCommits(incidents: readonly IncidentFact[]): string[] {
  let left: number = REPORT_LIMITS.blamedBytes;
  return [...new Set(incidents.flatMap((one) => blamedCommit(one.episode)?.commit ?? []))].slice(0, REPORT_LIMITS.blamed).filter((commit) => (left -= literal(commit).length + 2) > 0);
}

export function authorOf(text: string): Author {
  return AUTHORS.includes(text) ? (text as Author) : "unknown";
}

function changeFact(row: ChangeRow, id: string, written: boolean): ChangeFact {
  const lines: Lines[] = row.lineCount.map((count, i) => ({ authorship: authorOf(row.lineAuthorship[i] ?? ""), agent: row.lineAgent[i] ?? "", model: row.lineModel[i] ?? "", count }));
  const rest = row.added - lines.reduce((sum, one) => sum + one.count, 0);
  if (rest > 0) lines.push({ authorship: "unknown", agent: "", model: "", count: rest });
  return { id, repository: row.repository, committedAt: row.committed, authorship: authorOf(row.authorship), agent: row.agent, model: row.model, linesAdded: lines.reduce((sum, one) => sum + one.count, 0), linesDeleted: row.deleted, lines, teams: [...new Set(row.teams)], written, known: true };
}

/** Changes that were deployed or blamed and whose facts are not in the table: what the ranking found, else unknown. */
function unread(changes: ReadonlyMap<string, ChangeFact>, merges: ReadonlySet<string>, arrivals: ReadonlyMap<string, readonly Arrival[]>, incidents: readonly IncidentFact[]): Map<string, Writer> {
  const missing = new Map<string, Writer>();
  for (const id of arrivals.keys()) if (!changes.has(id) && !merges.has(id)) missing.set(id, { authorship: "unknown", agent: "", model: "" });
  for (const { blamed, episode } of incidents) {
    if (blamed === null || changes.has(blamed) || merges.has(blamed)) continue;
    const { authorship, agent, model } = blamedCommit(episode)?.attribution ?? { authorship: "unknown", agent: "", model: "" };
    missing.set(blamed, { authorship, agent, model });
  }
  return missing;
}
