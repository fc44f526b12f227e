import { mapFrames, parseError, placesOf, symbolsOf } from "@firstfix/incident";
import { openRepository, rankSuspects, type Attribution, type CodePlace, type Repository, type SuspectRanking } from "@firstfix/provenance";
import type { Case, Category } from "./cases.ts";
import { Random } from "./random.ts";

/** How one question was answered. Rank 1 is the first place; 0: not among those named. */
export interface Answer {
  readonly category: Category;
  readonly seed: number;
  readonly source: string;
  readonly rank: number;
  /** Whether nobody was named. The rank is still that of the list. */
  readonly abstained: boolean;
  readonly score: number;
  /** How far the first is before the second. */
  readonly margin: number;
  /** How likely it is that the first is the guilty one, as the ranking says. */
  readonly confidence: number;
  /** The same question about what came after the guilty commit only: whoever is named there is named wrongly. Null: nothing came after. */
  readonly without: { readonly named: boolean; readonly score: number; readonly margin: number; readonly confidence: number } | null;
  readonly baselines: Readonly<Record<Baseline, number>>;
  readonly says: string;
}

const NOBODY: Attribution = { authorship: "unknown", agent: "", model: "", confidence: 0, evidence: [] };

export const BASELINES = ["lastCommit", "defaultBranchBlame", "random"] as const;
export type Baseline = (typeof BASELINES)[number];

/** Asks Firstfix and every baseline about each fault of a case. */
export async function judgeCase(one: Case, scoreMin: number): Promise<Answer[]> {
  const written = one.history.write();
  try {
    const id = (mark: number): string => written.ids.get(mark) ?? "";
    const repository = await openRepository(written.path);
    // Nobody asks here who wrote the suspects, which would be half of all git processes.
    const ranked = Object.assign(Object.create(repository) as Repository, { attributeCommit: async (): Promise<Attribution> => NOBODY });
    const [good, bad, tip] = [id(one.good), id(one.bad), id(one.tip)];
    const range = await repository.commitsBetween(good, bad);
    const paths = (await repository.listFiles(bad, "")).map(({ path }) => path);
    const answers: Answer[] = [];
    for (const { guilty, stack } of one.questions) {
      const error = parseError(stack);
      const clues = [{ error: { type: error.type, message: error.message, stacktrace: stack, frames: mapFrames(error.frames, { paths }) }, witness: { operation: "" } }];
      const places = placesOf(clues);
      const ask = (from: string): Promise<SuspectRanking> => rankSuspects(ranked, { good: from, bad, places, symbols: symbolsOf(clues), files: [], scoreMin, message: error.message });
      const truth = id(guilty);
      const { suspects, abstained, confidence } = await ask(good);
      const after = truth === bad ? null : await ask(truth);
      const without = after === null ? null : { named: after.abstained === null, score: after.suspects[0]?.score ?? 0, margin: marginOf(after), confidence: after.confidence };
      const baselines = { lastCommit: positionOf(range.map((commit) => commit.id), truth), defaultBranchBlame: positionOf(await blameOrder(repository, tip, places), truth), random: positionOf(new Random(one.seed).shuffled(range.map((commit) => commit.id)), truth) };
      answers.push({ category: one.category, seed: one.seed, source: one.source, rank: positionOf(suspects.map(({ commit }) => commit.id), truth), abstained: abstained !== null, score: suspects[0]?.score ?? 0, margin: marginOf({ suspects }), confidence, without, baselines, says: abstained ?? `${suspects[0]?.commit.subject ?? ""}: ${suspects[0]?.parts.map((part) => part.says).join(" ") ?? ""}` });
    }
    return answers;
  } finally {
    written.remove();
  }
}

function marginOf({ suspects: [first, second] }: Pick<SuspectRanking, "suspects">): number {
  return (first?.score ?? 0) - (second?.score ?? 0);
}

/** What the market leader does: blame of the stack's lines on the default branch as it is now; the most recent commit first. */
async function blameOrder(repository: Repository, tip: string, places: readonly CodePlace[]): Promise<string[]> {
  const times = new Map<string, number>();
  for (const { path, line } of places) {
    for (const { commit } of await repository.blame(tip, path, line, line)) if (!times.has(commit)) times.set(commit, (await repository.commit(commit)).committedAt);
  }
  return [...times].sort(([, a], [, b]) => b - a).map(([commit]) => commit);
}

function positionOf(ids: readonly string[], truth: string): number {
  return ids.indexOf(truth) + 1;
}
