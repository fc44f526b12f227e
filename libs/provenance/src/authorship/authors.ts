import type { Repository } from "../repository.ts";
import type { Attribution, BlamedLine } from "../types.ts";
import { judge } from "./judge.ts";

/** One line of a file with who wrote it, and why that is said. */
export interface LineAuthor extends BlamedLine {
  readonly attribution: Attribution;
}

/**
 * Blame that names the assistant: for each line of the file at the revision the commit that wrote it, and whose hand it
 * was by the evidence in the repository. [] where there is no such file. Throws as Repository does.
 */
export async function lineAuthors(repo: Repository, revision: string, path: string, from = 1, to = Infinity): Promise<readonly LineAuthor[]> {
  const lines = await repo.blame(revision, path, from, Number.isFinite(to) ? to : Number.MAX_SAFE_INTEGER);
  const known = new Map<string, ReadonlyMap<number, Attribution>>();
  const whole = new Map<string, Attribution>();
  const authors: LineAuthor[] = [];
  for (const line of lines) {
    const key = `${line.commit}\0${line.originPath}`;
    const ofFile = known.get(key) ?? (await repo.attributeLines(line.commit, line.originPath));
    known.set(key, ofFile);
    // A line that its commit did not add to the file, as in an import or a merge: what is said of the commit counts, not of its lines.
    const rest = whole.get(line.commit) ?? judge((await repo.attributeCommit(line.commit)).evidence.filter((one) => one.lines === undefined));
    whole.set(line.commit, rest);
    authors.push({ ...line, attribution: ofFile.get(line.originLine) ?? rest });
  }
  return authors;
}
