import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { membersOf, mergeGroups, movedPairs, NO_GROUP_RULES, resolveGroup, splitGroup, type GroupRules } from "./rules.ts";

const merged = mergeGroups(NO_GROUP_RULES, "a", ["b", "c"]);

describe("merging and splitting by hand", () => {
  it("counts errors of merged groups to the one they were merged into, over any number of steps", () => {
    const further = mergeGroups(merged, "z", ["a"]);
    expect(["a", "b", "c", "z", "other"].map((group) => resolveGroup(further, group))).toEqual(["z", "z", "z", "z", "other"]);
  });

  it("is undone by merging a group into itself, and by merging a split-off group back", () => {
    expect(resolveGroup(mergeGroups(merged, "b", ["b"]), "b")).toBe("b");
    const split = splitGroup(merged, "a", ["f"], "n");
    expect([resolveGroup(split, "a", "f"), resolveGroup(split, "b", "f"), resolveGroup(split, "b", "g")]).toEqual(["n", "n", "a"]);
    const back = mergeGroups(split, "a", ["n"]);
    expect([resolveGroup(back, "a", "f"), resolveGroup(back, "b", "f"), resolveGroup(back, "n")]).toEqual(["a", "a", "a"]);
    expect(back.splits.size).toBe(0);
  });

  it("turns round when the larger group is merged into its own part", () => {
    const turned = mergeGroups(merged, "b", ["a"]);
    expect(["a", "b", "c"].map((group) => resolveGroup(turned, group))).toEqual(["b", "b", "b"]);
  });

  it("says which recorded errors count to a group", () => {
    const split = splitGroup(merged, "a", ["f"], "n");
    expect(membersOf(split, "b")).toEqual({ groupId: "a", groups: ["a", "b", "c"], with: [], without: [["a", "f"], ["b", "f"], ["c", "f"]] });
    expect(membersOf(split, "n")).toEqual({ groupId: "n", groups: ["n"], with: [["a", "f"], ["b", "f"], ["c", "f"]], without: [] });
    expect(membersOf(NO_GROUP_RULES, "x")).toEqual({ groupId: "x", groups: ["x"], with: [], without: [] });
  });
});

const group = fc.constantFrom("a", "b", "c", "d", "n1", "n2");
const fingerprint = fc.constantFrom("f1", "f2");
const step = fc.oneof(
  fc.record({ into: group, groups: fc.array(group, { minLength: 1, maxLength: 3 }) }).map(({ into, groups }) => (rules: GroupRules) => mergeGroups(rules, into, groups)),
  fc.record({ from: group, some: fc.array(fingerprint, { minLength: 1 }), into: group }).map(({ from, some, into }) => (rules: GroupRules) => splitGroup(rules, from, some, into)),
);

it("ends a split too whose way out of a loop was another split that ended", () => {
  const split = splitGroup(splitGroup(NO_GROUP_RULES, "g", ["f"], "x"), "x", ["f"], "y");
  const merged = mergeGroups(mergeGroups(split, "g", ["x"]), "x", ["y"]);
  for (const recorded of ["g", "x", "y"]) expect(resolveGroup(merged, recorded, "f")).toBe("g");
  expect(merged.splits.size).toBe(0);
});

it("gives every recorded error exactly one group, whatever was decided in whatever order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const rules = steps.reduce((before, one) => one(before), NO_GROUP_RULES);
      const all = ["a", "b", "c", "d", "n1", "n2"];
      for (const recorded of all) {
        for (const one of ["", "f1", "f2", "f3"]) {
          const to = resolveGroup(rules, recorded, one);
          expect(resolveGroup(rules, to, one)).toBe(to);
          // Told by members as by resolving.
          const holders = [...new Set(all.map((key) => membersOf(rules, key).groupId))].filter((key) => {
            const members = membersOf(rules, key);
            const has = (pairs: readonly (readonly [string, string])[]): boolean => pairs.some(([g, f]) => g === recorded && f === one);
            return (members.groups.includes(recorded) && !has(members.without)) || has(members.with);
          });
          expect(holders).toEqual([to]);
        }
      }
      for (const { group: from, fingerprint: of, to } of movedPairs(rules)) expect(resolveGroup(rules, from, of)).toBe(to);
    }),
    { numRuns: 300 },
  );
});
