import { select, type Store } from "@firstfix/store";
import { CONSOLE_LIMITS } from "./deps.ts";
import type { ReportChoices } from "./payload.ts";

/** What a report can be narrowed to: what is in the store, however old. */
export async function reportPlaces(store: Store): Promise<ReportChoices> {
  const distinct = async (column: string, from: string): Promise<string[]> => {
    const rows = await select<{ name: string }>(store.interactive, `SELECT DISTINCT ${column} AS name FROM ${from} WHERE name != '' ORDER BY name LIMIT ${CONSOLE_LIMITS.servicesListed}`);
    return rows.map((row) => row.name);
  };
  const [repositories, services, environments] = await Promise.all([distinct("repository", "changes"), distinct("service", "deployments"), distinct("environment", "deployments")]);
  return { repositories, services, environments };
}
