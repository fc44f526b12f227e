import { createMemoryBus, type Lag } from "@firstfix/bus";
import { FirstfixError } from "@firstfix/kit";
import { describe, expect, it } from "vitest";
import { Health } from "./health.ts";
import { StuckLag } from "./stuck.ts";

const MINUTE = 60_000;

describe("a partition that does not move", () => {
  it("is named after some minutes, and no longer when it moves", async () => {
    let now = 0;
    let lags: Lag[] = [];
    const stuck = new StuckLag({ lag: () => Promise.resolve(lags) }, { now: () => now });
    const at = async (minutes: number, ...all: readonly (readonly [partition: number, records: number, handled: number])[]): Promise<string | null> => {
      now = minutes * MINUTE;
      lags = all.map(([partition, records, handled]) => ({ topic: "otlp.traces", group: "writer", partition, records, handled }));
      return stuck.check().then(() => null, (error: Error) => error.message);
    };
    expect(await at(0, [0, 5, 100], [1, 5, 7])).toBeNull();
    // Partition 0 falls behind and moves; partition 1 stands still and more comes; partition 2 has nothing to do.
    expect(await at(4, [0, 50, 101], [1, 60, 7], [2, 0, 3])).toBeNull();
    expect(await at(6, [0, 90, 102], [1, 80, 7], [2, 0, 3])).toBe("not moved for 5 minutes: partition 1 of otlp.traces (writer, 80 records wait)");
    expect(await at(7, [0, 90, 103], [1, 10, 77], [2, 0, 3])).toBeNull();
    // What has waited since now is not stuck, however long nothing came before.
    expect(await at(30, [0, 90, 110], [1, 10, 90], [2, 9, 3])).toBeNull();
  });

  it("is nobody's news while the bus is away, and the broker is asked now and then only", async () => {
    let now = 0;
    let asked = 0;
    const stuck = new StuckLag({ lag: () => ((asked += 1), now > MINUTE ? Promise.reject(new Error("away")) : Promise.resolve([{ topic: "t", group: "g", partition: 0, records: 1, handled: 0 }])) }, { now: () => now });
    for (let probe = 0; probe < 50; probe += 1) await stuck.check();
    expect(asked).toBe(1);
    now = 20 * MINUTE;
    await stuck.check();
  });

  it("is told by a bus whose batch cannot be decided, and does not make the process unready", async () => {
    const bus = createMemoryBus();
    const batch = Promise.withResolvers<undefined>();
    bus.consume("t", { group: "writer", durable: true, batchBytesMax: 1024, lingerMs: 1 }, async () => {
      await batch.promise;
      throw new FirstfixError("store.unavailable", "away", { retryable: false });
    });
    const appended = bus.append("t", [{ value: new Uint8Array(3) }]).catch(() => {});
    let now = 0;
    const health = new Health();
    health.set("writer", "ok");
    const stuck = new StuckLag(bus, { now: () => now });
    health.advise("lag", () => stuck.check());
    expect(await health.report()).toEqual({ ready: true, parts: [{ part: "writer", state: "ok" }] });
    now = 6 * MINUTE;
    health.set("writer", "ok");
    expect(await health.report()).toEqual({ ready: true, parts: [{ part: "writer", state: "ok" }, { part: "lag", state: "waiting", reason: "not moved for 5 minutes: partition 0 of t (writer, 1 records wait)", hint: expect.stringContaining("log") as string }] });
    batch.resolve(undefined);
    await appended;
    await bus.close();
  });
});
