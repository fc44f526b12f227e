import { literal, select, type Store } from "@firstfix/store";
import { authorOf } from "./changes.ts";
import type { Standing } from "./types.ts";
import { BOUNDED, ofRepository, where, type Count, type Filter } from "./window.ts";

/**
 * Lines of the newest revision of each repository whose blame is finished. The period has no part in it: what stands,
 * stands. Services share files, so by service or environment there is none.
 */
export async function readStanding(store: Store, query: Filter): Promise<Standing[]> {
  if (query.service !== undefined || query.environment !== undefined) return [];
  const finished = await select<{ repository: string; newest: string }>(
    store.interactive,
    `SELECT repository, argMax(revision, (at, revision)) AS newest FROM backfills FINAL ${where(["what = 'lines'", "done >= total", ...ofRepository(query)])} GROUP BY repository ${BOUNDED}`,
  );
  if (finished.length === 0) return [];
  const rows = await select<{ repository: string; authorship: string; agent: string; model: string; teams: readonly string[]; count: Count }>(
    store.interactive,
    `SELECT repository, authorship, agent, model, teams, sum(lines) AS count FROM line_shares FINAL
     WHERE (repository, revision) IN (${finished.map((one) => literal([one.repository, one.newest])).join(", ")})
     GROUP BY repository, authorship, agent, model, teams HAVING count > 0 ${BOUNDED}`,
  );
  return rows.map((row) => ({ ...row, authorship: authorOf(row.authorship), teams: [...new Set(row.teams)], count: Number(row.count) }));
}
