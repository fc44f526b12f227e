import { mergeGroups, NO_GROUP_RULES, resolveGroup, splitGroup, type GroupRules, type Incident, type IncidentEvent, type JournalState } from "@firstfix/incident";
import type { JournalEntry, Store } from "@firstfix/store";
import type { HistoryLine } from "./payload.ts";

type Regrouping = Extract<IncidentEvent, { kind: "groups.merged" | "group.split" }>;

const TITLE_CHARS_MAX = 120;

/** What people merged and split, as far as it concerned the incident's error groups: who did what, and when. */
export async function groupHistory(store: Store, state: JournalState, incident: Incident): Promise<HistoryLine[]> {
  const keys = incident.findings.filter((one) => one.kind === "error").map((one) => one.key);
  if (keys.length === 0) return [];
  return groupLines(await store.journal.read({ kinds: ["groups.merged", "group.split"] }), state, incident, keys);
}

/**
 * Pure. A decision names the groups of its time, so the rules are made again decision by decision: it concerns the
 * incident where one of its groups, as it was called before or is called after, is among those that the decision names.
 */
export function groupLines(entries: readonly Pick<JournalEntry, "at" | "actor" | "kind" | "data">[], state: Pick<JournalState, "incidents">, incident: Incident, keys: readonly string[]): HistoryLine[] {
  const lines: HistoryLine[] = [];
  let rules: GroupRules = NO_GROUP_RULES;
  for (const { at, actor, kind, data } of entries) {
    const event = { ...(data as object), kind } as Regrouping;
    const next = event.kind === "groups.merged" ? mergeGroups(rules, event.into, event.groups) : splitGroup(rules, event.group, event.fingerprints, event.into);
    const says = keys.map((key) => sentence(event, { key, before: resolveGroup(rules, key), holder: resolveGroup(rules, event.kind === "groups.merged" ? event.into : event.group) }, (group) => nameOf(state, incident, group))).find((one) => one !== null);
    if (says !== undefined && says !== null) lines.push({ at, actor, kind, says });
    rules = next;
  }
  return lines;
}

interface Concerned {
  readonly key: string;
  /** The group that the incident's errors counted to before the decision, and that to which those of its target did. */
  readonly before: string;
  readonly holder: string;
}

function sentence(event: Regrouping, { key, before, holder }: Concerned, name: (group: string) => string): string | null {
  if (event.kind === "group.split") {
    const kinds = event.fingerprints.length === 1 ? "one kind of error" : `${event.fingerprints.length} kinds of error`;
    if (key === event.into) return `Split off by hand: ${kinds} of ${name(event.group)} became this group`;
    return before === event.group ? `Split by hand: ${kinds} became a group apart, ${name(event.into)}` : null;
  }
  // Merged into itself: it stands for itself again.
  if (event.groups.includes(event.into)) {
    if (before !== holder || holder === event.into) return null;
    return key === event.into ? `Merge undone by hand: it no longer counts for ${name(holder)}` : `Merge undone by hand: ${name(event.into)} no longer counts for this one`;
  }
  if (event.groups.includes(before)) return `Merged by hand into ${name(event.into)}`;
  return before === event.into ? `Merged by hand: ${event.groups.map(name).join("; ")} ${event.groups.length === 1 ? "counts" : "count"} for this one` : null;
}

/** The other incident of a group, with its title; else the group. */
function nameOf({ incidents }: Pick<JournalState, "incidents">, { incidentId, deployment }: Incident, group: string): string {
  const others = [...incidents.values()].filter((one) => one.incidentId !== incidentId && one.findings[0]?.key === group);
  const other = others.find((one) => one.deployment.service === deployment.service && one.deployment.environment === deployment.environment) ?? others[0];
  const title = other?.findings[0]?.title ?? "";
  return other === undefined ? `the group ${group}` : `${other.incidentId} (${title.length > TITLE_CHARS_MAX ? `${title.slice(0, TITLE_CHARS_MAX)}…` : title})`;
}
