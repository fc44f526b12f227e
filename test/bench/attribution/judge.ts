import { librariesOf, mapFrames, parseError, placesOf, symbolsOf } from "@firstfix/incident";
import { openRepository, rankSuspects, type Attribution, type CodePlace, type Repository, type SuspectRanking } from "@firstfix/provenance";
import { GUILTLESS, type Case, type Category, type Question } from "./cases.ts";
import { Random } from "../../random.ts";

/** How one question was answered. Rank 1 is the first place; 0: not among those named. */
export interface Answer extends Named {
  readonly category: Category;
  readonly seed: number;
  readonly source: string;
  readonly rank: number;
  /** The answer to the same fault where it was there before the good deployment: whoever is named is named wrongly. Null: no such history. */
  readonly latent: Named | null;
  /** Nobody is guilty, latent fault or not: `latent` is the only answer, and there is no place to hold. */
  readonly nobody?: true;
  readonly baselines: Readonly<Record<Baseline, number>>;
  readonly says: string;
}

/** How the first of a list stands, whose guilt is in question. */
export interface Named {
  /** Whether nobody was named. There is a list all the same. */
  readonly abstained: boolean;
  /** Whether anything but the time ties the first to the fault: without, the ranking says no confidence at all. */
  readonly tied: boolean;
  readonly score: number;
  /** How far the first is before the second. */
  readonly margin: number;
}

const NOBODY: Attribution = { authorship: "unknown", agent: "", model: "", confidence: 0, evidence: [] };

export const BASELINES = ["lastCommit", "defaultBranchBlame", "random"] as const;
export type Baseline = (typeof BASELINES)[number];

/** Asks Firstfix and every baseline about each fault of a case, and Firstfix about the same faults where they are latent. */
export async function judgeCase(one: Case, latent: Case | null, scoreMin: number): Promise<Answer[]> {
  const nobody = latent === null ? [] : await judged(latent, scoreMin, async (ranking) => named(ranking));
  return judged(one, scoreMin, async (ranking, { repository, ids, places }, { guilty }, at): Promise<Answer> => {
    const id = (mark: number): string => ids.get(mark) ?? "";
    const truth = id(guilty);
    const range = Array.from({ length: one.bad - one.good }, (_, back) => id(one.bad - back));
    const blamed = await blameOrder(repository, id(one.tip), places, [...ids.values()]);
    const baselines = { lastCommit: positionOf(range, truth), defaultBranchBlame: positionOf([...blamed, ...range.filter((commit) => !blamed.includes(commit))], truth), random: positionOf(new Random(one.seed).shuffled(range), truth) };
    const { suspects, abstained } = ranking;
    const says = abstained ?? `${suspects[0]?.commit.subject ?? ""}: ${suspects[0]?.parts.map((part) => part.says).join(" ") ?? ""}`;
    if (one.category === GUILTLESS) return { category: one.category, seed: one.seed, source: one.source, rank: 0, ...named(ranking), latent: named(ranking), nobody: true, baselines: { lastCommit: 0, defaultBranchBlame: 0, random: 0 }, says };
    return { category: one.category, seed: one.seed, source: one.source, rank: positionOf(suspects.map(({ commit }) => commit.id), truth), ...named(ranking), latent: nobody[at] ?? null, baselines, says };
  });
}

interface Asked {
  readonly repository: Repository;
  /** Ids by mark, in the order of the commits. */
  readonly ids: ReadonlyMap<number, string>;
  readonly places: readonly CodePlace[];
}

/** Writes the history down for as long as its questions are asked. */
async function judged<T>(one: Case, scoreMin: number, take: (ranking: SuspectRanking, asked: Asked, question: Question, at: number) => Promise<T>): Promise<T[]> {
  const written = await one.history.write();
  try {
    const { ids } = written;
    const repository = await openRepository(written.path);
    // Nobody asks here who wrote the suspects, which would be half of all git processes.
    const ranked = Object.assign(Object.create(repository) as Repository, { attributeCommit: async (): Promise<Attribution> => NOBODY });
    const [good = "", bad = ""] = [ids.get(one.good), ids.get(one.bad)];
    const paths = (await repository.listFiles(bad, "")).map(({ path }) => path);
    const answers: T[] = [];
    for (const [at, question] of one.questions.entries()) {
      const error = parseError(question.stack);
      const clues = [{ error: { type: error.type, message: error.message, stacktrace: question.stack, frames: mapFrames(error.frames, { paths }) }, witness: { operation: "" } }];
      const places = placesOf(clues);
      const ranking = await rankSuspects(ranked, { good, bad, places, through: librariesOf(clues), symbols: symbolsOf(clues), files: [], scoreMin, message: error.message, errorType: error.type });
      answers.push(await take(ranking, { repository, ids, places }, question, at));
    }
    return answers;
  } finally {
    await written.remove();
  }
}

function named({ suspects: [first, second], abstained, confidence }: SuspectRanking): Named {
  return { abstained: abstained !== null, tied: confidence > 0, score: first?.score ?? 0, margin: (first?.score ?? 0) - (second?.score ?? 0) };
}

/** What the market leader does: blame of the stack's lines on the default branch as it is now; the most recent commit first. The rest of the range follows it, newest first. */
async function blameOrder(repository: Repository, tip: string, places: readonly CodePlace[], oldestFirst: readonly string[]): Promise<string[]> {
  const blamed = new Set<string>();
  for (const { path, line } of places) for (const { commit } of await repository.blame(tip, path, line, line)) blamed.add(commit);
  return oldestFirst.filter((commit) => blamed.has(commit)).reverse();
}

function positionOf(ids: readonly string[], truth: string): number {
  return ids.indexOf(truth) + 1;
}
