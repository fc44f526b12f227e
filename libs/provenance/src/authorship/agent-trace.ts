import { BOUNDS } from "../limits.ts";
import type { Authorship } from "../types.ts";
import { knownAgent } from "./identities.ts";

/** Lines of one file that an Agent Trace record ascribes to a contributor. */
export interface TracedLines {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly authorship: Authorship;
  readonly agent: string;
  readonly model: string;
  /** That the record names. */
  readonly revision: string;
  /** `content_hash`, or "". */
  readonly hash: string;
  /** The record's own words: path, contributor, range, hash. */
  readonly raw: string;
}

export interface AgentTraces {
  readonly lines: readonly TracedLines[];
  /** What was refused, for a person. */
  readonly problems: readonly string[];
}

const PROBLEMS_MAX = 20;

/**
 * The records of `.agent-trace/traces.jsonl` (Agent Trace RFC 0.1.0, one JSON record a line) that were made at one of the
 * `revisions`. The reference implementation writes the revision that was checked out *while editing*, so a commit's
 * records name the commit or its parent.
 *
 * ```
 * record       = { version, id, timestamp, vcs?: { type: "git", revision }, tool?: { name }, files: [ file … ] }
 * file         = { path, conversations: [ conversation … ] }
 * conversation = { contributor?, ranges: [ { start_line, end_line, content_hash?, contributor? } … ] }
 * contributor  = { type: "human" | "ai" | "mixed" | "unknown", model_id?: provider "/" model }
 * ```
 * A range's contributor stands above its conversation's. Versions are not looked at: writers differ in them.
 */
export function parseAgentTraces(text: string, revisions: readonly string[]): AgentTraces {
  const lines: TracedLines[] = [];
  const problems: string[] = [];
  const refuse = (why: string): void => {
    if (problems.length < PROBLEMS_MAX && problems.at(-1) !== why) problems.push(why.slice(0, 200));
  };
  let number = 0;
  for (const row of text.split("\n")) {
    number += 1;
    // Cheap first: most rows of a long file are about other commits.
    if (!revisions.some((revision) => row.includes(revision))) continue;
    const record = parseRecord(row);
    if (row.length > BOUNDS.noteBytes) refuse(`a record of ${row.length} characters is longer than ${BOUNDS.noteBytes}: not read`);
    else if (record === null) refuse(`line ${number}: no JSON object`);
    else if (revisions.includes(textOf(objectOf(record["vcs"])["revision"]))) {
      for (const one of linesOf(record, textOf(objectOf(record["vcs"])["revision"]))) {
        if (typeof one === "string") refuse(`line ${number}: ${one}`);
        else if (lines.length >= BOUNDS.noteRanges) refuse(`more than ${BOUNDS.noteRanges} ranges of one commit: the others are not read`);
        else lines.push(one);
      }
    }
  }
  return { lines, problems };
}

function parseRecord(row: string): Fields | null {
  if (row.length > BOUNDS.noteBytes) return null;
  try {
    const value: unknown = JSON.parse(row);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null; // a row that was cut off while it was written
  }
}

/** Ranges, and texts about what is no range. */
function* linesOf(record: Fields, revision: string): Generator<TracedLines | string> {
  const vcs = textOf(objectOf(record["vcs"])["type"]);
  if (vcs !== "" && vcs !== "git") {
    yield `not of git: ${vcs}`;
    return;
  }
  const tool = textOf(objectOf(record["tool"])["name"]);
  for (const file of listOf(record["files"])) {
    const path = textOf(objectOf(file)["path"]).replace(/^\.\//, "");
    for (const conversation of listOf(objectOf(file)["conversations"])) {
      for (const range of listOf(objectOf(conversation)["ranges"])) yield rangeOf(path, { tool, revision }, objectOf(conversation), objectOf(range));
    }
  }
}

function rangeOf(path: string, { tool, revision }: { readonly tool: string; readonly revision: string }, conversation: Fields, range: Fields): TracedLines | string {
  const [from, to] = [range["start_line"], range["end_line"]];
  if (path === "" || !isLine(from) || !isLine(to) || from > to) return `no range: ${path} ${String(from)}–${String(to)}`;
  const contributor = objectOf(range["contributor"] ?? conversation["contributor"]);
  const type = textOf(contributor["type"]);
  const model = textOf(contributor["model_id"]);
  const hash = textOf(range["content_hash"]);
  const machine = type === "ai" || type === "mixed";
  return {
    path,
    from,
    to,
    authorship: type === "ai" || type === "human" || type === "mixed" ? type : "unknown",
    agent: machine ? (knownAgent(tool) ?? (tool === "" ? (knownAgent(model) ?? "Unnamed assistant") : tool)) : "",
    model: machine ? model.slice(model.indexOf("/") + 1) : "",
    hash,
    revision,
    raw: `${path} ${from}-${to} ${[type || "no contributor", model, tool, hash].filter((one) => one !== "").join(" ")}`.slice(0, BOUNDS.rawEvidence),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function isLine(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1 && value <= BOUNDS.noteLines;
}

function objectOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 200) : "";
}
