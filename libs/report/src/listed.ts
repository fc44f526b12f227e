import { FirstfixError } from "@firstfix/kit";
import { literal, select, type Store } from "@firstfix/store";
import { ALLOWED, type AUTHORS, type ORDERS } from "./allowed.ts";
import { blamedCommit, committedAtOf, cyclesToHold, recoveryOf } from "./facts/incidents.ts";
import type { IncidentFact } from "./facts/types.ts";
import { during, ofRepository, placed, where, type Count, type Filter } from "./facts/window.ts";
import { REPORT_LIMITS } from "./limits.ts";

/** Which commits a list shows, and in what order. */
export interface ChangesQuery extends Filter {
  readonly limit: number;
  readonly order: (typeof ORDERS)[number];
  /** Rows left out before the first that is shown. */
  readonly offset?: number;
  /** Turns the order around. Commits that have nothing to sort by stay last. */
  readonly reverse?: boolean;
  /** Words; each must begin the commit's id, or stand in its subject, its author, assistant or model, or a team. */
  readonly q?: string;
  readonly author?: (typeof AUTHORS)[number];
}

/** By id of the change, as `changeId` writes it. */
export type Blames = ReadonlyMap<string, readonly IncidentFact[]>;

/** Throws bad_request. */
export function checkListed({ limit, offset = 0, q = "" }: ChangesQuery): void {
  const whole = (key: string, value: number, least: number, most: number): void => {
    if (!Number.isInteger(value) || value < least || value > most) throw new FirstfixError("bad_request", `${key} ${value} is not allowed`, { hint: `${key} is ${ALLOWED[key]}.` });
  };
  whole("limit", limit, 1, REPORT_LIMITS.listed);
  whole("offset", offset, 0, REPORT_LIMITS.changes);
  if (q.length > REPORT_LIMITS.searchCharacters || wordsOf(q).length > REPORT_LIMITS.searchWords) throw new FirstfixError("bad_request", "q is too long", { hint: `q is ${ALLOWED["q"]}.` });
}

/**
 * Ids of one page of the list, in order. The engine filters and sorts, so that all commits of the period take part and
 * not those of a page; what only the journal knows is written into the statement: how often each is blamed, and `unread`,
 * the blamed commits that have no row of facts. `left` of these have no room there.
 */
export async function listChanges(store: Store, query: ChangesQuery, blames: Blames, unread: Blames): Promise<{ ids: [string, string][]; matching: number; all: number; left: number }> {
  const judged = fitting([...unread].slice(0, REPORT_LIMITS.rankedUnread).map(([id, some]) => ofRanking(id, some)), (text) => Buffer.byteLength(text), REPORT_LIMITS.rankedUnreadBytes);
  const from = `(${[listed(query), ...judged].join(" UNION ALL ")})`;
  const narrow = narrowed(query);
  const settings = `SETTINGS max_execution_time = ${REPORT_LIMITS.statementSeconds}, join_use_nulls = 1`;
  const [counted] = await select<{ many: Count; matching: Count }>(store.interactive, `SELECT count() AS many, countIf(${narrow.length === 0 ? "true" : narrow.join(" AND ")}) AS matching FROM ${from} ${settings}`);
  const { key, first, join = "" } = orderOf(query, blames);
  const direction = (first === "largest") === (query.reverse !== true) ? "DESC" : "ASC";
  const rows = await select<{ repository: string; commit: string }>(
    store.interactive,
    `SELECT repository, commit FROM ${from} AS listed ${join} ${where(narrow)} ORDER BY ${key} ${direction} NULLS LAST, at DESC, repository, commit LIMIT ${query.limit} OFFSET ${query.offset ?? 0} ${settings}`,
  );
  return { ids: rows.map((one) => [one.repository, one.commit]), matching: Number(counted?.matching ?? 0), all: Number(counted?.many ?? 0), left: unread.size - judged.length };
}

function listed(query: ChangesQuery): string {
  return `SELECT repository, commit, toUnixTimestamp64Milli(committed_at) AS at, subject, author_name, authorship, agent, model, CAST(teams, 'Array(String)') AS teams, toNullable(toUInt64(lines_added) + lines_deleted) AS size FROM changes FINAL ${where(conditionsOf(query))}`;
}

/** Merges are no changes. */
function conditionsOf(query: ChangesQuery): string[] {
  const place = placed(query);
  return ["NOT merge", ...ofRepository(query), ...during("committed_at", query), ...(place.length === 0 ? [] : [`(repository, commit) IN (SELECT repository, commit FROM deployed_changes ${where([...place, ...ofRepository(query)])})`])];
}

function ofRanking(id: string, some: readonly IncidentFact[]): string {
  const suspect = some[0] === undefined ? undefined : blamedCommit(some[0].episode);
  const { authorship = "unknown", agent = "", model = "" } = suspect?.attribution ?? {};
  const text = (value: string): string => literal(value.slice(0, REPORT_LIMITS.labelCharacters));
  const [repository = "", commit = ""] = id.split("\n");
  return `SELECT ${literal(repository)}, ${literal(commit)}, toInt64(${literal(Math.trunc(committedAtOf(suspect)))}), ${text(suspect?.subject ?? "")}, ${text(suspect?.authorName ?? "")}, ${text(authorship)}, ${text(agent)}, ${text(model)}, CAST([], 'Array(String)'), CAST(NULL, 'Nullable(UInt64)')`;
}

