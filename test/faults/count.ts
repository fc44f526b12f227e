import { openStore, select, type Store, type StoreOptions } from "@firstfix/store";

/**
 * A process of its own: `count.ts '{"path":"…"}'` or `'{"url":"…"}'` reads what the store holds and writes it to standard
 * output: a line of JSON (StoreCount), then `signal id copies` for every id. The product has stopped by then.
 */
export interface StoreCount {
  readonly spans: number;
  readonly logs: number;
  /** Sums of the roll-ups, each of which must be the number of spans. */
  readonly exposureSpans: number;
  readonly deploymentSpans: number;
  /** Of the batches said to be complete. */
  readonly batchRows: { readonly traces: number; readonly logs: number };
  /** Exceptions in the table behind the views, and those in the spans and log records themselves. */
  readonly exceptions: number;
  readonly exceptionsSent: number;
  readonly deadLetters: number;
}

const PAGE_BYTES = 1024 * 1024;

const options = JSON.parse(process.argv[2] ?? "{}") as StoreOptions;
const store = await openStore(options);
try {
  await writeOut(`${JSON.stringify(await count(store))}\n`);
  for (const [signal, table] of [["traces", "spans"], ["logs", "logs"]] as const) await writeIds(store, signal, table);
} finally {
  await store.close();
}
process.exit(0);

async function count(from: Store): Promise<StoreCount> {
  const number = async (sql: string): Promise<number> => Number((await select<{ n: string }>(from.background, `SELECT toString(${sql}`))[0]?.n ?? 0);
  const batchRows = (signal: string): Promise<number> => number(`sum(rows)) AS n FROM (SELECT batch_id, any(rows) AS rows FROM batches WHERE signal = '${signal}' GROUP BY batch_id)`);
  return {
    spans: await number("count()) AS n FROM spans"),
    logs: await number("count()) AS n FROM logs"),
    exposureSpans: await number("sum(spans)) AS n FROM exposure"),
    deploymentSpans: await number("sum(spans)) AS n FROM deployments"),
    batchRows: { traces: await batchRows("traces"), logs: await batchRows("logs") },
    exceptions: await number("count()) AS n FROM exceptions"),
    exceptionsSent: (await number("sum(countEqual(event_name, 'exception'))) AS n FROM spans")) + (await number("countIf(mapContains(attr_str, 'exception.type'))) AS n FROM logs")),
    deadLetters: await number("count()) AS n FROM dead_letters"),
  };
}

async function writeIds(from: Store, signal: string, table: string): Promise<void> {
  const rows = await select<{ id: string; copies: string }>(from.background, `SELECT lower(concat(hex(trace_id), hex(span_id))) AS id, toString(count()) AS copies FROM ${table} GROUP BY id`);
  let page = "";
  for (const { id, copies } of rows) {
    page += `${signal} ${id} ${copies}\n`;
    if (page.length < PAGE_BYTES) continue;
    await writeOut(page);
    page = "";
  }
  await writeOut(page);
}

function writeOut(text: string): Promise<void> {
  return new Promise((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(error) : resolve())));
}
