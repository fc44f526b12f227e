import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, select } from "@firstfix/store";
import { startChild, startLoad } from "./child.ts";
import { costOf, median, memoryMiB, round, say, spread } from "./measure.ts";

export interface EmbeddedResult {
  readonly cpuMicrosPerSpan: number;
  readonly spansPerSecond: number;
  /** The same with bodies compressed by gzip. */
  readonly gzip: { readonly cpuMicrosPerSpan: number; readonly spansPerSecond: number };
  readonly spread: number;
  readonly memoryMiB: number;
  /** On disk after the run, all tables together. */
  readonly bytesPerSpan: number;
  readonly bytesByTable: Readonly<Record<string, number>>;
}

/**
 * Everything between a sender's connection and the disk in one process: HTTP, walk, bus, one INSERT per batch, views,
 * indexes and merges. The load generator is another process on the same cores; an answer means that the data is durable.
 */
export async function benchEmbedded({ rounds, spans, roles }: { readonly rounds: number; readonly spans: number; readonly roles: readonly string[] }): Promise<EmbeddedResult> {
  const folder = mkdtempSync(join(tmpdir(), "firstfix-bench-embedded-"));
  try {
    const child = await startChild({ folder, name: "embedded", roles });
    const measured = { plain: [] as Round[], gzip: [] as Round[] };
    let stored = 0;
    let memory = 0;
    try {
      const warm = await (await startLoad({ port: child.ingestPort, spans: Math.min(spans, 50_000), seed: 1 })).go();
      stored += warm.records;
      for (let index = 0; index < rounds; index++) {
        for (const kind of ["plain", "gzip"] as const) {
          const load = await startLoad({ port: child.ingestPort, spans, seed: 100 + 2 * index + (kind === "gzip" ? 1 : 0), gzip: kind === "gzip" });
          const { cpu, quiet, result } = await costOf([child.pid], () => load.go());
          stored += result.records;
          const one = { cpuMicrosPerSpan: (cpu * 1e6) / result.records, spansPerSecond: result.records / result.seconds };
          measured[kind].push(one);
          say(`  embedded, round ${index + 1}, ${kind}: ${Math.round(one.spansPerSecond)} spans/s, ${one.cpuMicrosPerSpan.toFixed(2)} µs CPU per span, ${result.retried} asked to come again${quiet ? "" : "; merges did not end within a minute"}`);
        }
      }
      memory = memoryMiB(child.pid);
    } finally {
      await child.stop();
    }
    const sizes = await sizesOnDisk(join(folder, "data"), stored);
    return { ...summary(measured.plain), gzip: summary(measured.gzip), spread: spread(measured.plain.map((one) => one.cpuMicrosPerSpan)), memoryMiB: memory, ...sizes };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

interface Round {
  readonly cpuMicrosPerSpan: number;
  readonly spansPerSecond: number;
}

function summary(rounds: readonly Round[]): Round {
  return { cpuMicrosPerSpan: round(median(rounds.map((one) => one.cpuMicrosPerSpan))), spansPerSecond: Math.round(median(rounds.map((one) => one.spansPerSecond))) };
}

/** Bytes on disk per span, indexes and marks included, and that every span which was acknowledged is there. */
export async function sizesOnDisk(path: string, acknowledged: number): Promise<Pick<EmbeddedResult, "bytesPerSpan" | "bytesByTable">> {
  const store = await openStore({ path });
  try {
    const [spans] = await select<{ count: number }>(store.background, "SELECT count() AS count FROM spans");
    if (spans?.count !== acknowledged) throw new Error(`${acknowledged} spans were acknowledged, ${spans?.count ?? 0} are stored`);
    const tables = await select<{ table: string; bytes: number }>(store.background, "SELECT table, sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table ORDER BY bytes DESC");
    const perSpan = tables.map(({ table, bytes }) => [table, round(bytes / acknowledged)] as const).filter(([, bytes]) => bytes > 0);
    return { bytesPerSpan: round(perSpan.reduce((sum, [, bytes]) => sum + bytes, 0)), bytesByTable: Object.fromEntries(perSpan) };
  } finally {
    await store.close();
  }
}
