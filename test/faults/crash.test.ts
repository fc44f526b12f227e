/**
 * Faults, on real processes. Each scenario starts Firstfix as a user would (`firstfix up`), puts load on it over
 * loopback, does it harm, stops it, and has a process of its own read the store. A counter that is independent of the
 * product (the senders' list of acknowledged ids) must find 0 lost, 0 duplicates, and memory within a stated bound.
 *
 *   npm run test:faults                                  all of them
 *   npm run test:faults -- crash                         one file
 *   npm run test:faults -- -t "kill -9"                  the scenarios whose name holds that
 *   FAULTS_SEED=7 npm run test:faults -- -t "kill -9"    the same chances as in an earlier run, which printed its seed
 *
 * Every scenario prints a line: records acknowledged, attempts refused and why, rows stored, lost, duplicates, the most
 * resident memory that a process ever took (VmHWM), seconds.
 *
 * Files: crash (one process killed, stopped, stalled), clients (what clients do to it), disk (no room), distributed
 * (roles apart, on Kafka and a server of ClickHouse's protocol).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { embedded, STOP_SECONDS_MAX } from "./embedded.ts";

const KILLS = 5;

describe("one process", () => {
  it("kill -9 under load, five times at random moments", async () => {
    await embedded("kill -9", { memoryMiBMax: 900 }, async ({ firstfix, random, sender }) => {
      const senders = [sender({ timeoutMs: 3000 }), sender({ connections: 4, recordsPerRequest: 5, pauseMs: 5, timeoutMs: 3000 })];
      senders.forEach((one) => one.start());
      for (let kill = 0; kill < KILLS; kill++) {
        await sleep(300 + random() * 1500);
        await firstfix.kill();
        await firstfix.start();
      }
      await sleep(500);
      await Promise.all(senders.map((one) => one.stop()));
    });
  });

  it("SIGTERM under load ends in time, and nothing acknowledged is lost", async () => {
    await embedded("SIGTERM", { memoryMiBMax: 900 }, async ({ firstfix, random, sender }) => {
      const one = sender();
      one.start();
      for (let stop = 0; stop < 2; stop++) {
        await sleep(500 + random() * 1000);
        const { code, seconds } = await firstfix.stop();
        expect(code).toBe(0);
        expect(seconds).toBeLessThan(STOP_SECONDS_MAX);
        await firstfix.start();
      }
      await sleep(300);
      await one.stop();
    });
  });

  it("stalls for longer than clients wait: they send the same again, and it is there once", async () => {
    await embedded("stalled", { memoryMiBMax: 900 }, async ({ firstfix, random, sender }) => {
      const one = sender({ timeoutMs: 500 });
      one.start();
      for (let stall = 0; stall < 3; stall++) {
        await sleep(300 + random() * 500);
        firstfix.signal("SIGSTOP");
        await sleep(1500);
        firstfix.signal("SIGCONT");
      }
      await sleep(500);
      await one.stop();
    });
  });
});
