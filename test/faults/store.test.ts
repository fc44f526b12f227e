import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StoreOptions } from "@firstfix/store";
import { describe, expect, it } from "vitest";
import { startClickHouseFront, type ClickHouseFront, type Faults } from "../harness/clickhouse.ts";
import { scenario, stopCleanly, type Instance, type World } from "./scenario.ts";
import { until } from "./until.ts";

/** Long enough that senders are told to come again; in distributed.test.ts a store is away for 30 s. */
const AWAY_MS = 8_000;

interface Served extends World, Instance {
  readonly front: ClickHouseFront;
}

/** One process whose store is a server of ClickHouse's protocol, which can be done harm apart from it. */
async function served(name: string, memoryMiBMax: number, run: (context: Served) => Promise<void>): Promise<void> {
  await scenario(name, memoryMiBMax, async (world): Promise<StoreOptions> => {
    const front = await startClickHouseFront({ folder: join(world.folder, "clickhouse") });
    world.after(() => front.kill());
    const instance = await world.instance({ name: "firstfix", config: { store: { url: front.url } } });
    await run({ ...world, ...instance, front });
    await stopCleanly(name, instance.firstfix);
    return { url: front.url };
  });
}

describe.concurrent("a store that is a server", () => {
  it("is away", async () => {
    await served("store away", 500, async ({ front, ingestUrl, ledger, sender }) => {
      const one = sender({ urls: [ingestUrl] });
      one.start();
      await until("something is stored", () => ledger.acknowledgedRecords > 0);
      await front.faults({ refuse: true });
      await sleep(AWAY_MS);
      expect(ledger.refusals.get("503") ?? 0, "clients are told to come again").toBeGreaterThan(0);
      await front.faults({});
      const before = ledger.acknowledgedRecords;
      await until("it goes on", () => ledger.acknowledgedRecords > before);
      await one.stop();
    });
  });

  it("is slow, answers 503, hangs, and cuts its answers off", async () => {
    await served("store in trouble", 500, async ({ front, ingestUrl, ledger, sender }) => {
      const one = sender({ urls: [ingestUrl], timeoutMs: 3000 });
      one.start();
      const troubles: readonly Faults[] = [{ insertDelayMs: 1000 }, { status: 503 }, { hangMs: 2000 }, { cutAnswers: true }];
      for (const trouble of troubles) {
        await sleep(1000);
        await front.faults(trouble);
        await sleep(3000);
        await front.faults({});
      }
      const before = ledger.acknowledgedRecords;
      await until("it goes on", () => ledger.acknowledgedRecords > before);
      await one.stop();
    });
  });

  it("is killed with kill -9 and started again", async () => {
    await served("store killed", 500, async ({ front, random, ingestUrl, sender }) => {
      const one = sender({ urls: [ingestUrl] });
      one.start();
      for (let kill = 0; kill < 3; kill++) {
        await sleep(500 + random() * 1500);
        await front.kill();
        await sleep(500);
        await front.start();
      }
      await sleep(2000);
      await one.stop();
    });
  });
});
