import { readDiffsTo, readFullDiffs } from "../git/diff-many.ts";
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

/** Candidates in the order of the commits; those that change no code have no edits. */
export async function readCandidates(at: Location, commits: readonly Commit[], bad: string): Promise<Candidate[]> {
  const edits = new Map<string, readonly Edit[]>();
  await readFullDiffs(at, commits, (commit, patch) => void edits.set(commit.id, editsOf(parsePatch(patch))));
  const editing = commits.filter((commit) => (edits.get(commit.id) ?? []).length > 0);
  const placed = new Map<string, readonly PlacedEdit[]>();
  await readDiffsTo(at, editing.map((commit) => commit.id), bad, (id, patch) => {
    const own = edits.get(id) ?? [];
    const later = new Map(parsePatch(onlyFiles(patch, new Set(own.map((edit) => edit.path)))).map((file) => [file.pathBefore, file]));
    placed.set(id, own.map((edit) => place(edit, later.get(edit.path))));
  });
  // What does not differ from the bad revision stands there as it was written.
  return commits.map((commit) => ({ commit, edits: placed.get(commit.id) ?? (edits.get(commit.id) ?? []).map((edit) => place(edit, undefined)) }));
}

/** The sections of a patch that may concern the files; quoted names are kept, for they cannot be compared as they are. */
function onlyFiles(patch: string, paths: ReadonlySet<string>): string {
  const sections = patch.split(/^(?=diff --git )/m);
  return sections.filter((section) => {
    const head = section.slice(0, section.indexOf("\n"));
    return head.includes('"') || [...paths].some((path) => head.includes(`a/${path} `));
  }).join("");
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
