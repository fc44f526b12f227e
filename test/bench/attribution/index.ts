import { FirstfixError } from "@firstfix/kit";
import { CATEGORIES, layCase, type Case, type Category } from "./cases.ts";
import { BASELINES, judgeCase, type Answer } from "./judge.ts";
import { loadSources, type SourceTree } from "./sources.ts";

/** Cases of a category in each half. */
const PER_CATEGORY = 25;
const SCORE_MIN = 0.35;
/** Seeds of the two halves never meet: one was looked at while the ranking was made, the other is only reported. */
const TUNED_FROM = 1_000_000;
const UNSEEN_FROM = 9_000_000;
const SEEDS_PER_CATEGORY = 10_000;

/**
 * How often the guilty change is named, on histories laid from real sources with faults put in.
 *   --half tuned|unseen   which half (unseen unless told)     --per N   cases per category
 *   --category NAME       only one                            --misses  print what went wrong
 */
export async function bench(args: readonly string[]): Promise<Record<string, unknown>> {
  const half = valueOf(args, "--half") ?? "unseen";
  const per = Number(valueOf(args, "--per") ?? PER_CATEGORY);
  const only = valueOf(args, "--category");
  if (half !== "tuned" && half !== "unseen") throw new FirstfixError("bad_request", `--half ${half}: tuned or unseen`);
  if (!Number.isSafeInteger(per) || per < 1 || per > 1000) throw new FirstfixError("bad_request", `--per ${per}: a number from 1 to 1000`);
  const categories = CATEGORIES.filter((one) => only === undefined || one === only);
  if (categories.length === 0) throw new FirstfixError("bad_request", `--category ${only}: one of ${CATEGORIES.join(", ")}`);
  const sources = loadSources();
  const answers: Answer[] = [];
  for (const category of categories) {
    const seeds: number[] = [];
    const began = performance.now();
    const own: Answer[] = [];
    for (const one of casesOf(category, half, per, sources)) {
      seeds.push(one.seed);
      own.push(...(await judgeCase(one, SCORE_MIN)));
    }
    answers.push(...own);
    console.error(`${category.padEnd(18)} ${own.length} questions, top-1 ${percent(share(own, right))}, abstained ${percent(share(own, (one) => one.abstained))}, ${Math.round((performance.now() - began) / Math.max(1, own.length))} ms each; seeds ${seeds[0]}…${seeds.at(-1)}`);
    if (args.includes("--misses")) for (const one of own.filter((answer) => !right(answer))) console.error(`   seed ${one.seed} ${one.source}: rank ${one.rank}, score ${one.score.toFixed(2)}: ${one.says.slice(0, 220)}`);
  }
  return summary(answers);
}

/** As many cases as asked for, of the first seeds that give one. */
function* casesOf(category: Category, half: "tuned" | "unseen", per: number, sources: readonly SourceTree[]): Generator<Case> {
  const from = (half === "tuned" ? TUNED_FROM : UNSEEN_FROM) + CATEGORIES.indexOf(category) * SEEDS_PER_CATEGORY;
  let made = 0;
  for (let seed = from; seed < from + SEEDS_PER_CATEGORY && made < per; seed += 1) {
    const one = layCase(category, seed, sources);
    if (one === null) continue;
    made += 1;
    yield one;
  }
}

/** Named, and rightly so. Whoever abstains is not right, even where the first of the list is. */
function right(one: Answer): boolean {
  return one.rank === 1 && !one.abstained;
}

function summary(answers: readonly Answer[]): Record<string, unknown> {
  const answered = answers.filter((one) => !one.abstained);
  const byCategory = Object.fromEntries([...Map.groupBy(answers, (one) => one.category)].map(([category, own]) => [category, { cases: own.length, top1: share(own, right), abstained: share(own, (one) => one.abstained), baselines: Object.fromEntries(BASELINES.map((name) => [name, share(own, (one) => one.baselines[name] === 1)])) }]));
  return {
    cases: answers.length,
    top1: share(answers, right),
    top1OfAnswered: share(answered, right),
    top3: share(answers, (one) => one.rank >= 1 && one.rank <= 3),
    top5: share(answers, (one) => one.rank >= 1 && one.rank <= 5),
    mrr: mean(answers, (one) => (one.rank === 0 ? 0 : 1 / one.rank)),
    abstained: share(answers, (one) => one.abstained),
    byCategory,
    baselines: Object.fromEntries(BASELINES.map((name) => [name, { top1: share(answers, (one) => one.baselines[name] === 1), mrr: mean(answers, (one) => (one.baselines[name] === 0 ? 0 : 1 / one.baselines[name])) }])),
  };
}

function share(answers: readonly Answer[], counts: (one: Answer) => boolean): number {
  return mean(answers, (one) => (counts(one) ? 1 : 0));
}

function mean(answers: readonly Answer[], value: (one: Answer) => number): number {
  return answers.length === 0 ? 0 : Math.round((answers.reduce((sum, one) => sum + value(one), 0) / answers.length) * 1000) / 1000;
}

function percent(value: number): string {
  return `${Math.round(value * 100)}%`;
}

function valueOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}
