import { mergeGroups, NO_GROUP_RULES, resolveGroup, splitGroup, type GroupRules } from "@firstfix/incident";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Store } from "./api.ts";
import { ofGroup, resolvedGroup } from "./groups.ts";
import { insertRows, select } from "./sql.ts";
import { temporaryStore } from "./testing/store.ts";

const GROUPS = ["a", "b", "it's"];
const PRINTS = ["", "f1", "f\\2"];
let temporary: Awaited<ReturnType<typeof temporaryStore>>;
let store: Store;

beforeAll(async () => {
  temporary = await temporaryStore();
  store = temporary.store;
  const rows = GROUPS.flatMap((group_id) => PRINTS.map((fingerprint) => ({ error_id: `${group_id} ${fingerprint}`, group_id, fingerprint, time: new Date(), trace_hex: "", span_hex: "", service: "s", environment: "e", revision: "r", repository: "", operation: "", type: "", message: "", stacktrace: "", file: "", function: "", line: 0 })));
  await insertRows(store.background, "errors", rows);
});
afterAll(() => temporary.dispose());

const group = fc.constantFrom(...GROUPS, "n");
const step = fc.oneof(
  fc.record({ into: group, groups: fc.array(group, { minLength: 1, maxLength: 3 }) }).map(({ into, groups }) => (rules: GroupRules) => mergeGroups(rules, into, groups)),
  fc.record({ from: group, prints: fc.array(fc.constantFrom("f1", "f\\2"), { minLength: 1 }), into: group }).map(({ from, prints, into }) => (rules: GroupRules) => splitGroup(rules, from, prints, into)),
);

it("reads past errors by what was merged and split, whatever was decided", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
      const rules = steps.reduce((before, one) => one(before), NO_GROUP_RULES);
      const rows = await select<{ id: string; group: string }>(store.interactive, `SELECT error_id AS id, ${resolvedGroup(rules)} AS group FROM errors FINAL ORDER BY error_id`);
      const expected = GROUPS.flatMap((one) => PRINTS.map((print) => ({ id: `${one} ${print}`, group: resolveGroup(rules, one, print) }))).sort((a, b) => (a.id < b.id ? -1 : 1));
      expect(rows).toEqual(expected);
      for (const key of [...GROUPS, "n"]) {
        const ids = (await select<{ id: string }>(store.interactive, `SELECT error_id AS id FROM errors FINAL WHERE ${ofGroup(rules, key)} ORDER BY id`)).map(({ id }) => id);
        expect(ids).toEqual(expected.filter((one) => one.group === resolveGroup(rules, key)).map((one) => one.id));
      }
    }),
    { numRuns: 40 },
  );
});
