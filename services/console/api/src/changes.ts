import type { AuthorshipRecord, JournalState, SuspectRecord } from "@firstfix/incident";
import { FirstfixError } from "@firstfix/kit";
import { committedAtOf, readChanges, type ChangeRow } from "@firstfix/report";
import { literal, select, type Store } from "@firstfix/store";
import type { ChangeDetail } from "./payload.ts";

/** A fork holds the same commit again, and a subject may name it: of those the first that is this commit. */
const ROWS_OF_ONE = 100;
/** What is said of an id that begins several: enough to tell few from many. */
const ALIKE_MAX = 20;

/**
 * One commit with its evidence; its diff where an incident's ranking kept it. `id` is the whole id or its beginning, in
 * lower case. Throws not_found, and conflict where the beginning is that of several.
 */
export async function changeDetail(store: Store, state: JournalState, id: string, repository?: string): Promise<ChangeDetail> {
  const commit = /^(.{40}|.{64})$/.test(id) ? id : await wholeId(store, state, id, repository);
  const stored = await factsOf(store, commit, repository);
  const suspect = suspectOf(state, commit);
  const committedAt = stored?.committedAt ?? (suspect === undefined ? undefined : committedAtOf(suspect));
  const row = committedAt === undefined ? undefined : await rowOf(store, state, commit, committedAt, stored?.repository ?? repository);
  if (row === undefined) throw noSuch(id);
  return {
    change: row,
    evidence: evidenceOf(stored?.evidence) ?? suspect?.attribution.evidence ?? [],
    lines: stored?.lines ?? [],
    paths: stored?.paths ?? [],
    diff: suspect?.diff ?? "",
    assistantLines: suspect?.assistantLines ?? {},
  };
}

/** The one commit whose id begins so, among those in the store and those that an incident suspects. */
async function wholeId(store: Store, state: JournalState, beginning: string, repository: string | undefined): Promise<string> {
  const rows = await select<{ commit: string }>(
    store.interactive,
    `SELECT DISTINCT commit FROM changes WHERE startsWith(commit, ${literal(beginning)}) AND NOT merge${repository === undefined ? "" : ` AND repository = ${literal(repository)}`} ORDER BY commit LIMIT ${ALIKE_MAX}`,
  );
  const suspects = [...state.incidents.values()].flatMap(({ episodes }) => episodes.flatMap(({ ranking }) => ranking?.suspects.map((one) => one.commit) ?? []));
  const found = new Set([...rows.map((one) => one.commit), ...suspects.filter((one) => one.startsWith(beginning))]);
  const [commit] = found;
  if (commit === undefined) throw noSuch(beginning);
  if (found.size > 1) throw new FirstfixError("conflict", `the ids of ${found.size < ALIKE_MAX ? found.size : `${ALIKE_MAX} or more`} commits begin with ${beginning}`, { hint: "Give more of its digits, or choose it in the list of changes." });
  return commit;
}

function noSuch(id: string): FirstfixError {
  return new FirstfixError("not_found", `there is no commit ${id}`, { hint: "Look at the list of changes; firstfix backfill reads a repository's history. Merges are not listed: what they merged is." });
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
  const report = await readChanges(store, state, { since: at, until: at + 1, ...(repository === undefined ? {} : { repository }), q: commit, limit: ROWS_OF_ONE, order: "incidents" }, Date.now());
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
