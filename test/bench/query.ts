import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createConsoleApp } from "@firstfix/console-api";
import type { DeploymentRef, IncidentEvent } from "@firstfix/incident";
import { createLogger, nextBatchId } from "@firstfix/kit";
import { walkLimits, walkRequest } from "@firstfix/otlp";
import { appendEvents, openStore, searchSpans, select, tailJournal, type Store } from "@firstfix/store";
import { makeRequests } from "../corpus/index.ts";
import { median, p95, round, say } from "./measure.ts";

const SPANS = 1_000_000;
const SPANS_PER_BATCH = 50_000;
/** Batches that come again and again, under new ids, while questions are asked. */
const POOL = 4;
const ASKED = 30;
const WARM_UP = 5;
const PERIOD_MS = 24 * 3600_000;
const INCIDENT = "inc_bench";
const GROUP = "grp_bench";

interface Figures {
  readonly traceByIdMs: number;
  readonly attributeSearchMs: number;
  readonly incidentPageP95Ms: number;
}

/**
 * What people who look wait for: a trace by its id, the newest 50 spans with a rare attribute (medians; the details have
 * the 95th percentile too), and the page of an incident with the trace of its witness, through the console's own code. On spans like
 * those that real SDKs sent, of one day: at a tenth of them, at all of them, and while ingest runs at half its rate.
 * `npm run bench -- query [--spans N]`: 1,000,000 by default; 10000000 takes some ten minutes and 500 MB.
 */
