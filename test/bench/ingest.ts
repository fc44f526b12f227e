import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { benchEmbedded } from "./embedded.ts";
import { say } from "./measure.ts";
import { compareRows } from "./rows.ts";

const ROUNDS = 3;
const SPANS = 100_000;

/**
 * What ingest costs and takes, on spans like those that real SDKs sent (test/corpus), everything in one run:
 * `npm run bench -- ingest [--spans N] [--rounds N]`. Medians of the rounds; `spread` is how far they lie apart.
 */
export async function bench(args: readonly string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args: [...args], options: { spans: { type: "string" }, rounds: { type: "string" } } });
  const spans = Number(values.spans ?? SPANS);
  const rounds = Number(values.rounds ?? ROUNDS);
  say(`${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, Node ${process.version}; ${rounds} rounds of ${spans} spans; the load generator runs on the same cores`);
  say("embedded: HTTP, walk, bus, insert, views, indexes, merges");
  const embedded = await benchEmbedded({ rounds, spans, roles: ["ingest", "writer"] });
  say("the same tables through protobufjs and JSONEachRow");
  const rows = await compareRows({ rounds, spans });
  return {
    cpuMicrosPerSpan: embedded.cpuMicrosPerSpan,
    ratioToJsonEachRow: rows.ratio,
    spansPerSecond: embedded.spansPerSecond,
    kafkaSpansPerSecond: null,
    bytesPerSpan: embedded.bytesPerSpan,
    details: { embedded, rows },
  };
}
