import { resolveCommit } from "../git/revisions.ts";
import type { Repository } from "../repository.ts";
import type { Attribution, AuthorshipEvidence, BlamedLine } from "../types.ts";
import { rangesOf, restOf, tellsAll, type AttributedRange } from "./attribute.ts";
import { readFacts, type CommitFacts } from "./facts.ts";
import { conflicts, UNKNOWN } from "./judge.ts";

/** One line of a file with who wrote it, and why that is said. */
export interface LineAuthor extends BlamedLine {
  readonly attribution: Attribution;
  /** Evidence that says something else than what decided. */
  readonly conflicts: readonly AuthorshipEvidence[];
}

/**
 * Blame that names the assistant: for each line of the file at the revision the commit that wrote it, and whose hand it
 * was by the evidence in the repository. [] where there is no such file. All commits are asked for together: the number
 * of git processes does not grow with the file. Throws as Repository does.
 */
export async function lineAuthors(repo: Repository, revision: string, path: string, from = 1, to = Infinity): Promise<readonly LineAuthor[]> {
  const lines = await repo.blame(revision, path, from, Number.isFinite(to) ? to : Number.MAX_SAFE_INTEGER);
  const paths = new Map<string, Set<string>>();
  for (const { commit, originPath } of lines) paths.set(commit, (paths.get(commit) ?? new Set()).add(originPath));
  const known = new Map<string, { readonly rest: Attribution; readonly files: ReadonlyMap<string, readonly AttributedRange[]>; readonly told: readonly AuthorshipEvidence[] | null }>();
  const take = (facts: CommitFacts): void => {
    const rest = restOf(facts);
    known.set(facts.commit.id, { rest, files: new Map([...(paths.get(facts.commit.id) ?? [])].map((origin) => [origin, rangesOf(facts, origin, rest)])), told: tellsAll(facts) });
  };
  await readFacts(repo.location, [...paths.keys()], take, { tips: [await resolveCommit(repo.location, revision)] });
  // Lines have their verdict in common with many others, and so what disagrees with it.
  const disagreeing = new Map<Attribution, readonly AuthorshipEvidence[]>();
  return lines.map((line) => {
    const commit = known.get(line.commit);
    // A line that its commit did not add to the file, as in an import or a merge: what is said of the commit counts, not of its lines.
    const attribution = find(commit?.files.get(line.originPath) ?? [], line.originLine) ?? commit?.rest ?? UNKNOWN;
    const against = disagreeing.get(attribution) ?? conflicts(attribution, "line", commit?.told);
    disagreeing.set(attribution, against);
    return { ...line, attribution, conflicts: against };
  });
}

/** Lines that follow each other in the file and in the commit that wrote them, with one verdict. */
export interface AuthorGroup {
  readonly from: number;
  readonly to: number;
  readonly commit: string;
  /** Path and first line in that commit. */
  readonly originPath: string;
  readonly originFrom: number;
  readonly attribution: Attribution;
  readonly conflicts: readonly AuthorshipEvidence[];
}

export function groupAuthors(lines: readonly LineAuthor[]): readonly AuthorGroup[] {
  const groups: (AuthorGroup & { to: number })[] = [];
  for (const { line, commit, originPath, originLine, attribution, conflicts: against } of lines) {
    const last = groups.at(-1);
    if (last !== undefined && last.to + 1 === line && last.commit === commit && last.originPath === originPath && originLine === last.originFrom + line - last.from && last.attribution === attribution) last.to = line;
    else groups.push({ from: line, to: line, commit, originPath, originFrom: originLine, attribution, conflicts: against });
  }
  return groups;
}

function find(ranges: readonly AttributedRange[], line: number): Attribution | null {
  let [low, high] = [0, ranges.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle]!;
    if (range.to < line) low = middle + 1;
    else if (range.from > line) high = middle - 1;
    else return range.attribution;
  }
  return null;
}
