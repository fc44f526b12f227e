import { resolveGroup, type Incident, type JournalState } from "@firstfix/incident";
import { FirstfixError } from "@firstfix/kit";
import { readGroup, type Store } from "@firstfix/store";
import type { MergeTarget, MergeTargets } from "./payload.ts";

export const MERGE_SEARCH = { found: 20, characters: 200, words: 10 } as const;

/**
 * Groups that a person may mean to merge with `group`, whatever they look like: those of open incidents whose title,
 * service, environment or ids hold all the words, those of the same service first, then the newest; and the one group
 * whose whole id was given, open or not. Only a whole id is looked for in the store, so typing costs it nothing.
 */
export async function mergeTargets(store: Store, state: JournalState, { group, query }: { readonly group: string; readonly query: string }): Promise<MergeTargets> {
  const own = resolveGroup(state.groups, group);
  const words = query.toLowerCase().slice(0, MERGE_SEARCH.characters).split(/\s+/).filter((word) => word !== "").slice(0, MERGE_SEARCH.words);
  if (words.length === 0) return { targets: [], more: 0 };
  const services = new Set([...state.incidents.values()].filter((one) => keyOf(state, one) === own).map((one) => one.deployment.service));
  const rank = (one: Incident): number => (services.has(one.deployment.service) ? 0 : 1);
  const found = new Map<string, MergeTarget>();
  for (const one of [...state.incidents.values()].sort((a, b) => rank(a) - rank(b) || b.openedAt - a.openedAt)) {
    const target = targetOf(state, one);
    if (target === null || target.groupId === own || one.status === "closed" || found.has(target.groupId)) continue;
    const text = [target.title, target.service, target.environment, one.incidentId, target.groupId].join("\n").toLowerCase();
    if (words.every((word) => text.includes(word))) found.set(target.groupId, target);
  }
  const [id] = words;
  if (id !== undefined && words.length === 1 && /^grp_[0-9a-f]{16}$/.test(id) && resolveGroup(state.groups, id) !== own && !found.has(resolveGroup(state.groups, id))) {
    const stored = await storedGroup(store, state, id);
    if (stored !== null) found.set(stored.groupId, stored);
  }
  const targets = [...found.values()];
  return { targets: targets.slice(0, MERGE_SEARCH.found), more: Math.max(0, targets.length - MERGE_SEARCH.found) };
}

function targetOf(state: JournalState, incident: Incident): MergeTarget | null {
  const groupId = keyOf(state, incident);
  const { service, environment } = incident.deployment;
  return groupId === null ? null : { groupId, title: incident.findings[0]?.title ?? "", service, environment, incidentId: incident.incidentId };
}

function keyOf({ groups }: JournalState, { findings }: Incident): string | null {
  const [first] = findings;
  return first?.kind === "error" ? resolveGroup(groups, first.key) : null;
}

async function storedGroup(store: Store, state: JournalState, id: string): Promise<MergeTarget | null> {
  try {
    const { groupId, title, incidentId } = await readGroup(store.interactive, state, id);
    return { groupId, title, service: "", environment: "", incidentId };
  } catch (error) {
    if (error instanceof FirstfixError && error.code === "not_found") return null;
    throw error;
  }
}