export async function bench(args: readonly string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args: [...args], options: { spans: { type: "string" } } });
  const spans = Number(values.spans ?? SPANS);
  const folder = mkdtempSync(join(tmpdir(), "firstfix-bench-"));
  const store = await openStore({ path: join(folder, "data") });
  try {
    say(`${cpus()[0]?.model ?? "?"}, ${cpus().length} cores, Node ${process.version}`);
    const filler = new Filler(store, spans);
    await filler.to(spans / 10);
    const atATenth = await figures(store, "at a tenth");
    const started = performance.now();
    const before = filler.inserted;
    await filler.to(spans);
    const perSecond = (filler.inserted - before) / ((performance.now() - started - filler.makingMs) / 1000);
    const stored = filler.inserted;
    const quiet = await figures(store, "all");
    const load = filler.keepUp(perSecond / 2);
    let underLoad: Figures;
    try {
      underLoad = await figures(store, `while ${Math.round(perSecond / 2)} spans/s come in`);
    } finally {
      await load.stop();
    }
    return { spans: stored, ...quiet, underLoad, atATenth, ingestSpansPerSecond: Math.round(perSecond) };
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts spans in, batch after batch, their times evenly over a day. */
class Filler {
  inserted = 0;
  /** Time that went into making the spans since the last call of `to`. */
  makingMs = 0;
  readonly #store: Store;
  readonly #total: number;
  readonly #from = Date.now() - PERIOD_MS;
  #seed = 0;

  constructor(store: Store, total: number) {
    this.#store = store;
    this.#total = total;
  }

  async to(spans: number): Promise<void> {
    this.makingMs = 0;
    while (this.inserted < spans) await this.batch(Math.min(SPANS_PER_BATCH, spans - this.inserted));
    await this.#store.background.command({ query: `INSERT INTO errors (error_id, group_id, time, trace_hex, span_hex, service, environment, revision, repository, operation, type, message, stacktrace)
      SELECT lower(hex(sipHash64(trace_hex, span_hex, time))), '${GROUP}', time, trace_hex, span_hex, service, environment, revision, repository, operation, type, message, stacktrace FROM exceptions` });
    await untilMerged(this.#store);
  }

  async batch(spans: number): Promise<void> {
    const start = performance.now();
    const made = this.#make(spans);
    this.makingMs += performance.now() - start;
    await this.#insert(made);
  }

  /** Goes on at a rate until it is stopped, with batches made beforehand: making them would hold up this thread. */
  keepUp(perSecond: number): { stop: () => Promise<void> } {
    const pool = Array.from({ length: POOL }, () => this.#make(SPANS_PER_BATCH));
    const end = new AbortController();
    const run = async (): Promise<void> => {
      const start = performance.now();
      const before = this.inserted;
      for (let next = 0; !end.signal.aborted; next++) {
        await this.#insert(pool[next % POOL] as Made);
        await sleep(Math.max(0, start + ((this.inserted - before) / perSecond) * 1000 - performance.now()));
      }
    };
    const running = run();
    return {
      async stop() {
        end.abort();
        await running;
      },
    };
  }

  #make(spans: number): Made {
    const at = (share: number): number => this.#from + PERIOD_MS * Math.min(1, share / this.#total);
    this.#seed += 1;
    const limits = walkLimits(Date.now());
    const walked = [...makeRequests({ signal: "traces", spans, seed: this.#seed, fromMs: at(this.inserted), toMs: at(this.inserted + spans) })].map((request) => walkRequest("traces", request, limits));
    return { body: Buffer.concat(walked.map(({ body }) => body)), spans: walked.reduce((sum, { records }) => sum + records, 0) };
  }

  async #insert({ body, spans }: Made): Promise<void> {
    await this.#store.insertBatch({ id: nextBatchId(), signal: "traces", body });
    this.inserted += spans;
  }
}

interface Made {
  readonly body: Uint8Array;
  readonly spans: number;
}

async function figures(store: Store, title: string): Promise<Figures & { readonly p95: Omit<Figures, "incidentPageP95Ms"> }> {
  const traces = (await select<{ trace: string }>(store.background, `SELECT DISTINCT trace_hex AS trace FROM spans WHERE rand() % 1000 = 0 LIMIT ${ASKED + WARM_UP}`)).map(({ trace }) => trace);
  const found = await select<{ key: string; value: string }>(
    store.background,
    `SELECT item.1 AS key, item.2 AS value FROM (SELECT arrayJoin(attr_str) AS item FROM spans WHERE rand() % 500 = 0)
     WHERE match(value, 'tok_[0-9a-z]{8}|customer[0-9]+@|[0-9a-f]{8}-[0-9a-f]{4}-4') LIMIT ${ASKED + WARM_UP}`,
  );
  if (traces.length <= WARM_UP || found.length <= WARM_UP) throw new Error(`only ${traces.length} traces and ${found.length} attributes were found to ask for: take more --spans`);
  const page = await incidentPage(store);
  const trace = await times(traces, async (id) => app(page)(`/api/traces/${id}`));
  const search = await times(found, async ({ key, value }) => void (await searchSpans(store.interactive, key, value, 50)));
  const incident = await times(traces, async () => {
    await Promise.all([app(page)(`/api/incidents/${INCIDENT}`), app(page)(`/api/traces/${page.witness}`)]);
  });
  await page.close();
  say(`${title}: trace by id ${round(median(trace), 1)} ms (p95 ${round(p95(trace), 1)}), attribute search ${round(median(search), 1)} ms (p95 ${round(p95(search), 1)}), incident page ${round(median(incident), 1)} ms (p95 ${round(p95(incident), 1)})`);
  return { traceByIdMs: round(median(trace), 1), attributeSearchMs: round(median(search), 1), incidentPageP95Ms: round(p95(incident), 1), p95: { traceByIdMs: round(p95(trace), 1), attributeSearchMs: round(p95(search), 1) } };
}

interface Page {
  readonly request: (path: string) => Response | Promise<Response>;
  readonly witness: string;
  close(): Promise<void>;
}

/** The console on an incident of the error that the corpus holds. */
async function incidentPage(store: Store): Promise<Page> {
  const [error] = await select<{ service: string; environment: string; revision: string; repository: string; operation: string; trace: string; span: string; ms: number }>(
    store.background,
    `SELECT service, environment, revision, repository, operation, trace_hex AS trace, span_hex AS span, toUnixTimestamp64Milli(toDateTime64(time, 3)) AS ms FROM errors WHERE group_id = '${GROUP}' AND trace_hex != '' ORDER BY time LIMIT 1`,
  );
  if (error === undefined) throw new Error("the corpus holds no exception");
  const { service, environment, revision, repository, operation, trace, span, ms } = error;
  const deployment: DeploymentRef = { service, environment, revision, repository, firstSeen: ms };
  const opened: IncidentEvent = { kind: "incident.opened", incidentId: INCIDENT, deployment, finding: { kind: "error", key: GROUP, title: "bench", witness: { traceId: trace, spanId: span, operation, time: ms }, count: 1, firstSeen: ms } };
  if ((await store.journal.read({ subject: INCIDENT })).length === 0) await appendEvents(store, "correlator", [{ event: opened }]);
  const tail = await tailJournal(store, () => {}, { pollMs: 60_000 });
  const journal = { get state() { return tail.state; }, refresh: () => tail.refresh(), onChange: () => () => {} };
  const console = createConsoleApp({ store, journal, bus: { hint: () => {} }, log: createLogger("bench", "silent"), webRoot: tmpdir(), host: "127.0.0.1" });
  return { request: (path) => console.request(path, { headers: { host: "127.0.0.1" } }), witness: trace, close: () => tail.close() };
}

function app({ request }: Page): (path: string) => Promise<void> {
  return async (path) => {
    const response = await request(path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  };
}

async function times<T>(inputs: readonly T[], ask: (input: T) => Promise<void>): Promise<number[]> {
  const measured: number[] = [];
  for (const input of inputs) {
    const start = performance.now();
    await ask(input);
    measured.push(performance.now() - start);
  }
  return measured.slice(WARM_UP);
}

/** Merges go on for a while after an insert. */
async function untilMerged(store: Store): Promise<void> {
  for (let quiet = 0, looks = 0; quiet < 5 && looks < 600; looks++) {
    await sleep(200);
    const [row] = await select<{ n: number }>(store.background, "SELECT count() AS n FROM system.merges");
    quiet = Number(row?.n) === 0 ? quiet + 1 : 0;
  }
}
