import { readDiffsTo, readFullDiffs } from "../git/diff-many.ts";
import type { Location } from "../git/locate.ts";
import { parsePatch, type FilePatch } from "../git/patch.ts";
import type { Commit } from "../types.ts";
import { besideOf, type Beside } from "./beside.ts";
import { editsOf, type Edit } from "./change.ts";
import { readBumps } from "./packages/read-bumps.ts";
import { isMovedSubmodule } from "./packages/submodules.ts";
import { isLockFile, isVersionFile, type Bump } from "./packages/versions.ts";
import { sameButNames, skeletonOf } from "./rename.ts";

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
  readonly beside: Beside;
  /** Packages that get another version. */
  readonly bumps: readonly Bump[];
}

/** A later commit wrote over it, or took it back. */
const OVERWRITTEN = 0.4;
const TAKEN_BACK = 0.05;
/** It still stands, with another name for a variable or in another file. */
const CARRIED = 0.95;
const CARRIED_LENGTH_MIN = 8;

/** Candidates in the order of the commits; those that change no code have no edits. */
export async function readCandidates(at: Location, commits: readonly Commit[], bad: string): Promise<Candidate[]> {
  const edits = new Map<string, readonly Edit[]>();
  const beside = new Map<string, Beside>();
  const versioned = new Map<string, readonly FilePatch[]>();
  await readFullDiffs(at, commits, isLockFile, (commit, patch) => {
    const files = parsePatch(patch);
    edits.set(commit.id, editsOf(files));
    beside.set(commit.id, besideOf(files));
    versioned.set(commit.id, files.filter((file) => isVersionFile(file.path) || isMovedSubmodule(file)));
  });
  const bumps = await readBumps(at, versioned);
  const editing = commits.filter((commit) => (edits.get(commit.id) ?? []).length > 0);
  const placed = new Map<string, readonly PlacedEdit[]>();
  await readDiffsTo(at, editing.map((commit) => commit.id), bad, (id, patch) => {
    const own = edits.get(id) ?? [];
    const later = new Map(parsePatch(onlyFiles(patch, new Set(own.map((edit) => edit.path)))).map((file) => [file.pathBefore, file]));
    let arrivals: Arrivals | undefined;
    const carried = (code: string): readonly Arrival[] => (code.length < CARRIED_LENGTH_MIN ? [] : ((arrivals ??= arrivalsOf(patch)).get(code) ?? arrivals.get(skeletonOf(code)) ?? []));
    placed.set(id, own.map((edit) => place(edit, later.get(edit.path), carried)));
  });
  // What does not differ from the bad revision stands there as it was written.
  return commits.map((commit) => ({ commit, beside: beside.get(commit.id) ?? { unread: [], gone: [] }, bumps: bumps.get(commit.id) ?? [], edits: placed.get(commit.id) ?? (edits.get(commit.id) ?? []).map((edit) => place(edit, undefined, () => [])) }));
}

/** The sections of a patch that may concern the files; quoted names are kept, for they cannot be compared as they are. */
function onlyFiles(patch: string, paths: ReadonlySet<string>): string {
  const sections = patch.split(/^(?=diff --git )/m);
  return sections.filter((section) => {
    const head = section.slice(0, section.indexOf("\n"));
    return head.includes('"') || [...paths].some((path) => head.includes(`a/${path} `));
  }).join("");
}

interface Arrival {
  readonly path: string;
  readonly line: number;
}

type Arrivals = ReadonlyMap<string, readonly Arrival[]>;

/** Where lines turned up, by their text and by that without names: what is gone here may have been taken there. */
function arrivalsOf(patch: string): Arrivals {
  const found = new Map<string, Arrival[]>();
  for (const { path, hunks } of parsePatch(patch)) {
    for (const { newStart, lines } of hunks) {
      let line = newStart - 1;
      for (const row of lines) {
        if (row.startsWith("-")) continue;
        line += 1;
        if (!row.startsWith("+")) continue;
        const text = row.slice(1).trim();
        for (const key of new Set([text, skeletonOf(text)])) found.set(key, [...(found.get(key) ?? []), { path, line }]);
      }
    }
  }
  return found;
}

function place(edit: Edit, later: FilePatch | undefined, carried: (code: string) => readonly Arrival[]): PlacedEdit {
  if (later === undefined) return { ...edit, badPath: edit.path, badLine: edit.line };
  // A removed line is where what stood behind it is.
  const text = edit.kind === "added" ? edit.code : edit.standing;
  const elsewhere = (): PlacedEdit | null => {
    const [one, ...others] = carried(text);
    return one === undefined || others.length > 0 ? null : { ...edit, weight: edit.weight * CARRIED, badPath: one.path, badLine: one.line };
  };
  if (later.path === "") return elsewhere() ?? { ...edit, weight: edit.weight * OVERWRITTEN, badPath: edit.path, badLine: 0 };
  let shift = 0;
  for (const hunk of later.hunks) {
    // A zero-length side names the line before it.
    const oldFrom = hunk.oldCount === 0 ? hunk.oldStart + 1 : hunk.oldStart;
    const oldTo = oldFrom + hunk.oldCount;
    const within = edit.line >= oldFrom && edit.line < oldTo;
    const back = edit.kind === "removed" && edit.line >= oldFrom - 1 && edit.line <= oldTo && hunk.lines.some((line) => line.startsWith("+") && line.slice(1).trim().startsWith(edit.code));
    if (back) return { ...edit, weight: edit.weight * TAKEN_BACK, badPath: later.path, badLine: Math.max(1, hunk.newStart) };
    if (within) {
      const offset = hunk.lines.filter((line) => line.startsWith("+")).findIndex((line) => sameButNames(text, line.slice(1)));
      if (offset >= 0) return { ...edit, weight: edit.weight * CARRIED, badPath: later.path, badLine: hunk.newStart + offset };
      const moved = elsewhere();
      if (moved !== null) return moved;
      if (edit.kind === "added") return { ...edit, weight: edit.weight * OVERWRITTEN, badPath: later.path, badLine: Math.max(1, hunk.newStart) };
      break;
    }
    if (edit.line < oldTo || (hunk.oldCount === 0 && edit.line < oldFrom)) break;
    shift += hunk.newCount - hunk.oldCount;
  }
  return { ...edit, badPath: later.path, badLine: edit.line + shift };
}
