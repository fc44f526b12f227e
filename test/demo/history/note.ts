import type { Identity } from "./people.ts";

export interface NoteOptions {
  readonly tool: string;
  readonly model: string;
  readonly commit: string;
  readonly person: Identity;
}

const SESSION = "s_5b1f0c7d2e9a44";
const TURN = "t_90ab12cd34ef56";

/**
 * The note that git-ai would leave on a commit whose added lines all came from one session (authorship/3.0.0): above
 * the `---` the files with their lines, below it who the session was.
 */
export function noteOf(diff: string, { tool, model, commit, person }: NoteOptions): string {
  const files = addedLines(diff);
  const upper = [...files].flatMap(([path, ranges]) => [path, `  ${SESSION}::${TURN} ${ranges.join(",")}`]);
  const lower = {
    schema_version: "authorship/3.0.0",
    git_ai_version: "1.4.2",
    base_commit_sha: commit,
    prompts: {},
    sessions: { [SESSION]: { agent_id: { tool, id: "3f0d6c1e", model }, human_author: `${person.name} <${person.email}>` } },
  };
  return `${upper.join("\n")}\n---\n${JSON.stringify(lower, null, 2)}\n`;
}

/** Ranges of the lines that a diff without context adds, by path. */
function addedLines(diff: string): Map<string, string[]> {
  const files = new Map<string, string[]>();
  let path = "";
  for (const line of diff.split("\n")) {
    if (line.startsWith("+++ b/")) path = line.slice(6);
    const hunk = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (hunk === null) continue;
    const from = Number(hunk[1]);
    const count = Number(hunk[2] ?? "1");
    if (count === 0) continue;
    const ranges = files.get(path) ?? [];
    ranges.push(count === 1 ? String(from) : `${String(from)}-${String(from + count - 1)}`);
    files.set(path, ranges);
  }
  return files;
}
