import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { KAFKA } from "../harness/kafka.ts";
import { benchEmbedded } from "./embedded.ts";
import { benchKafka } from "./kafka.ts";
import { say } from "./measure.ts";
import { benchNetwork } from "./network.ts";
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
  say(`${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, Node ${process.version}; ${rounds} rounds of ${spans} spans; the load generator runs on the same cores; load of the machine before the start: ${loadavg()[0]?.toFixed(1)}`);
  say("embedded: HTTP, walk, bus, insert, views, indexes, merges");
  const embedded = await benchEmbedded({ rounds, spans, roles: ["ingest", "writer"] });
  say("the same tables through protobufjs and JSONEachRow");
  const rows = await compareRows({ rounds, spans });
  say("through Kafka to disk: a process for ingest, one for the writer, and the broker");
  const kafka = KAFKA.there ? await benchKafka({ rounds, spans }) : null;
  if (kafka === null) say(`*** Kafka is left out: ${KAFKA.name} is missing (${KAFKA.install}) ***`);
  say("the network part alone, against the OpenTelemetry Collector");
  const network = await benchNetwork({ rounds, spans });
  return {
    cpuMicrosPerSpan: embedded.cpuMicrosPerSpan,
    ratioToJsonEachRow: rows.ratio,
    spansPerSecond: embedded.spansPerSecond,
    kafkaSpansPerSecond: kafka?.spansPerSecond ?? null,
    bytesPerSpan: embedded.bytesPerSpan,
    collector: network,
    details: { embedded, rows, kafka },
  };
}