function narrowed({ q = "", author }: ChangesQuery): string[] {
  const known = "authorship IN ('ai', 'mixed', 'human')";
  const by = author === undefined ? [] : [author === "unknown" ? `NOT ${known}` : `authorship = ${literal(author)}`];
  return [...by, ...wordsOf(q).map((word) => `(startsWith(commit, ${literal(word.toLowerCase())}) OR ${["subject", "author_name", "agent", "model"].map((column) => holds(column, word)).join(" OR ")} OR arrayExists(team -> ${holds("team", word)}, teams))`)];
}

function holds(column: string, word: string): string {
  return `positionCaseInsensitiveUTF8(${column}, ${literal(word)}) > 0`;
}

function wordsOf(q: string): string[] {
  return q.split(/\s+/).filter((word) => word !== "");
}

interface Ordering {
  readonly key: string;
  readonly first: "largest" | "smallest";
  readonly join?: string;
}

function orderOf(query: ChangesQuery, blames: Blames): Ordering {
  const most = (of: (one: IncidentFact) => number | null) => (some: readonly IncidentFact[]): number => some.reduce((max, one) => Math.max(max, of(one) ?? -1), -1);
  const byBlame = (none: string, of: (some: readonly IncidentFact[]) => number): Ordering => ({ first: "largest", key: ranked(blames, none, of) });
  switch (query.order) {
    case "newest":
      return { first: "largest", key: "at" };
    case "author":
      return { first: "smallest", key: "lowerUTF8(concat(authorship, ' ', agent, ' ', model))" };
    case "lines":
      return { first: "largest", key: "size" };
    case "deployed":
      return joined(`SELECT repository, commit, min(deployed_at) AS amount FROM deployed_changes FINAL ${where([...placed(query), ...ofRepository(query)])} GROUP BY repository, commit`);
    case "served":
      return joined(servedBy(query, "entries", "exposure"));
    case "errors":
      return joined(servedBy(query, "errors", "exposure"));
    case "violations":
      return joined(servedBy(query, "violated", "check_exposure FINAL"));
    case "cycles":
      return byBlame("-1", most(({ episode }) => cyclesToHold(episode)));
    case "recovery":
      return byBlame("-1", most(({ episode }) => recoveryOf(episode)));
    case "redeploys":
      return byBlame("-1", (some) => some.reduce((sum, { episode }) => sum + episode.cycles.length, 0));
    case "incidents":
      return byBlame("0", (some) => some.length);
  }
}

function joined(statement: string): Ordering {
  return { first: "largest", key: "amount", join: `LEFT JOIN (${statement}) AS sorting USING (repository, commit)` };
}

/** What is summed over the revisions that brought each commit first, as the row itself is. */
function servedBy(query: ChangesQuery, column: string, table: string): string {
  const matching = [...placed(query), ...ofRepository(query), `(repository, commit) IN (SELECT repository, commit FROM changes FINAL ${where(conditionsOf(query))})`];
  const first = `SELECT repository, commit, service, environment, argMin(revision, (deployed_at, revision)) AS revision FROM deployed_changes FINAL ${where(matching)} GROUP BY repository, commit, service, environment`;
  const served = `SELECT service, environment, revision, sum(${column}) AS amount FROM ${table} ${where([...placed(query), `(service, environment, revision) IN (SELECT service, environment, revision FROM deployed_changes ${where(matching)})`])} GROUP BY service, environment, revision`;
  return `SELECT repository, commit, sum(ifNull(amount, 0)) AS amount FROM (${first}) AS brought LEFT JOIN (${served}) AS served USING (service, environment, revision) GROUP BY repository, commit`;
}

/** A number for each blamed commit, and for others `none`; -1 is nothing. */
function ranked(blames: Blames, none: string, of: (some: readonly IncidentFact[]) => number): string {
  const numbers = [...blames].map(([id, some]) => ({ id, value: of(some) })).sort((a, b) => b.value - a.value).slice(0, REPORT_LIMITS.ranked);
  const repositories = [...Map.groupBy(fitting(numbers, bytesOf(), REPORT_LIMITS.rankedBytes), ({ id }) => id.split("\n")[0] ?? "")];
  const branches = repositories.map(([repository, some]) => `repository = ${literal(repository)}, transform(commit, [${some.map(({ id }) => literal(id.split("\n")[1] ?? "")).join(", ")}], CAST([${some.map(({ value }) => literal(value)).join(", ")}], 'Array(Int64)'), toInt64(${none}))`);
  return branches.length === 0 ? `nullIf(toInt64(${none}), -1)` : `nullIf(multiIf(${branches.join(", ")}, toInt64(${none})), -1)`;
}

/** What each takes in the statement; a repository stands there once. */
function bytesOf(): (one: { readonly id: string; readonly value: number }) => number {
  const named = new Set<string>();
  return ({ id, value }) => {
    const [repository = "", commit = ""] = id.split("\n");
    const first = named.has(repository) ? 0 : Buffer.byteLength(literal(repository)) + 100;
    named.add(repository);
    return first + Buffer.byteLength(literal(commit)) + String(value).length + 4;
  };
}

/** The first of them that have room. */
function fitting<T>(all: readonly T[], bytes: (one: T) => number, most: number): T[] {
  let left = most;
  return all.filter((one) => left > 0 && (left -= bytes(one)) > 0);
}
