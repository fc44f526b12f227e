import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { collectorBinary, GO } from "../harness/collector.ts";
import { freePort } from "../harness/ports.ts";
import { startLoad, startSwallow } from "./child.ts";
import { costOf, median, round, say, spread } from "./measure.ts";

export interface NetworkResult {
  /** How many times the CPU of Firstfix's network part the Collector's takes per span; null where it cannot be built. */
  readonly ratio: number | null;
  readonly spread: number;
  readonly firstfixMicrosPerSpan: number;
  readonly collectorMicrosPerSpan: number | null;
}

const START_MS_MAX = 30_000;

/**
 * From the connection to where the data would be handed on: Firstfix (HTTP, hash, walk, a bus that forgets) against the
 * OpenTelemetry Collector (receiver otlp over HTTP, processor batch, exporter nop). The same load, in turns.
 */
export async function benchNetwork({ rounds, spans }: { readonly rounds: number; readonly spans: number }): Promise<NetworkResult> {
  if (!GO.there) say(`*** the Collector is left out: ${GO.name} is missing (${GO.install}) ***`);
  const folder = mkdtempSync(join(tmpdir(), "firstfix-bench-network-"));
  const firstfix = await startSwallow(folder);
  const collector = GO.there ? await startCollector(folder) : null;
  try {
    const mine: number[] = [];
    const theirs: number[] = [];
    for (let index = -1; index < rounds; index++) {
      for (const [target, all] of [[firstfix, mine], [collector, theirs]] as const) {
        if (target === null) continue;
        const load = await startLoad({ port: target.ingestPort, spans: index < 0 ? Math.min(spans, 50_000) : spans, seed: 500 + index });
        const { cpu, result } = await costOf([target.pid], () => load.go());
        if (index >= 0) all.push((cpu * 1e6) / result.records);
      }
      if (index >= 0) say(`  network, round ${index + 1}: Firstfix ${mine.at(-1)?.toFixed(2)} µs, Collector ${theirs.at(-1)?.toFixed(2) ?? "–"} µs CPU per span`);
    }
    const ratios = theirs.map((one, index) => one / (mine[index] ?? 1));
    return { ratio: collector === null ? null : round(median(ratios)), spread: spread(collector === null ? mine : ratios), firstfixMicrosPerSpan: round(median(mine)), collectorMicrosPerSpan: collector === null ? null : round(median(theirs)) };
  } finally {
    await firstfix.kill();
    await collector?.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function startCollector(folder: string): Promise<{ readonly pid: number; readonly ingestPort: number; kill(): Promise<void> }> {
  const binary = await collectorBinary();
  const ingestPort = await freePort();
  const file = join(folder, "collector.yaml");
  writeFileSync(file, JSON.stringify({
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${ingestPort}` } } } },
    processors: { batch: {} },
    exporters: { nop: {} },
    service: { telemetry: { logs: { level: "error" }, metrics: { level: "none" } }, pipelines: { traces: { receivers: ["otlp"], processors: ["batch"], exporters: ["nop"] } } },
  }));
  const child = spawn(binary, ["--config", file], { stdio: ["ignore", "ignore", "inherit"] });
  const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  for (const deadline = Date.now() + START_MS_MAX; ; await sleep(50)) {
    // It answers 405 to a GET as soon as it listens.
    if ((await fetch(`http://127.0.0.1:${ingestPort}/v1/traces`).catch(() => null)) !== null) break;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error("the Collector did not start");
  }
  return {
    pid: child.pid as number,
    ingestPort,
    kill: async () => {
      child.kill("SIGKILL");
      await exit;
    },
  };
}
