import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startKafka } from "../harness/kafka.ts";
import { startChild, startLoad, type Child } from "./child.ts";
import { sizesOnDisk } from "./embedded.ts";
import { costOf, cpuSeconds, median, memoryMiB, round, say, spread } from "./measure.ts";

export interface KafkaResult {
  /** From the first request to the last span in the tables. */
  readonly spansPerSecond: number;
  readonly acknowledgedPerSecond: number;
  readonly spread: number;
  /** CPU per span of each process, in microseconds; the writer's with its merges. */
  readonly micros: { readonly ingest: number; readonly broker: number; readonly writer: number };
  readonly memoryMiB: { readonly ingest: number; readonly broker: number; readonly writer: number };
}

const PARTITIONS = 6;
const POLL_MS = 50;
const LAND_MS_MAX = 300_000;

/** A process with the role ingest, a broker of one node and a process with the role writer, all on the same cores. */
export async function benchKafka({ rounds, spans }: { readonly rounds: number; readonly spans: number }): Promise<KafkaResult> {
  const folder = mkdtempSync(join(tmpdir(), "firstfix-bench-kafka-"));
  const kafka = await startKafka({ folder: join(folder, "kafka") });
  const children: Child[] = [];
  try {
    const config = { bus: { kind: "kafka", brokers: kafka.brokers, partitions: PARTITIONS } };
    const ingest = await startChild({ folder, name: "ingest", roles: ["ingest"], config });
    children.push(ingest);
    const writer = await startChild({ folder, name: "writer", roles: ["writer"], config });
    children.push(writer);
    const broker = kafka.nodes[0]?.pid ?? 0;
    const all: Round[] = [];
    let stored = 0;
    for (let index = -1; index < rounds; index++) {
      const load = await startLoad({ port: ingest.ingestPort, spans: index < 0 ? Math.min(spans, 50_000) : spans, seed: 300 + index });
      const began = performance.now();
      // The broker and the consumer poll for ever; only the writer has work left when all has landed.
      const { cpu, result } = await costOf([writer.pid], async () => {
        const before = [ingest.pid, broker].map((pid) => cpuSeconds(pid));
        const start = performance.now();
        const acknowledged = await load.go();
        stored += acknowledged.records;
        await landed(writer, stored);
        const used = [ingest.pid, broker].map((pid, at) => cpuSeconds(pid) - (before[at] ?? 0));
        return { ...acknowledged, used, landedSeconds: (performance.now() - start) / 1000 };
      });
      // The first round warms up: the broker's compiler, the engine's caches.
      if (index < 0) continue;
      const [ofIngest = 0, ofBroker = 0, ofWriter = 0] = [...result.used, cpu].map((seconds) => (seconds * 1e6) / result.records);
      all.push({ spansPerSecond: result.records / result.landedSeconds, acknowledgedPerSecond: result.records / result.seconds, ingest: ofIngest, broker: ofBroker, writer: ofWriter });
      say(`  kafka, round ${index + 1}: ${Math.round(result.records / result.landedSeconds)} spans/s to disk, CPU per span: ingest ${ofIngest.toFixed(1)}, broker ${ofBroker.toFixed(1)}, writer ${ofWriter.toFixed(1)} µs (${Math.round((performance.now() - began) / 1000)} s with waiting)`);
    }
    const memory = { ingest: memoryMiB(ingest.pid), broker: memoryMiB(broker), writer: memoryMiB(writer.pid) };
    for (const child of children.splice(0)) await child.stop();
    await sizesOnDisk(join(folder, "data"), stored);
    const of = (name: keyof Round): number => round(median(all.map((one) => one[name])));
    return {
      spansPerSecond: Math.round(of("spansPerSecond")),
      acknowledgedPerSecond: Math.round(of("acknowledgedPerSecond")),
      spread: spread(all.map((one) => one.spansPerSecond)),
      micros: { ingest: of("ingest"), broker: of("broker"), writer: of("writer") },
      memoryMiB: memory,
    };
  } finally {
    for (const child of children) await child.kill();
    await kafka.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

interface Round {
  readonly spansPerSecond: number;
  readonly acknowledgedPerSecond: number;
  readonly ingest: number;
  readonly broker: number;
  readonly writer: number;
}

/** Resolves when the writer has brought so many spans into the tables. */
async function landed(writer: Child, spans: number): Promise<void> {
  for (const deadline = Date.now() + LAND_MS_MAX; ; await sleep(POLL_MS)) {
    const text = await (await fetch(`${writer.adminUrl}/metrics`)).text();
    const count = Number(/^firstfix_writer_records_total\{signal="traces"\} (\d+)/m.exec(text)?.[1] ?? 0);
    if (count >= spans) return;
    if (Date.now() > deadline) throw new Error(`${spans} spans were acknowledged, ${count} have landed`);
  }
}
