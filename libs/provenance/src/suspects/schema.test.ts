import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import type { SuspectRanking } from "../types.ts";
import { rankSuspects } from "./rank.ts";
import { schemaNames } from "./schema.ts";

const boxes: GitSandbox[] = [];
afterAll(() => boxes.forEach((box) => box.remove()));

describe("what a database's error names", () => {
  it.each([
    ['column "plan_code" does not exist', ["plan_code"]],
    ["column a.plan_code does not exist", ["plan_code"]],
    ['relation "public.accounts" does not exist', ["accounts"]],
    ['null value in column "owner_id" of relation "accounts" violates not-null constraint', ["owner_id", "accounts"]],
    ['duplicate key value violates unique constraint "accounts_email_key"', ["accounts_email_key"]],
    ["Unknown column 'plan_code' in 'field list'", ["plan_code"]],
    ["Table 'shop.accounts' doesn't exist", ["accounts"]],
    ["Field 'owner_id' doesn't have a default value", ["owner_id"]],
    ["SQLITE_ERROR: no such column: plan_code", ["plan_code"]],
    ["no such table: accounts", ["accounts"]],
    ["NOT NULL constraint failed: accounts.owner_id", ["owner_id"]],
    ["Invalid column name 'plan_code'.", ["plan_code"]],
    ['ORA-00904: "PLAN_CODE": invalid identifier', ["PLAN_CODE"]],
    ["Cannot read properties of undefined (reading 'column')", []],
    ["the table reservation was refused", []],
    ["", []],
  ])("%s", (message, names) => {
    expect(schemaNames(message)).toEqual(names);
  });

  it("is bounded however hostile the text is", () => {
    fc.assert(fc.property(fc.array(fc.constantFrom("column ", "'", '"', "a.", "does not exist", " of relation ", "table ", "\n", "(", "$"), { maxLength: 20 }), fc.integer({ min: 1, max: 50_000 }), (pieces, times) => {
      const began = performance.now();
      const names = schemaNames(pieces.join("").repeat(times).slice(0, 1_000_000));
      expect(names.length).toBeLessThanOrEqual(10);
      for (const name of names) expect(name).toMatch(/^\w+$/);
      expect(performance.now() - began).toBeLessThan(1_000);
    }), { numRuns: 200 });
  });
});

describe("a migration", () => {
  const code = "export function load(id) {\n  const limit = 10;\n  return db.query('SELECT plan_code FROM accounts', id, limit);\n}\n";

  async function ranked(message: string, migration: string): Promise<{ readonly ranking: SuspectRanking; readonly id: string }> {
    const box = new GitSandbox();
    boxes.push(box);
    const good = box.commit("Start", { "src/a.js": code });
    const id = box.commit("Migrate", { "migrations/2.sql": migration });
    const bad = box.commit("Harmless", { "src/a.js": code.replace("limit = 10", "limit = 20") });
    return { id, ranking: await rankSuspects(await openRepository(box.path), { good, bad, places: [{ path: "src/a.js", line: 3, function: "load", weight: 1 }], symbols: ["plan_code", "accounts"], files: [], scoreMin: 0.35, message }) };
  }

  it("is named that takes away the column or the table that the error names", async () => {
    for (const [message, migration] of [['column "plan_code" does not exist', "ALTER TABLE accounts\n  DROP COLUMN plan_code;\n"], ['relation "accounts" does not exist', "ALTER TABLE accounts RENAME TO customers;\n"]] as const) {
      const { ranking, id } = await ranked(message, migration);
      expect(ranking).toMatchObject({ abstained: null, suspects: [{ commit: { id } }, {}] });
      expect(ranking.suspects[0]?.parts[0]?.says).toMatch(/^Changes (?:plan_code|accounts) in migrations\/2\.sql, which the error names\.$/);
    }
  });

  it("is not for what it does not touch", async () => {
    const { ranking, id } = await ranked('column "plan_code" does not exist', "CREATE INDEX notes ON shipments (note);\n");
    expect(ranking.suspects[0]?.commit.id).not.toBe(id);
  });
});
