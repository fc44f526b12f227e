import { readCommit } from "../git/commits.ts";
import { readDiff } from "../git/diff.ts";
import type { Location } from "../git/locate.ts";
import { addedLines, parsePatch } from "../git/patch.ts";
import type { Attribution, AuthorshipEvidence, Commit } from "../types.ts";
import { commitEvidence, judge } from "./judge.ts";
import { readRecorded } from "./ledger.ts";

/** Evidence of records that a whole commit's ledger holds at most; its lines can be asked for one file at a time. */
const EVIDENCE_MAX = 200;
const EVIDENCE_PER_LINE_MAX = 10;

/** Ledger and verdict of a whole commit. */
export async function attributeCommit(at: Location, revision: string | Commit): Promise<Attribution> {
  const commit = typeof revision === "string" ? await readCommit(at, revision) : revision;
  const recorded = await readRecorded(at, commit, await additions(at, commit));
  return judge([...[...recorded.lines, ...recorded.whole].slice(0, EVIDENCE_MAX), ...commitEvidence(commit)]);
}

/**
 * Who wrote each line that the commit added to the file. A git-ai note or an Agent Trace record decides for the lines it
 * lists. Where there is a note, the others are untracked, and only the git author (who stands for the whole commit) can
 * still speak for them.
 */
export async function attributeLines(at: Location, revision: string, path: string): Promise<ReadonlyMap<number, Attribution>> {
  const commit = await readCommit(at, revision);
  const added = (await additions(at, commit)).get(path) ?? new Set<number>();
  const recorded = await readRecorded(at, commit, new Map([[path, added]]));
  const own = [...recorded.whole, ...commitEvidence(commit)];
  const rest = judge(recorded.tracked ? own.filter((one) => one.channel === "git-author") : own);
  const result = new Map<number, Attribution>();
  for (const line of added) result.set(line, rest);
  const byLine = new Map<number, AuthorshipEvidence[]>();
  for (const evidence of recorded.lines) {
    const { from, to } = evidence.lines ?? { from: 1, to: 0 };
    for (let line = from; line <= to; line += 1) {
      const known = byLine.get(line);
      if (known === undefined) byLine.set(line, [evidence]);
      else if (known.length < EVIDENCE_PER_LINE_MAX) known.push(evidence);
    }
  }
  for (const [line, evidence] of byLine) result.set(line, judge([...evidence, ...own]));
  return result;
}

/** Lines per file that the commit adds to its first parent. */
async function additions(at: Location, commit: Commit): Promise<Map<string, Set<number>>> {
  return new Map(parsePatch(await readDiff(at, commit.id, 0)).map((file) => [file.path, addedLines(file)]));
}
