import type { AuthorshipRecord, JournalState, SuspectRecord } from "@firstfix/incident";
import { FirstfixError } from "@firstfix/kit";
import { readChanges, REPORT_LIMITS, type ChangeRow } from "@firstfix/report";
import { literal, select, type Store } from "@firstfix/store";
import type { ChangeDetail } from "./payload.ts";

/** One commit with its evidence; its diff where an incident's ranking kept it. Throws not_found. */
export async function changeDetail(store: Store, state: JournalState, commit: string, repository?: string): Promise<ChangeDetail> {
  const stored = await factsOf(store, commit, repository);
  const suspect = suspectOf(state, commit);
  const committedAt = stored?.committedAt ?? suspect?.authoredAt;
  const row = committedAt === undefined ? undefined : await rowOf(store, state, commit, committedAt, stored?.repository ?? repository);
  if (row === undefined) throw new FirstfixError("not_found", "there is no such change", { hint: "Look at the list of changes; firstfix backfill reads a repository's history." });
  return {
    change: row,
    evidence: evidenceOf(stored?.evidence) ?? suspect?.attribution.evidence ?? [],
    lines: stored?.lines ?? [],
    paths: stored?.paths ?? [],
    diff: suspect?.diff ?? "",
    assistantLines: suspect?.assistantLines ?? {},
  };
}

interface Facts {
  readonly repository: string;
  readonly committedAt: number;
  readonly evidence: string;
  readonly lines: ChangeDetail["lines"];
  readonly paths: readonly string[];
}

/** The same commit may be in two repositories, a fork and its origin: then the named one, else the first. */
async function factsOf(store: Store, commit: string, repository: string | undefined): Promise<Facts | null> {
  const [found] = await select<Omit<Facts, "committedAt"> & { committedAt: number | string }>(
    store.interactive,
    `SELECT repository, toUnixTimestamp64Milli(committed_at) AS committedAt, evidence, lines, paths
     FROM changes FINAL WHERE commit = ${literal(commit)}${repository === undefined ? "" : ` AND repository = ${literal(repository)}`} ORDER BY repository LIMIT 1`,
  );
  return found === undefined ? null : { ...found, committedAt: Number(found.committedAt) };
}

/** The row of the list of changes: asked for by the moment of the commit, so that both pages always agree. */
async function rowOf(store: Store, state: JournalState, commit: string, at: number, repository: string | undefined): Promise<ChangeRow | undefined> {
  const report = await readChanges(store, state, { since: at, until: at + 1, ...(repository === undefined ? {} : { repository }), limit: REPORT_LIMITS.listed, order: "incidents" }, Date.now());
  return report.rows.find((one) => one.commit === commit);
}

function suspectOf(state: JournalState, commit: string): SuspectRecord | undefined {
  // What an incident blamed before it came back was guilty of that time.
  for (const { episodes } of state.incidents.values()) {
    for (const { ranking } of episodes) {
      const found = ranking?.suspects.find((one) => one.commit === commit);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function evidenceOf(text: string | undefined): AuthorshipRecord["evidence"] | null {
  if (text === undefined) return null;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as AuthorshipRecord["evidence"]) : null;
  } catch {
    return null;
  }
}
