import { nextBatchId } from "@firstfix/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CompletedBatch, Store } from "./api.ts";
import { conformsInBatches } from "./conformance-batches.ts";
import { conformsInRows } from "./conformance-rows.ts";
import { select } from "./sql.ts";

/** A place for one store that the suite has to itself. */
export interface StorePlace {
  /** Opens the store of this place; what was stored before is there. The suite closes it before it opens it again. */
  open(): Promise<Store>;
  /** Called when every store of it is closed. */
  remove(): Promise<void>;
}

/** Both engines pass this: what a caller may rely on, whichever it is. */
export function storeConformance(name: string, place: () => Promise<StorePlace>): void {
  describe(`store: ${name}`, () => {
    let opened: Store | null = null;
    let here: StorePlace;
    let last = 0;
    const store = (): Store => {
      if (opened === null) throw new Error("The store is not open.");
      return opened;
    };
    const number = (): number => (last += 1);
    beforeAll(async () => {
      here = await place();
      opened = await here.open();
    });
    afterAll(async () => {
      await opened?.close();
      await here.remove();
    });
    conformsInBatches({ store, number });
    conformsInRows({ store, number });

    describe("completed batches", () => {
      const batch = (topic: string, requests: readonly string[], more: Partial<CompletedBatch> = {}): CompletedBatch => ({ id: nextBatchId(), signal: "traces", rows: 7, timeMinMs: 1_760_000_000_123, timeMaxMs: 1_760_000_001_001, topic, partition: 2, offsetMin: 5n, offsetMax: 2n ** 53n + 1n, requests, ...more });
      const hash = (digit: string): string => digit.repeat(32);

      it("are told by their requests, newest last, by source, and once however often they are completed", async () => {
        const topic = `topic-${number()}`;
        const [first, second] = [batch(topic, [hash("a")]), batch(topic, [hash("b")])];
        for (const one of [first, second, second, batch(topic, [hash("c")], { partition: 3 }), batch(`${topic}'`, [hash("d")])]) await store().completeBatch(one);
        const told = await store().completedRequests({ topic, partition: 2 }, Date.now() - 60_000, 10);
        expect([...new Set(told)]).toEqual([hash("a"), hash("b")]);
        expect(await store().completedRequests({ topic, partition: 2 }, Date.now() - 60_000, 1)).toEqual([hash("b")]);
        expect(await store().completedRequests({ topic, partition: 2 }, Date.now() + 60_000, 10)).toEqual([]);
        expect(await store().completedRequests({ topic: `${topic}'`, partition: 2 }, 0, 10)).toEqual([hash("d")]);
      });
    });

    it("keeps everything when it is closed and opened again, and migrates once", async () => {
      const told = "SELECT name, hash, at FROM migrations ORDER BY name";
      const before = await select(store().background, told);
      const journal = (await store().journal.read()).length;
      expect(before.length).toBeGreaterThan(0);
      expect(journal).toBeGreaterThan(0);
      await store().close();
      opened = null;
      opened = await here.open();
      expect(await select(store().background, told)).toEqual(before);
      expect(await store().journal.read()).toHaveLength(journal);
    });
  });
}
