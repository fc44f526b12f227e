import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCase, type Case } from "./cases.ts";
import { Target } from "./product.ts";
import { compare, Finding, sendAll, type RoundResult } from "./round.ts";
import { makeSeeds } from "./seeds.ts";

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface FuzzResult {
  readonly requests: number;
  readonly accepted: number;
  readonly refused: number;
  readonly retried: number;
  readonly records: number;
  readonly seconds: number;
}

/** After so many the product is stopped and the store counted. */
const ROUND = 100_000;
const SAY_EVERY = 10_000;
/** Halvings in search of the one request that is to blame. */
const HALVINGS_MAX = 24;

/** Sends `count` mutated requests. Throws a Finding, whose requests were written to a file, where something is wrong. */
export async function fuzz({ count, seed, say }: FuzzOptions): Promise<FuzzResult> {
  const began = performance.now();
  const total = { requests: 0, accepted: 0, refused: 0, retried: 0, records: 0 };
  const target = new Target();
  try {
    for (let from = 0; from < count; from += ROUND) {
      const to = Math.min(count, from + ROUND);
      const make = maker(seed, Date.now());
      await target.start();
      const result = await round(target, range(from, to), make, (sent) => {
        if (sent % SAY_EVERY === 0) say(`${from + sent} requests, ${Math.round((from + sent) / ((performance.now() - began) / 1000))} a second`);
      });
      total.requests = to;
      total.accepted += result.accepted;
      total.refused += result.refused;
      total.retried += result.retried;
      total.records += result.records.traces + result.records.logs;
      say(`${to} requests: ${total.accepted} acknowledged with ${total.records} records, ${total.refused} refused, ${total.retried} asked to come again; the store holds what was acknowledged`);
    }
  } catch (error) {
    if (error instanceof Finding) error.message += `\n  ${keep(error.cases, seed)}`;
    throw error;
  } finally {
    await target.remove();
  }
  return { ...total, seconds: Math.round((performance.now() - began) / 1000) };
}

/** Sends the requests of a file again, one after another, each to a product of its own kind of state: a new one for all. */
export async function replay(file: string, say: (line: string) => void): Promise<void> {
  const cases = readFileSync(file, "utf8").split("\n").filter((line) => line !== "").map((line) => {
    const { body, ...rest } = JSON.parse(line) as Omit<Case, "body"> & { readonly body: string };
    return { ...rest, body: Buffer.from(body, "base64") };
  });
  const problem = await judgeAlone(cases);
  say(problem === null ? `${cases.length} requests, nothing wrong` : `${cases.length} requests: ${problem}`);
  if (problem !== null) throw new Finding(problem, cases);
}

type Make = (index: number) => Case;

function maker(seed: number, nowMs: number): Make {
  const seeds = makeSeeds(seed, nowMs);
  return (index) => makeCase({ index, seed, seeds, nowMs, grpc: true });
}

async function round(target: Target, indexes: readonly number[], make: Make, progress: (sent: number) => void): Promise<RoundResult> {
  const result = await sendAll(target, lazily(indexes, make), progress);
  const problem = await compare(target, result);
  if (problem !== null) throw await blame(problem, indexes, make);
  return result;
}

/** Halves the requests as long as one half alone shows the fault. */
async function blame(problem: string, indexes: readonly number[], make: Make): Promise<Finding> {
  let guilty = indexes;
  let words = problem;
  for (let halving = 0; halving < HALVINGS_MAX && guilty.length > 1; halving++) {
    const middle = guilty.length >> 1;
    const halves = [guilty.slice(0, middle), guilty.slice(middle)];
    let found = false;
    for (const half of halves) {
      const alone = await judgeAlone(half.map(make));
      if (alone === null) continue;
      [guilty, words, found] = [half, alone, true];
      break;
    }
    if (!found) break;
  }
  return new Finding(words, guilty.map(make));
}

async function judgeAlone(cases: readonly Case[]): Promise<string | null> {
  const target = new Target();
  try {
    await target.start();
    return await compare(target, await sendAll(target, cases));
  } catch (error) {
    if (error instanceof Finding) return error.message;
    throw error;
  } finally {
    await target.remove();
  }
}

function keep(cases: readonly Case[], seed: number): string {
  const file = join(tmpdir(), `firstfix-fuzz-${seed}-${cases[0]?.index ?? 0}.jsonl`);
  writeFileSync(file, cases.map((one) => `${JSON.stringify({ ...one, body: Buffer.from(one.body).toString("base64") })}\n`).join(""));
  return `${cases.length} ${cases.length === 1 ? "request" : "requests"} (${cases[0]?.what.join(", ") ?? ""}); again: npm run fuzz:otlp -- --replay ${file}`;
}

function* lazily(indexes: readonly number[], make: Make): Generator<Case> {
  for (const index of indexes) yield make(index);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
