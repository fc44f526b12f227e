import { literal, select, type Store } from "@firstfix/store";
import { authorOf } from "./changes.ts";
import type { Facts, Standing } from "./types.ts";
import { BOUNDED, ofRepository, where, type Count, type Filter } from "./window.ts";

const NONE = { standing: [], leftOut: { files: 0, lines: 0 } };

/**
 * Lines of the newest revision of each repository whose blame is finished. The period has no part in it: what stands,
 * stands. Services share files, so by service or environment there is none. `leftOut`: text files that are too long to be blamed.
 */
export async function readStanding(store: Store, query: Filter): Promise<{ standing: Standing[]; leftOut: Facts["leftOut"] }> {
  if (query.service !== undefined || query.environment !== undefined) return NONE;
  const finished = await select<{ repository: string; newest: string }>(
    store.interactive,
    `SELECT repository, argMax(revision, (at, revision)) AS newest FROM backfills FINAL ${where(["what = 'lines'", "done >= total", ...ofRepository(query)])} GROUP BY repository ${BOUNDED}`,
  );
  if (finished.length === 0) return NONE;
  const revisions = `(repository, revision) IN (${finished.map((one) => literal([one.repository, one.newest])).join(", ")})`;
  const [long] = await select<{ files: Count; lines: Count }>(store.interactive, `SELECT countIf(left_out > 0) AS files, sum(left_out) AS lines FROM line_shares FINAL WHERE ${revisions} ${BOUNDED}`);
  const rows = await select<{ repository: string; authorship: string; agent: string; model: string; teams: readonly string[]; count: Count }>(
    store.interactive,
    `SELECT repository, authorship, agent, model, teams, sum(lines) AS count FROM line_shares FINAL
     WHERE ${revisions}
     GROUP BY repository, authorship, agent, model, teams HAVING count > 0 ${BOUNDED}`,
  );
  const standing = rows.map((row) => ({ ...row, authorship: authorOf(row.authorship), teams: [...new Set(row.teams)], count: Number(row.count) }));
  return { standing, leftOut: { files: Number(long?.files ?? 0), lines: Number(long?.lines ?? 0) } };
}
