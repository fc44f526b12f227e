import { BOUNDS } from "../limits.ts";
import { knownAgent } from "./identities.ts";

/** What Entire kept about the sessions behind a commit. It speaks of the commit, never of lines. */
export interface EntireCheckpoint {
  /** One per session, in order. */
  readonly sessions: readonly EntireSession[];
}

export interface EntireSession {
  readonly agent: string;
  readonly model: string;
  /** Share of the committed lines that the agent wrote, 0 … 1; null where it is not said. */
  readonly share: number | null;
  readonly raw: string;
}

/** Sessions that one checkpoint is asked for. */
export const ENTIRE_SESSIONS_MAX = 20;

/** A checkpoint's id: 12 hex digits on the branch, a ULID (Crockford's base 32) where each checkpoint has a ref of its own. */
const CHECKPOINT = /^(?:[0-9a-f]{12}|[0-9A-HJKMNP-TV-Z]{26})$/;

/** Where a checkpoint's metadata stands on branch `entire/checkpoints/v1`: `<id[:2]>/<id[2:]>/…`; null for what is no id. */
export function entireFolder(id: string): string | null {
  return CHECKPOINT.test(id) ? `${id.slice(0, 2)}/${id.slice(2)}` : null;
}

/** The ref whose tree is the checkpoint: `refs/entire/checkpoints/<last two>/<id>`; null for what is no id. */
export function entireRef(id: string): string | null {
  return CHECKPOINT.test(id) ? `refs/entire/checkpoints/${id.slice(-2)}/${id}` : null;
}

/** Number of sessions that a checkpoint's root `metadata.json` lists; their files are `<folder>/<n>/metadata.json`. */
export function entireSessions(text: string): number {
  const sessions = parse(text)?.["sessions"];
  return Array.isArray(sessions) ? Math.min(sessions.length, ENTIRE_SESSIONS_MAX) : 0;
}

/**
 * A session's metadata (older checkpoints have it at the root):
 * `{ "agent": "Claude Code", "model"?, "initial_attribution"?: { "agent_lines", "total_committed", "agent_percentage" } }`.
 * Null where it names no agent.
 */
export function parseEntireSession(text: string): EntireSession | null {
  const fields = parse(text);
  const agent = textOf(fields?.["agent"]);
  if (fields === null || agent === "") return null;
  const attribution = fields["initial_attribution"];
  const percentage = typeof attribution === "object" && attribution !== null ? (attribution as Readonly<Record<string, unknown>>)["agent_percentage"] : undefined;
  const share = typeof percentage === "number" && percentage >= 0 && percentage <= 100 ? percentage / 100 : null;
  const model = textOf(fields["model"]);
  const says = [`agent ${agent}`, model === "" ? "" : `model ${model}`, share === null ? "" : `${Math.round(share * 100)}% of the committed lines`];
  return { agent: knownAgent(agent) ?? agent, model, share, raw: says.filter((one) => one !== "").join(", ").slice(0, BOUNDS.rawEvidence) };
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  if (text.length > BOUNDS.noteBytes) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null; // another tool's file under the same name
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 200) : "";
}
