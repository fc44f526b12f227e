import type { SuspectRecord, SuspectsRecord } from "@firstfix/incident";
import type { Repository, Suspect, SuspectRanking } from "@firstfix/provenance";

const SUSPECTS_MAX = 5;
const DIFF_CHARS_MAX = 60_000;
const FILES_MAX = 50;

/** The ranking as the journal keeps it: with each commit's diff and which of its new lines an assistant wrote. */
export async function recordOf(repository: Repository, ranking: SuspectRanking): Promise<SuspectsRecord> {
  const suspects: SuspectRecord[] = [];
  for (const suspect of ranking.suspects.slice(0, SUSPECTS_MAX)) suspects.push(await suspectRecord(repository, suspect));
  return { good: ranking.good, bad: ranking.bad, candidates: ranking.candidates, abstained: ranking.abstained, confidence: ranking.confidence, suspects };
}

async function suspectRecord(repository: Repository, { commit, score, parts, attribution }: Suspect): Promise<SuspectRecord> {
  const diff = await repository.diff(commit.id);
  const assistantLines: Record<string, number[]> = {};
  for (const [path, added] of [...addedLines(diff)].slice(0, FILES_MAX)) {
    const attributions = await repository.attributeLines(commit.id, path);
    const lines = added.filter((line) => ["ai", "mixed"].includes(attributions.get(line)?.authorship ?? "unknown"));
    if (lines.length > 0) assistantLines[path] = lines;
  }
  return {
    commit: commit.id,
    subject: commit.subject,
    authorName: commit.authorName,
    authoredAt: commit.authoredAt,
    committedAt: commit.committedAt,
    score,
    parts: parts.map((part) => ({ ...part })),
    attribution,
    diff: diff.length <= DIFF_CHARS_MAX ? diff : `${diff.slice(0, diff.lastIndexOf("\n", DIFF_CHARS_MAX))}\n… (${diff.length - DIFF_CHARS_MAX} more characters)\n`,
    assistantLines,
  };
}

/**
 * Numbers of the lines that a unified diff adds, by path on the new side.
 *   file = "+++ b/" path;  hunk = "@@ -a,b +c,d @@" { " " kept | "+" added | "-" removed }
 */
export function addedLines(diff: string): Map<string, number[]> {
  const added = new Map<string, number[]>();
  let lines: number[] | undefined;
  let next = 0;
  let left = 0;
  for (const text of diff.split("\n")) {
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/.exec(text);
    if (hunk !== null) {
      next = Number(hunk[1]);
      left = Number(hunk[2] ?? 1);
    } else if (left === 0 && text.startsWith("+++ ")) {
      lines = [];
      const path = pathOf(text.slice(4));
      if (path !== null) added.set(path, lines);
    } else if (left > 0 && (text.startsWith("+") || text.startsWith(" "))) {
      if (text.startsWith("+")) lines?.push(next);
      next++;
      left--;
    }
  }
  return added;
}

function pathOf(text: string): string | null {
  const name = text.replace(/\t.*$/, "");
  const path = name.startsWith('"') ? name.slice(1, -1) : name;
  return path.startsWith("b/") ? path.slice(2) : null;
}
