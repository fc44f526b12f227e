import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Store } from "./api.ts";
import { literal, select } from "./sql.ts";
import { temporaryStore } from "./testing/store.ts";

let temporary: Awaited<ReturnType<typeof temporaryStore>>;
let store: Store;

beforeAll(async () => {
  temporary = await temporaryStore();
  store = temporary.store;
});
afterAll(() => temporary.dispose());

describe("literal", () => {
  it("gives back any text, whatever stands in it", async () => {
    const nasty = ["'; DROP TABLE spans; --", "\\'", "\\", "''", "\0", "\n\r\t", "{x:String}", "é漢🙂", "`", "/*"];
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...nasty), fc.string({ unit: fc.constantFrom("'", "\\", "\0", "a", ";", "-") })).map((one) => one.toWellFormed());
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 20 }), async (texts) => {
        const rows = await select<{ all: string[] }>(store.interactive, `SELECT [${texts.map((one) => literal(one)).join(", ")}] AS all`);
        expect(rows).toEqual([{ all: texts }]);
      }),
      { numRuns: 20 },
    );
  });

  it("writes numbers exactly and refuses what is none", async () => {
    expect(await select(store.interactive, `SELECT ${literal(-1.5)} AS a, ${literal(2n ** 63n - 1n)} AS b, ${literal(1e21)} = 1e21 AS c, ${literal(null)} IS NULL AS d, ${literal(true)} AS e`)).toEqual([{ a: -1.5, b: 2n ** 63n - 1n, c: 1, d: 1, e: true }]);
    expect(() => literal(NaN)).toThrow(/literal/);
    expect(() => literal(Infinity)).toThrow(/literal/);
  });

  it("writes a list for IN, the empty one too", async () => {
    expect(await select(store.interactive, `SELECT 'a' IN ${literal(["a", "b"])} AS a, 'c' IN ${literal(["a", "b"])} AS c, coalesce('x' IN ${literal([])}, 0) AS none, 1 IN ${literal([1])} AS one`)).toEqual([{ a: 1, c: 0, none: 0, one: 1 }]);
    expect(await select(store.interactive, `SELECT count() AS n FROM spans WHERE trace_hex IN ${literal([])}`)).toEqual([{ n: 0 }]);
  });
});
