import { parsePatch } from "diff";
import { BOUNDS } from "../../bounds.ts";
import { isPlainPath } from "../../workspace/paths.ts";

/** The smallest part of a commit that can be taken back alone: one run of added and removed lines. */
export interface Change {
  readonly path: string;
  /** 1-based line, in the commit, where the added lines stand (or the removed ones stood). */
  readonly line: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A change found again in the text of a later revision: `count` lines from index `start` are its added ones. */
export interface Located {
  readonly change: Change;
  readonly start: number;
  readonly count: number;
}

const CONTEXT = 3;

/** Splits a commit's diff into its changes. New and deleted files are left out: taking them back moves whole files. */
export function changesOf(diff: string): Change[] {
  const changes: Change[] = [];
  for (const file of parsePatch(diff)) {
    const path = (file.newFileName ?? "").replace(/^b\//, "");
    if (!isPlainPath(path) || file.oldFileName === "/dev/null" || file.newFileName === "/dev/null") continue;
    for (const hunk of file.hunks) changes.push(...changesOfHunk(path, hunk.newStart, hunk.lines));
    if (changes.length > BOUNDS.changesPerCommit) return changes.slice(0, BOUNDS.changesPerCommit);
  }
  return changes;
}

function changesOfHunk(path: string, newStart: number, lines: readonly string[]): Change[] {
  const found: Change[] = [];
  const news = lines.filter((line) => line.startsWith(" ") || line.startsWith("+")).map((line) => line.slice(1));
  let index = 0;
  let position = 0;
  while (position < lines.length) {
    const removed: string[] = [];
    const added: string[] = [];
    while (position < lines.length && /^[-+\\]/.test(lines[position] as string)) {
      const line = lines[position] as string;
      if (line.startsWith("-")) removed.push(line.slice(1));
      if (line.startsWith("+")) added.push(line.slice(1));
      position += 1;
    }
    if (added.length + removed.length > 0) {
      const end = index + added.length;
      found.push({ path, line: newStart + index, added, removed, before: news.slice(Math.max(0, index - CONTEXT), index), after: news.slice(end, end + CONTEXT) });
      index = end;
      continue;
    }
    index += 1;
    position += 1;
  }
  return found;
}

/** Where a change stands in the lines of a later revision; null when it was changed again or cannot be told. */
export function locate(change: Change, lines: readonly string[]): Located | null {
  const count = change.added.length;
  let best: { readonly start: number; readonly score: number } | null = null;
  for (let start = 0; start + count <= lines.length; start += 1) {
    if (!change.added.every((line, index) => lines[start + index] === line)) continue;
    const before = change.before.toReversed().findIndex((line, index) => lines[start - 1 - index] !== line);
    const after = change.after.findIndex((line, index) => lines[start + count + index] !== line);
    const near = (before < 0 ? change.before.length : before) + (after < 0 ? change.after.length : after);
    // A pure deletion is known by its neighbours only: both must be there.
    if (count === 0 && ((change.before.length > 0 && before === 0) || (change.after.length > 0 && after === 0))) continue;
    const score = near * 1000 - Math.abs(start + 1 - change.line);
    if (best === null || score > best.score) best = { start, score };
  }
  return best === null ? null : { change, start: best.start, count };
}

/** The text with the located changes taken back. Changes must be of this text and not overlap. */
export function takeBack(text: string, located: readonly Located[]): string {
  const lines = text.split("\n");
  for (const one of [...located].sort((a, b) => b.start - a.start || b.count - a.count)) lines.splice(one.start, one.count, ...one.change.removed);
  return lines.join("\n");
}
