import { BOUNDS } from "../limits.ts";
import type { Location } from "../git/locate.ts";
import { findRef } from "../git/revisions.ts";
import type { AuthorshipEvidence, Commit } from "../types.ts";
import { entireFolder, entireSessions, parseEntireSession } from "./entire.ts";
import { refused, sessionEvidence } from "./ledger.ts";
import { readTexts, type Text } from "./texts.ts";
import { parseTrailers } from "./trailers.ts";

const ENTIRE_REFS = ["refs/heads/entire/checkpoints/v1", "refs/remotes/origin/entire/checkpoints/v1"];
/** Checkpoints that a squashed commit may name. */
const CHECKPOINTS_MAX = 20;

/** What Entire kept about the sessions of each commit; it names the agents that the trailers leave unnamed. By index. */
export async function entireEvidence(at: Location, commits: readonly Commit[]): Promise<readonly (readonly AuthorshipEvidence[])[]> {
  const folders = commits.map((commit) => (commit.message.includes("ntire-") ? foldersOf(commit) : []));
  if (folders.every((some) => some.length === 0)) return [];
  const tips = (await Promise.all(ENTIRE_REFS.map(async (ref) => findRef(at, ref)))).filter((tip) => tip !== null);
  const all = [...new Set(folders.flat())];
  const roots = new Map<string, { tip: string; text: Text }>();
  for (const tip of tips) {
    const missing = all.filter((folder) => !roots.has(folder));
    const texts = await read(at, missing.map((folder) => `${tip}:${folder}/metadata.json`));
    missing.forEach((folder, index) => {
      const text = texts[index] ?? null;
      if (text !== null) roots.set(folder, { tip, text });
    });
  }
  const names = [...roots].flatMap(([folder, { tip, text }]) => Array.from({ length: "text" in text ? entireSessions(text.text) : 0 }, (_, index) => ({ folder, name: `${tip}:${folder}/${index}/metadata.json` })));
  const sessions = await read(at, names.map(({ name }) => name));
  const byFolder = new Map<string, AuthorshipEvidence[]>();
  for (const [folder, { text }] of roots) byFolder.set(folder, evidenceOf(text));
  names.forEach(({ folder }, index) => byFolder.get(folder)?.push(...evidenceOf(sessions[index] ?? null)));
  return folders.map((some) => some.flatMap((folder) => byFolder.get(folder) ?? []));
}

function foldersOf(commit: Commit): string[] {
  return parseTrailers(commit.message).flatMap(({ key, value }) => (key.toLowerCase() === "entire-checkpoint" ? (entireFolder(value) ?? []) : [])).slice(0, CHECKPOINTS_MAX);
}

function evidenceOf(text: Text | null): AuthorshipEvidence[] {
  if (text === null) return [];
  if ("refused" in text) return [refused("trailer", text.refused)];
  const session = parseEntireSession(text.text);
  return session === null ? [] : [sessionEvidence(session)];
}

async function read(at: Location, names: readonly string[]): Promise<readonly (Text | null)[]> {
  return readTexts(at, names, BOUNDS.noteBytes, "Entire's metadata");
}
