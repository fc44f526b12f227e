import { setTimeout as sleep } from "node:timers/promises";
import type { Signal } from "@firstfix/otlp";
import type { Case } from "./cases.ts";
import { Client } from "./client.ts";
import { checkRefusal, promised } from "./meaning.ts";
import type { Target } from "./product.ts";

const CONNECTIONS = 32;
/** The store takes thousands of small requests in one batch as fast as it takes ten. */
const PER_CONNECTION = 64;
const RETRY_MS = 50;
/** A product that is only busy takes it in the end. */
const RETRY_MS_MAX = 60_000;

/** What must never be, with the requests that show it. */
export class Finding extends Error {
  readonly cases: readonly Case[];

  constructor(message: string, cases: readonly Case[]) {
    super(message);
    this.name = "Finding";
    this.cases = cases;
  }
}

export interface RoundResult {
  readonly accepted: number;
  readonly refused: number;
  readonly retried: number;
  /** Of acknowledged requests, each counted once. */
  readonly records: Readonly<Record<Signal, number>>;
}

/** Sends every case to a product that runs, and judges each answer. Throws a Finding. */
export async function sendAll(target: Target, cases: Iterable<Case>, progress: (sent: number) => void = () => undefined): Promise<RoundResult> {
  const source = cases[Symbol.iterator]();
  const counts = { accepted: 0, refused: 0, retried: 0, sent: 0 };
  const records = { traces: 0, logs: 0 };
  const hashes = new Set<string>();
  const underWay = new Set<Case>();
  const clients = Array.from({ length: CONNECTIONS }, () => new Client(target.ports));

  const judge = async (client: Client, one: Case): Promise<void> => {
    const deadline = Date.now() + RETRY_MS_MAX;
    for (;;) {
      const outcome = await client.send(one).catch((error: unknown) => {
        throw new Finding(`no answer: ${error instanceof Error ? error.message : String(error)}`, [one]);
      });
      if (outcome.status === "hung up") break;
      if (outcome.status === 429 || outcome.status === 503) {
        if (Date.now() > deadline) throw new Finding(`asked to come again for ${RETRY_MS_MAX / 1000} s: ${outcome.status} ${Buffer.from(outcome.body).toString("latin1")}`, [one]);
        counts.retried++;
        await sleep(RETRY_MS);
        continue;
      }
      if (outcome.status >= 500) throw new Finding(`answered ${outcome.status}: ${Buffer.from(outcome.body).toString("latin1")}`, [one]);
      try {
        if (outcome.status === 200) {
          counts.accepted++;
          const { signal, hash, records: count } = promised(one, outcome);
          if (!hashes.has(hash)) records[signal] += count;
          if (count > 0) hashes.add(hash);
        } else {
          counts.refused++;
          checkRefusal(outcome);
        }
      } catch (error) {
        throw new Finding(`answered ${outcome.status}: ${error instanceof Error ? error.message : String(error)}`, [one]);
      }
      break;
    }
  };

  const work = async (client: Client): Promise<void> => {
    for (let next = source.next(); next.done !== true; next = source.next()) {
      const one = next.value;
      underWay.add(one);
      await judge(client, one);
      underWay.delete(one);
      progress(++counts.sent);
    }
  };

  try {
    await Promise.all(clients.flatMap((client) => Array.from({ length: PER_CONNECTION }, () => work(client))));
  } catch (error) {
    if (error instanceof Finding && !target.alive) throw new Finding(`the product ended: ${error.message}`, [...underWay]);
    throw error;
  } finally {
    for (const client of clients) client.close();
  }
  return { accepted: counts.accepted, refused: counts.refused, retried: counts.retried, records };
}

/** Stops the product and compares. Null where everything that was acknowledged is there, once, and nothing else is. */
export async function compare(target: Target, { records }: RoundResult): Promise<string | null> {
  const stored = await target.stopAndCount();
  if (stored.deadLetters.length > 0) return `the engine refused what the walk had accepted: ${stored.deadLetters[0]}`;
  for (const signal of ["traces", "logs"] as const) if (stored[signal] !== records[signal]) return `${records[signal]} records of ${signal} were acknowledged, ${stored[signal]} are stored`;
  return null;
}
