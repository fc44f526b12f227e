import { readFileDiff, readFullDiff } from "../git/diff.ts";
import type { Location } from "../git/locate.ts";
import { parsePatch, type FilePatch } from "../git/patch.ts";
import type { Commit } from "../types.ts";
import { editsOf, type Edit } from "./change.ts";

/** An edit with where it stands at the bad revision. */
export interface PlacedEdit extends Edit {
  readonly badPath: string;
  /** 0 where the file is gone by then. */
  readonly badLine: number;
}

/** A commit with what of it can matter at the bad revision. */
export interface Candidate {
  readonly commit: Commit;
  readonly edits: readonly PlacedEdit[];
}

/** A later commit wrote over it, or took it back. */
const OVERWRITTEN = 0.4;
const TAKEN_BACK = 0.05;

export async function readCandidate(at: Location, commit: Commit, bad: string): Promise<Candidate> {
  const edits = editsOf(parsePatch(await readFullDiff(at, commit.id)));
  if (edits.length === 0) return { commit, edits: [] };
  const later = commit.id === bad ? [] : parsePatch(await readFileDiff(at, commit.id, bad));
  const byPath = new Map(later.filter((file) => file.pathBefore !== "").map((file) => [file.pathBefore, file]));
  return { commit, edits: edits.map((edit) => place(edit, byPath.get(edit.path))) };
}

function place(edit: Edit, later: FilePatch | undefined): PlacedEdit {
  if (later === undefined) return { ...edit, badPath: edit.path, badLine: edit.line };
  if (later.path === "") return { ...edit, weight: edit.weight * OVERWRITTEN, badPath: edit.path, badLine: 0 };
  let shift = 0;
  for (const hunk of later.hunks) {
    // A zero-length side names the line before it.
    const oldFrom = hunk.oldCount === 0 ? hunk.oldStart + 1 : hunk.oldStart;
    const oldTo = oldFrom + hunk.oldCount;
    const gone = edit.kind === "added" && edit.line >= oldFrom && edit.line < oldTo;
    const back = edit.kind === "removed" && edit.line >= oldFrom - 1 && edit.line <= oldTo && hunk.lines.some((line) => line.startsWith("+") && line.slice(1).trim().startsWith(edit.code));
    if (gone || back) return { ...edit, weight: edit.weight * (back ? TAKEN_BACK : OVERWRITTEN), badPath: later.path, badLine: Math.max(1, hunk.newStart) };
    if (edit.line < oldTo || (hunk.oldCount === 0 && edit.line < oldFrom)) break;
    shift += hunk.newCount - hunk.oldCount;
  }
  return { ...edit, badPath: later.path, badLine: edit.line + shift };
}
