import { membersOf, movedPairs, resolveGroup, type GroupRules } from "@firstfix/incident";
import { literal } from "./sql.ts";

/**
 * Condition on `errors`: the error counts to the group, by what people merged and split. It names recorded groups, which
 * begin the table's sorting key. `key` may be a group that was merged into another.
 */
export function ofGroup(rules: GroupRules, key: string): string {
  const members = membersOf(rules, key);
  const own = members.groups.length === 1 ? `group_id = ${literal(members.groups[0] ?? "")}` : `group_id IN ${literal(members.groups)}`;
  const without = members.without.length === 0 ? own : `${own} AND (group_id, fingerprint) NOT IN (${pairs(members.without)})`;
  return members.with.length === 0 ? `(${without})` : `(${without} OR (group_id, fingerprint) IN (${pairs(members.with)}))`;
}

/** Expression on `errors`: the group that the error counts to. */
export function resolvedGroup(rules: GroupRules): string {
  const moved = [...rules.aliases.keys()].filter((group) => resolveGroup(rules, group) !== group);
  const plain = moved.length === 0 ? "toString(group_id)" : transform("toString(group_id)", moved, moved.map((group) => resolveGroup(rules, group)), "toString(group_id)");
  const split = movedPairs(rules);
  if (split.length === 0) return plain;
  return transform("concat(toString(group_id), ' ', fingerprint)", split.map(({ group, fingerprint }) => `${group} ${fingerprint}`), split.map(({ to }) => to), plain);
}

function pairs(all: readonly (readonly [string, string])[]): string {
  return all.map((pair) => literal(pair)).join(", ");
}

function transform(value: string, from: readonly string[], to: readonly string[], otherwise: string): string {
  const list = (texts: readonly string[]): string => `[${texts.map((text) => literal(text)).join(", ")}]`;
  return `transform(${value}, ${list(from)}, ${list(to)}, ${otherwise})`;
}
