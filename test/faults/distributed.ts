import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startClickHouseFront, type ClickHouseFront } from "../harness/clickhouse.ts";
import type { Kafka } from "../harness/kafka.ts";
import { scenario, stopCleanly, type Instance, type World } from "./scenario.ts";
import type { Sender, SenderOptions } from "./sender.ts";

export interface Distributed extends Omit<World, "sender"> {
  readonly ingests: readonly Instance[];
  readonly writers: readonly Instance[];
  readonly front: ClickHouseFront;
  readonly sender: (options?: Partial<SenderOptions>) => Sender;
  /** Resolves when the store holds as many records as were acknowledged and no more come. */
  readonly settled: () => Promise<void>;
}

export interface DistributedOptions {
  readonly kafka: Kafka;
  readonly memoryMiBMax: number;
  readonly ingests?: number;
  readonly writers?: number;
  readonly replication?: number;
}

/** What was acknowledged must be in the store so long after the last fault, however it waited. */
const SETTLE_MS_MAX = 60_000;
/** Nothing new for so long: what would come twice has come. */
const QUIET_MS = 2000;
const PARTITIONS = 4;
/** A broker acknowledges at once, so the pauses are longer than for one process. */
const LOAD = { connections: 4, pauseMs: 80 };

/** A scenario on roles of their own, on a broker and a front of ClickHouse's protocol. Its topics and its group are its own. */
export async function distributed(name: string, { kafka, memoryMiBMax, ingests: ingestCount = 1, writers: writerCount = 1, replication = 1 }: DistributedOptions, run: (context: Distributed) => Promise<void>): Promise<void> {
  await scenario(name, memoryMiBMax, async (world) => {
    const front = await startClickHouseFront({ folder: join(world.folder, "clickhouse") });
    world.after(() => front.kill());
    const own = name.replaceAll(/\W+/g, "-");
    const config = {
      bus: { kind: "kafka", brokers: kafka.brokers, tracesTopic: `${own}.traces`, logsTopic: `${own}.logs`, deadLetterTopic: `${own}.dead`, group: own, partitions: PARTITIONS, replication },
      store: { url: front.url },
    };
    const start = (role: string, count: number): Promise<Instance[]> => Promise.all(Array.from({ length: count }, (_, index) => world.instance({ name: `${role}-${index + 1}`, roles: [role], config })));
    const [writers, ingests] = await Promise.all([start("writer", writerCount), start("ingest", ingestCount)]);
    const settled = (): Promise<void> => settle(front, () => world.ledger.acknowledgedRecords);
    await run({ ...world, ingests, writers, front, settled, sender: (options = {}) => world.sender({ urls: ingests.map(({ ingestUrl }) => ingestUrl), ...LOAD, ...options }) });
    await settled();
    for (const { firstfix } of [...ingests, ...writers]) if (firstfix.running) await stopCleanly(name, firstfix);
    return { url: front.url };
  });
}

/** Ends at the latest after SETTLE_MS_MAX: the count that follows then says what is missing. */
async function settle(front: ClickHouseFront, wanted: () => number): Promise<void> {
  const deadline = Date.now() + SETTLE_MS_MAX;
  let last = -1;
  let since = Date.now();
  while (Date.now() < deadline) {
    const rows = await rowsOf(front);
    if (rows !== last) since = Date.now();
    last = rows;
    if (rows >= wanted() && Date.now() - since >= QUIET_MS) return;
    await sleep(200);
  }
}

async function rowsOf(front: ClickHouseFront): Promise<number> {
  const { origin, pathname } = new URL(front.url);
  const answer = await fetch(`${origin}/?database=${pathname.slice(1)}`, { method: "POST", body: "SELECT (SELECT count() FROM spans) + (SELECT count() FROM logs) FORMAT TabSeparated", signal: AbortSignal.timeout(5000) }).catch(() => null);
  return answer?.ok === true ? Number(await answer.text()) : -1;
}
