import { resolveGroup, type IncidentEvent, type JournalState } from "@firstfix/incident";
import { FirstfixError, stableId } from "@firstfix/kit";
import type { Store } from "./api.ts";
import { ofGroup } from "./groups.ts";
import { GROUP_LIMITS } from "./error-groups.ts";
import { appendEvents } from "./journal.ts";
import { literal, select } from "./sql.ts";

export interface Regrouped {
  /** The group that the merged ones count to, or that was split off. */
  readonly groupId: string;
  /** Groups that were concerned. */
  readonly groups: readonly string[];
}

export interface Regrouping {
  readonly store: Store;
  /** As it is now: the caller has just read the journal. */
  readonly state: JournalState;
  /** `person:NAME`. */
  readonly actor: string;
}

/** Errors of `groups` count as errors of `into` from now on, those of the past included. Throws bad_request, not_found. */
export async function mergeByHand({ store, state, actor }: Regrouping, request: { readonly into: string; readonly groups: readonly string[] }): Promise<Regrouped> {
  bounded("groups", request.groups);
  const into = resolveGroup(state.groups, request.into);
  const groups = [...new Set(request.groups.map((group) => resolveGroup(state.groups, group)))].filter((group) => group !== into);
  if (groups.length === 0) throw new FirstfixError("conflict", "these groups are one already", { hint: "firstfix groups show lists what a group holds." });
  for (const group of [into, ...groups]) await mustExist(store, state, group);
  await appendEvents(store, actor, [{ event: { kind: "groups.merged", into, groups } }]);
  return { groupId: into, groups };
}

/**
 * Errors with one of the fingerprints leave the group and are a group of their own. The id of a group that was merged
 * into it may stand in place of a fingerprint: that one stands for itself again.
 */
export async function splitByHand({ store, state, actor }: Regrouping, request: { readonly group: string; readonly fingerprints: readonly string[] }): Promise<Regrouped> {
  bounded("fingerprints", request.fingerprints);
  const group = resolveGroup(state.groups, request.group);
  await mustExist(store, state, group);
  const isMerged = (one: string): boolean => one !== group && state.groups.aliases.has(one) && resolveGroup(state.groups, one) === group;
  const merged = [...new Set(request.fingerprints.filter(isMerged))];
  const fingerprints = [...new Set(request.fingerprints)].filter((one) => !isMerged(one)).sort();
  const events: IncidentEvent[] = merged.map((one) => ({ kind: "groups.merged", into: one, groups: [one] }));
  const into = stableId("grp", "split", group, ...fingerprints);
  if (fingerprints.length > 0) {
    await mustHold(store, state, group, fingerprints);
    events.push({ kind: "group.split", group, fingerprints, into });
  }
  await appendEvents(store, actor, events.map((event) => ({ event })));
  return { groupId: fingerprints.length > 0 ? into : (merged[0] ?? group), groups: [group, ...merged] };
}

function bounded(name: string, values: readonly string[]): void {
  if (values.length === 0 || values.length > GROUP_LIMITS.atOnce) throw new FirstfixError("bad_request", `${name}: ${values.length} are not allowed`, { hint: `From 1 to ${GROUP_LIMITS.atOnce} at once.` });
}

async function mustExist(store: Store, state: JournalState, group: string): Promise<void> {
  const [row] = await select<{ n: number }>(store.interactive, `SELECT count() AS n FROM (SELECT 1 FROM errors WHERE ${ofGroup(state.groups, group)} LIMIT 1)`);
  if ((row?.n ?? 0) === 0) throw new FirstfixError("not_found", `no error of the group ${group} is stored`, { hint: "firstfix groups list names those that are." });
}

/** Every fingerprint is one of the group's, and others remain in it. */
async function mustHold(store: Store, state: JournalState, group: string, fingerprints: readonly string[]): Promise<void> {
  const own = ofGroup(state.groups, group);
  const found = await select<{ fingerprint: string }>(store.interactive, `SELECT DISTINCT fingerprint FROM errors WHERE ${own} AND fingerprint IN ${literal(fingerprints)} AND fingerprint != ''`);
  const known = new Set(found.map((row) => row.fingerprint));
  const strange = fingerprints.find((one) => !known.has(one));
  if (strange !== undefined) throw new FirstfixError("not_found", `${strange.slice(0, 60)} is no fingerprint of the group ${group}`, { hint: "firstfix groups show lists them." });
  const rest = await select(store.interactive, `SELECT 1 AS n FROM errors WHERE ${own} AND fingerprint NOT IN ${literal(fingerprints)} LIMIT 1`);
  if (rest.length === 0) throw new FirstfixError("conflict", "nothing would remain in the group", { hint: "Name some of its fingerprints, not all." });
}
