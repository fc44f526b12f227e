import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { CATEGORIES, GUILTLESS, layCase, type Case, type Category } from "./cases.ts";
import { fit, printed } from "./fit.ts";
import { judgeCase, type Answer } from "./judge.ts";
import { loadSources } from "./sources.ts";
import { percent, right, share, summary } from "./summary.ts";

/** Histories of a category, unless told: 16 × 15 are 240, and as many questions: two faults ask twice, an outage only whether anybody is named. */
const PER_CATEGORY = 15;
const SCORE_MIN = 0.35;
/** Seeds of the two halves never meet: one was looked at while the ranking was made, the other is only reported. */
const TUNED_FROM = 1_000_000;
const UNSEEN_FROM = 9_000_000;
const SEEDS_PER_CATEGORY = 10_000;
const PROGRESS_EVERY = 5;
/** Histories judged at once: git works on one while this process reads another. */
const AT_ONCE = 3;

/**
 * How often the guilty change is named, on histories laid from real sources with faults put in.
 *   --half tuned|unseen   which half (unseen unless told)     --per N | --cases N   histories per category, or in all
 *   --category NAME       only one                            --misses  print what went wrong (tuned half only)
 *   --fit                 the table of confidence from these answers, to be pasted (tuned half only, which it implies)
 *   --resume FILE         keep the answers there (of the unseen half without their texts), and go on from those that it holds
 */
export async function bench(args: readonly string[]): Promise<Record<string, unknown>> {
  const { half, per, categories, resume, misses, fitting } = optionsOf(args);
  const sources = loadSources();
  const kept = resume === undefined ? [] : keptIn(resume);
  const answers: Answer[] = [];
  const began = performance.now();
  const seeds: Record<string, string> = {};
  for (const category of categories) {
    const from = (half === "tuned" ? TUNED_FROM : UNSEEN_FROM) + CATEGORIES.indexOf(category) * SEEDS_PER_CATEGORY;
    const asked = histories(category, from, per, sources, kept);
    let done = 0;
    const judge = async ({ seed, known, one }: Asked): Promise<readonly Answer[]> => {
      const found = known ?? (one === null ? [] : await judgeCase(one, category === GUILTLESS ? null : layCase(category, seed, sources, true), SCORE_MIN));
      if (known === null && resume !== undefined) appendFileSync(resume, `${JSON.stringify({ category, seed, answers: half === "tuned" ? found : found.map((answer) => ({ ...answer, source: "", says: "" })) } satisfies Kept)}\n`);
      done += 1;
      if (done % PROGRESS_EVERY === 0) console.error(`  ${category}: ${done} of ${asked.length}, ${Math.round((performance.now() - began) / 1000)} s`);
      return found;
    };
    const own = (await inTurn(asked, AT_ONCE, judge)).flat();
    const last = asked.at(-1)?.seed ?? from;
    answers.push(...own);
    seeds[category] = `${from}…${last}`;
    console.error(`${category.padEnd(18)} ${own.length} questions, top-1 ${percent(share(own, right))}, abstained ${percent(share(own, (one) => one.abstained))}; seeds ${from}…${last} that give a history`);
    if (misses) for (const one of own.filter((answer) => !right(answer))) console.error(`   seed ${one.seed} ${one.source}: rank ${one.rank}, score ${one.score.toFixed(2)}: ${one.says.slice(0, 220)}`);
  }
  if (fitting) {
    const fitted = fit(answers);
    console.log(printed(fitted.table));
    return { ...fitted, half, seeds, seconds: Math.round((performance.now() - began) / 1000) };
  }
  return { ...summary(answers), half, seeds, seconds: Math.round((performance.now() - began) / 1000) };
}

interface Asked {
  readonly seed: number;
  /** Answers of an earlier run. */
  readonly known: readonly Answer[] | null;
  readonly one: Case | null;
}

/** The first seeds that give a history, or gave one in an earlier run. */
function histories(category: Category, from: number, per: number, sources: ReturnType<typeof loadSources>, kept: readonly Kept[]): Asked[] {
  const found: Asked[] = [];
  for (let seed = from; seed < from + SEEDS_PER_CATEGORY && found.length < per; seed += 1) {
    const known = kept.find((one) => one.seed === seed && one.category === category)?.answers ?? null;
    const one = known === null ? layCase(category, seed, sources) : null;
    if (known !== null || one !== null) found.push({ seed, known, one });
  }
  return found;
}

/** Results in the order of the items, so many at a time. */
async function inTurn<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const next = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of next) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

/** A line of the file of `--resume`. */
interface Kept {
  readonly category: Category;
  readonly seed: number;
  readonly answers: readonly Answer[];
}

/** A file of another version of this benchmark is refused: its answers would pass for this one's. */
function keptIn(resume: string): Kept[] {
  const kept = existsSync(resume) ? readFileSync(resume, "utf8").trim().split("\n").filter(Boolean).map((line) => JSON.parse(line) as Kept) : [];
  const whole = kept.every(({ answers }) => answers.length > 0 && answers.every((one) => one.latent !== undefined && one.tied !== undefined));
  if (!whole) throw new FirstfixError("bad_request", `--resume ${resume}: its answers are of an earlier version of this benchmark`, { hint: "Name a file that does not exist yet." });
  return kept;
}

interface Options {
  readonly half: "tuned" | "unseen";
  readonly per: number;
  readonly categories: readonly Category[];
  readonly resume: string | undefined;
  /** Only of the tuned half. */
  readonly misses: boolean;
  readonly fitting: boolean;
}

function optionsOf(args: readonly string[]): Options {
  const { half: given, per: each, cases, category: only, misses = false, fit: fitting = false, resume } = parsed(args);
  const half = given ?? (fitting ? "tuned" : "unseen");
  const categories = CATEGORIES.filter((one) => only === undefined || one === only);
  if (half !== "tuned" && half !== "unseen") throw new FirstfixError("bad_request", `--half ${half}: tuned or unseen`);
  if (fitting && half !== "tuned") throw new FirstfixError("bad_request", "--fit is for the tuned half: what is fitted to the unseen one says nothing about it");
  if (categories.length === 0) throw new FirstfixError("bad_request", `--category ${only}: one of ${CATEGORIES.join(", ")}`);
  const per = cases === undefined ? Number(each ?? PER_CATEGORY) : Math.ceil(Number(cases) / categories.length);
  if (!Number.isSafeInteger(per) || per < 1 || per > 1000) throw new FirstfixError("bad_request", `--${cases === undefined ? "per" : "cases"} ${cases ?? per}: a number from 1 to 1000 for each category`);
  return { half, per, categories, resume, misses: misses && half === "tuned", fitting };
}

function parsed(args: readonly string[]): { readonly half?: string; readonly per?: string; readonly cases?: string; readonly category?: string; readonly misses?: boolean; readonly fit?: boolean; readonly resume?: string } {
  try {
    return parseArgs({ args: [...args], options: { half: { type: "string" }, per: { type: "string" }, cases: { type: "string" }, category: { type: "string" }, misses: { type: "boolean" }, fit: { type: "boolean" }, resume: { type: "string" } } }).values;
  } catch (cause) {
    throw new FirstfixError("bad_request", `${messageOf(cause).replace(/\.?$/, ".")} The options stand in test/bench/attribution/README.md.`, { cause });
  }
}
