import { unquote } from "../git/paths.ts";
import { BOUNDS } from "../limits.ts";
import { knownAgent } from "./identities.ts";

/** Lines of one file that a git-ai note ascribes to one session, prompt or person. */
export interface NotedLines {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly authorship: "ai" | "human" | "unknown";
  readonly agent: string;
  readonly model: string;
  /** False where the note names a key whose entry is missing. */
  readonly known: boolean;
  /** The note's own words: path, key and range. */
  readonly raw: string;
}

export interface GitAiNote {
  readonly version: string;
  readonly baseCommit: string;
  readonly lines: readonly NotedLines[];
  /** What was refused, for a person. */
  readonly problems: readonly string[];
}

/**
 * A git-ai note, schema authorship/3.x; null where the text is none.
 *
 * ```
 * note   = *( path LF *( SP SP key SP range *( "," range ) LF ) ) "---" LF json
 * path   = text at column 0, in double quotes where it holds space, tab or newline
 * key    = "s_" id "::" "t_" id   → sessions[part before "::"]
 *        | "h_" id                → humans
 *        | 7 or 16 hex digits     → prompts
 * range  = line [ "-" line ]      1-based, inclusive
 * ```
 * Lines that it does not list are untracked: they are nobody's, and not a person's.
 */
export function parseGitAiNote(text: string): GitAiNote | null {
  if (text.length > BOUNDS.noteBytes) return null;
  const rows = text.replaceAll("\r\n", "\n").split("\n");
  const split = rows.indexOf("---");
  if (split < 0) return null;
  const meta = parseMeta(rows.slice(split + 1).join("\n"));
  if (meta === null) return null;
  const lines: NotedLines[] = [];
  const problems: string[] = [];
  let path = "";
  let listed = 0;
  for (const row of rows.slice(0, split)) {
    if (row.trim() === "") continue;
    if (!row.startsWith(" ")) {
      path = unquote(row);
      continue;
    }
    const match = /^ {2}(\S{1,200}) (\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)$/.exec(row);
    const author = match === null ? null : authorOf(match[1] ?? "", meta);
    if (match === null || path === "" || author === null) {
      if (problems.length < 20) problems.push(`not understood: ${row.trim().slice(0, 100)}`);
      continue;
    }
    for (const range of (match[2] ?? "").split(",")) {
      const [from = 0, to = from] = range.split("-").map(Number);
      const inOrder = from >= 1 && from <= to;
      listed += inOrder ? to - from + 1 : 0;
      // The sum is bounded, not only each range: many that overlap would cost as much as one that is too long.
      if (!inOrder || listed > BOUNDS.noteLines || lines.length >= BOUNDS.noteRanges) {
        if (problems.length < 20) problems.push(`range refused: ${path.slice(0, 100)} ${range}`);
        continue;
      }
      lines.push({ path, from, to, ...author, raw: `${path} ${match[1]} ${range}`.slice(0, BOUNDS.rawEvidence) });
    }
  }
  return { version: meta.version, baseCommit: meta.baseCommit, lines, problems };
}

interface Meta {
  readonly version: string;
  readonly baseCommit: string;
  readonly prompts: Readonly<Record<string, unknown>>;
  readonly humans: Readonly<Record<string, unknown>>;
  readonly sessions: Readonly<Record<string, unknown>>;
}

function parseMeta(json: string): Meta | null {
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch {
    return null; // a note that somebody else's tool wrote under this ref
  }
  const top = record(raw);
  const version = textOf(top["schema_version"]);
  if (!/^authorship\/3\.\d+\.\d+$/.test(version)) return null;
  return { version, baseCommit: textOf(top["base_commit_sha"]), prompts: record(top["prompts"]), humans: record(top["humans"]), sessions: record(top["sessions"]) };
}

function authorOf(key: string, meta: Meta): Pick<NotedLines, "authorship" | "agent" | "model" | "known"> | null {
  if (/^h_\w+$/.test(key)) {
    const known = Object.hasOwn(meta.humans, key);
    // A key that leads nowhere proves nobody, and unknown is not human.
    return { authorship: known ? "human" : "unknown", agent: "", model: "", known };
  }
  if (/^s_\w+(?:::t_\w+)?$/.test(key)) return machine(meta.sessions, key.split("::")[0] ?? key);
  if (/^(?:[0-9a-f]{7}|[0-9a-f]{16})$/.test(key)) return machine(meta.prompts, key);
  return null;
}

function machine(table: Readonly<Record<string, unknown>>, key: string): Pick<NotedLines, "authorship" | "agent" | "model" | "known"> {
  const known = Object.hasOwn(table, key);
  const agent = record(record(known ? table[key] : null)["agent_id"]);
  const toolName = textOf(agent["tool"]);
  return { authorship: "ai", agent: knownAgent(toolName) ?? (toolName === "" ? "Unnamed assistant" : toolName), model: textOf(agent["model"]), known };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 200) : "";
}
