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
 *   FAULTS_KILLS=100 npm run test:faults -- -t "kill -9" more kills than the usual
 *
 * Every scenario prints a line: records acknowledged, attempts refused and why, rows stored, lost, duplicates, the most
 * resident memory that a process ever took (VmHWM), seconds.
 *
 * Files: crash (one process killed, stopped, stalled), clients (what clients do to it), disk (no room), store (a server
 * of ClickHouse's protocol done harm), distributed (roles apart on Kafka: roles, brokers and the store done harm).
 * The runner is scenario.ts, the counter ledger.ts and verdict.ts.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "vitest";
import { embedded } from "./embedded.ts";
import { stopCleanly } from "./scenario.ts";
import { until } from "./until.ts";

const KILLS = Number(process.env["FAULTS_KILLS"] ?? 6);


// They share nothing, and most of their time is waiting.
describe.concurrent("one process", () => {
  it("kill -9 under load, again and again at random moments", async () => {
    await embedded("kill -9", { memoryMiBMax: 900 }, async ({ firstfix, data, grpcUrl, ledger, random, sender }) => {
      const senders = [sender({ timeoutMs: 3000 }), sender({ urls: [grpcUrl], grpc: true, timeoutMs: 3000 }), sender({ connections: 4, recordsPerRequest: 5, pauseMs: 5, timeoutMs: 3000 })];
      senders.forEach((one) => one.start());
      for (let kill = 0; kill < KILLS; kill++) {
        const before = ledger.acknowledgedRecords;
        await until("it takes data again", () => ledger.acknowledgedRecords > before);
        await sleep(random() * 1000);
        // Every second time amid a batch, wherever in it: that is where something can be there twice.
        if (kill % 2 === 1) await batchInHand(join(data, "spool"));
        await sleep(random() * 100);
        await firstfix.kill();
        await firstfix.start();
      }
      await sleep(500);
      await Promise.all(senders.map((one) => one.stop()));
    });
  });

  it("SIGTERM under load ends in time, and nothing acknowledged is lost", async () => {
    await embedded("SIGTERM", { memoryMiBMax: 900 }, async ({ firstfix, grpcUrl, random, sender }) => {
      const senders = [sender(), sender({ urls: [grpcUrl], grpc: true })];
      senders.forEach((one) => one.start());
      for (let stop = 0; stop < 2; stop++) {
        await sleep(500 + random() * 1000);
        await stopCleanly("SIGTERM", firstfix);
        await firstfix.start();
      }
      await sleep(300);
      await Promise.all(senders.map((one) => one.stop()));
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

/** Until a batch has begun, or none did for a while. */
async function batchInHand(spool: string): Promise<void> {
  for (let looks = 0; looks < 500; looks++) {
    if (readdirSync(spool).some((name) => name.endsWith(".batch"))) return;
    await sleep(1);
  }
}
