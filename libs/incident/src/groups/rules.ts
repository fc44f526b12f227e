/**
 * What people decided about error groups, in effect: errors are recorded with the group that their stack gives, and no
 * row is ever rewritten, so recording and every reading of the past go through these rules.
 *   alias: all errors of a group count as errors of another;   split: those with one fingerprint count elsewhere
 */
export interface GroupRules {
  /** Group → the group that it was merged into. */
  readonly aliases: ReadonlyMap<string, string>;
  /** By `splitKey`. */
  readonly splits: ReadonlyMap<string, SplitRule>;
}

export interface SplitRule {
  readonly group: string;
  readonly fingerprint: string;
  readonly into: string;
}

export const NO_GROUP_RULES: GroupRules = { aliases: new Map(), splits: new Map() };

/** Chains are made by hand and loops are cut when a rule is made: this is only the last guard. */
const STEPS_MAX = 1_000;

/** The group that an error counts to, from the one that it was recorded with. */
export function resolveGroup({ aliases, splits }: GroupRules, groupId: string, fingerprint = ""): string {
  let group = groupId;
  for (let step = 0; step < STEPS_MAX; step++) {
    const next = (fingerprint === "" ? undefined : splits.get(splitKey(group, fingerprint))?.into) ?? aliases.get(group);
    if (next === undefined || next === group) return group;
    group = next;
  }
  return group;
}

/** `groups` become parts of `into`. A group merged into itself stands for itself again, which undoes an earlier merge. */
export function mergeGroups(rules: GroupRules, into: string, groups: readonly string[]): GroupRules {
  const aliases = new Map(rules.aliases);
  for (const group of groups) {
    aliases.delete(group);
    if (group === into) continue;
    // `into` stood for a part of this very group: it becomes the whole now.
    if (resolveGroup({ ...rules, aliases }, into) === group) aliases.delete(into);
    aliases.set(group, into);
  }
  return withoutLoops({ aliases, splits: rules.splits });
}

/** Errors with one of the fingerprints leave `group` for `into`. */
export function splitGroup(rules: GroupRules, group: string, fingerprints: readonly string[], into: string): GroupRules {
  const splits = new Map(rules.splits);
  for (const fingerprint of fingerprints) {
    if (fingerprint !== "" && into !== group) splits.set(splitKey(group, fingerprint), { group, fingerprint, into });
  }
  const aliases = new Map(rules.aliases);
  if (resolveGroup({ ...rules, aliases }, into) === group) aliases.delete(into);
  return withoutLoops({ aliases, splits });
}

/** Where a split's errors would come back to the group they left, the split is over: it was merged back. */
function withoutLoops({ aliases, splits }: GroupRules): GroupRules {
  const kept = new Map(splits);
  // One that goes may leave another in a loop that it led out of, so it is looked again until none goes: as often as there are splits.
  for (let before = -1; before !== kept.size; ) {
    before = kept.size;
    for (const [key, { group, fingerprint, into }] of kept) {
      const seen = new Set<string>();
      for (let at: string | undefined = into; at !== undefined && !seen.has(at); at = kept.get(splitKey(at, fingerprint))?.into ?? aliases.get(at)) seen.add(at);
      if (seen.has(group)) kept.delete(key);
    }
  }
  return { aliases, splits: kept };
}

export interface GroupMembers {
  readonly groupId: string;
  /** Recorded groups whose errors count to it, where no pair says otherwise. */
  readonly groups: readonly string[];
  /** Recorded (group, fingerprint) pairs that count to it, though their group does not. */
  readonly with: readonly (readonly [group: string, fingerprint: string])[];
  /** Pairs that do not, though their group does. */
  readonly without: readonly (readonly [group: string, fingerprint: string])[];
}

/** Which recorded errors count to a group. `key` may be any group that was merged into it. */
export function membersOf(rules: GroupRules, key: string): GroupMembers {
  const groupId = resolveGroup(rules, key);
  const groups = known(rules, groupId).filter((group) => resolveGroup(rules, group) === groupId);
  const pairs = movedPairs(rules);
  return {
    groupId,
    groups,
    with: pairs.filter(({ group, to }) => to === groupId && !groups.includes(group)).map(({ group, fingerprint }) => [group, fingerprint]),
    without: pairs.filter(({ group, to }) => to !== groupId && groups.includes(group)).map(({ group, fingerprint }) => [group, fingerprint]),
  };
}

/** Recorded pairs that a split takes to another group than the rest of their recorded group. */
export function movedPairs(rules: GroupRules): { readonly group: string; readonly fingerprint: string; readonly to: string }[] {
  const fingerprints = [...new Set([...rules.splits.values()].map((one) => one.fingerprint))];
  return known(rules).flatMap((group) =>
    fingerprints.flatMap((fingerprint) => {
      const to = resolveGroup(rules, group, fingerprint);
      return to === resolveGroup(rules, group) ? [] : [{ group, fingerprint, to }];
    }),
  );
}

function known({ aliases, splits }: GroupRules, ...more: readonly string[]): string[] {
  return [...new Set([...more, ...aliases.keys(), ...aliases.values(), ...[...splits.values()].flatMap((one) => [one.group, one.into])])].sort();
}

function splitKey(group: string, fingerprint: string): string {
  return `${group} ${fingerprint}`;
}
