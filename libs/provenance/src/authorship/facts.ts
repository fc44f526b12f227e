import { BOUNDS } from "../limits.ts";
import type { Location } from "../git/locate.ts";
import { findRef, shallowCommits } from "../git/revisions.ts";
import { isPlainPath } from "../git/tree.ts";
import type { Commit } from "../types.ts";
import { NO_ADDITIONS, readAdditions, type Additions } from "./additions.ts";
import { entireEvidence } from "./checkpoints.ts";
import { parseGitAiNote, type GitAiNote, type NotedLines } from "./git-ai-note.ts";
import { isBased, notedEvidence, refused, type Recorded } from "./ledger.ts";
import { findObjects, readBeginning, readObjects, type Found } from "../git/objects.ts";
import { pullRequestEvidence } from "./pull-requests.ts";
import { COMMIT_BYTES_MAX, parseRawCommit } from "./raw-commit.ts";
import { readTexts, textOf, type Text } from "./texts.ts";
import { TraceFiles } from "./trace-files.ts";
import { compareContents } from "./traced-content.ts";
import { tracedEvidence } from "./traced-evidence.ts";

/** Everything that the repository knows about who wrote a commit. */
export interface CommitFacts {
  readonly commit: Commit;
  readonly additions: Additions;
  readonly recorded: Recorded;
  /** A shallow clone ends here: all that was before seems to be this commit's. */
  readonly cut: boolean;
}

export interface FactsOptions {
  /** Full ids of commits at which records are looked for first, beside HEAD and the branches. */
  readonly tips?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

const NOTES_REF = "refs/notes/ai";
/** Commits that are looked at with the same few git processes, and what their objects may weigh together. */
const CHUNK = 500;
const CHUNK_BYTES = 16 * 1024 * 1024;
/** Folders that git may put between the ref's tree and a note as notes grow in number: none, `ab/`, `ab/cd/`, … */
const FANOUTS = [0, 1, 2, 3] as const;
/** Parents of a merge whose notes are looked at. */
const PARENTS_MAX = 8;
/** Files of one note that are compared with the note's own commit. */
const COMPARED_MAX = 20;

/**
 * The facts of many commits, handed over in their order. Costs a handful of git processes for 500 commits, however many
 * files they change, and two more for each commit with hashes to be compared. Ids are full ones; what is no commit of this repository is passed over.
 */
export async function readFacts(at: Location, ids: readonly string[], take: (facts: CommitFacts) => Promise<void> | void, options: FactsOptions = {}): Promise<void> {
  if (ids.length === 0) return;
  const [notes, cut, traces] = await Promise.all([findRef(at, NOTES_REF), shallowCommits(at), TraceFiles.open(at, options.tips)]);
  for (let from = 0; from < ids.length; from += CHUNK) {
    for (const some of batches(await findSources(at, ids.slice(from, from + CHUNK), notes))) {
      options.signal?.throwIfAborted();
      const { commits, noted } = await readSources(at, some, cut);
      const additions = await readAdditions(at, commits);
      const traced = await traces.of(commits, additions);
      const entire = await entireEvidence(at, commits);
      const pulled = await pullRequestEvidence(at, commits);
      for (const [index, commit] of commits.entries()) {
        const added = additions.get(commit.id) ?? NO_ADDITIONS;
        const note = await fromNote(at, notes ?? "", noted[index] ?? null, commit, added);
        const records = traced[index]?.lines ?? [];
        const trace = tracedEvidence(records, added, await compareContents(at, commit, records, added), commit.id, traced[index]?.taken);
        const whole = [...note.whole, ...trace.whole, ...(traced[index]?.refused ?? []), ...(entire[index] ?? []), ...(pulled.get(commit.id) ?? [])];
        await take({ commit, cut: cut.has(commit.id), additions: added, recorded: { tracked: note.tracked, lines: [...note.lines, ...trace.lines], whole } });
      }
    }
  }
}

/** A commit and the note on it, by their sizes: nothing of them is read yet. */
interface Source {
  readonly commit: Found;
  readonly note: Found | null;
}

async function findSources(at: Location, ids: readonly string[], notes: string | null): Promise<readonly Source[]> {
  const names = notes === null ? [] : ids.flatMap((id) => FANOUTS.map((depth) => `${notes}:${notePath(id, depth)}`));
  const found = await findObjects(at, [...ids, ...names]);
  return ids.flatMap((_, index) => {
    const commit = found[index] ?? null;
    const from = ids.length + index * FANOUTS.length;
    return commit?.type === "commit" ? [{ commit, note: notes === null ? null : (found.slice(from, from + FANOUTS.length).find((one) => one?.type === "blob") ?? null) }] : [];
  });
}

/** Messages and notes are as long as their writers like: they are read in pieces that fit into memory. */
function* batches(found: readonly Source[]): Generator<readonly Source[]> {
  for (let from = 0; from < found.length; ) {
    let [to, size] = [from, 0];
    while (to < found.length && (to === from || size + sizeOf(found[to]!) <= CHUNK_BYTES)) size += sizeOf(found[to++]!);
    yield found.slice(from, to);
    from = to;
  }
}

function sizeOf({ commit, note }: Source): number {
  return Math.min(commit.size, COMMIT_BYTES_MAX) + (note === null || note.size > BOUNDS.noteBytes ? 0 : note.size);
}

async function readSources(at: Location, sources: readonly Source[], cut: ReadonlySet<string>): Promise<{ commits: readonly Commit[]; noted: readonly (Text | null)[] }> {
  const short = sources.flatMap(({ commit, note }) => [...(commit.size <= COMMIT_BYTES_MAX ? [commit] : []), ...(note !== null && note.size <= BOUNDS.noteBytes ? [note] : [])]);
  const contents = await readObjects(at, short);
  const commits: Commit[] = [];
  for (const { commit: { id } } of sources) {
    const commit = parseRawCommit(id, contents.get(id) ?? (await readBeginning(at, id, COMMIT_BYTES_MAX)));
    // Where a shallow clone was cut off there is nothing before, whatever the commit says.
    commits.push(cut.has(id) ? { ...commit, parents: [] } : commit);
  }
  return { commits, noted: sources.map(({ note }) => (note === null ? null : textOf(note, contents.get(note.id), BOUNDS.noteBytes, "The git-ai note"))) };
}

function notePath(object: string, depth: number): string {
  const folders = Array.from({ length: depth }, (_, index) => `${object.slice(index * 2, index * 2 + 2)}/`);
  return folders.join("") + object.slice(depth * 2);
}

async function fromNote(at: Location, notes: string, text: Text | null, commit: Commit, added: Additions): Promise<Recorded> {
  if (text === null) return { tracked: false, lines: [], whole: [] };
  if ("refused" in text) return { tracked: false, lines: [], whole: [refused("git-ai-note", text.refused)] };
  const note = parseGitAiNote(text.text);
  if (note === null) return { tracked: false, lines: [], whole: [refused("git-ai-note", `The note under ${NOTES_REF} is none that git-ai 3 writes: not read`)] };
  const copied = note.baseCommit === commit.id ? null : await parentWithNote(at, notes, commit, text.text);
  if (copied !== null) return { tracked: false, lines: [], whole: [refused("git-ai-note", `The note is a copy of that of the parent, ${copied.slice(0, 12)}: not believed here`)] };
  const compared = isBased(note, commit) ? new Map<string, boolean>() : await compareFiles(at, note, commit);
  return notedEvidence(note, commit, added, ({ path, from, to }) => compared.get(rangeKey(path, from, to)) ?? null);
}

/** The parent that has this very note itself: amend and rebase leave copies one commit too far. */
async function parentWithNote(at: Location, notes: string, { parents }: Commit, own: string): Promise<string | null> {
  const some = parents.slice(0, PARENTS_MAX);
  const texts = await readTexts(at, some.flatMap((id) => FANOUTS.map((depth) => `${notes}:${notePath(id, depth)}`)), BOUNDS.noteBytes, "The note");
  const index = texts.findIndex((one) => one !== null && "text" in one && one.text === own);
  return index < 0 ? null : (some[Math.floor(index / FANOUTS.length)] ?? null);
}

/** Of a note that names another commit: for each of its ranges whether the lines read the same there. Nothing where that commit is gone. */
async function compareFiles(at: Location, note: GitAiNote, commit: Commit): Promise<ReadonlyMap<string, boolean>> {
  const result = new Map<string, boolean>();
  if (!/^[0-9a-f]{40,64}$/.test(note.baseCommit)) return result;
  const paths = [...new Set(note.lines.map(({ path }) => path))].filter((path) => isPlainPath(path) && !path.includes("\n")).slice(0, COMPARED_MAX);
  const texts = await readTexts(at, [note.baseCommit, commit.id].flatMap((id) => paths.map((path) => `${id}:${path}`)), BOUNDS.fileBytes, "The file");
  const based = await findObjects(at, [note.baseCommit]);
  if (based[0]?.type !== "commit") return result;
  // A file that is not there is another content; one that is too long to be read may be either.
  const rows = texts.map((one) => (one === null ? [] : "text" in one ? one.text.split("\n") : null));
  const places = new Map(paths.map((path, index) => [path, [rows[index], rows[index + paths.length]] as const]));
  for (const lines of note.lines) {
    const [before, now] = places.get(lines.path) ?? [];
    if (before !== undefined && before !== null && now !== undefined && now !== null) result.set(rangeKey(lines.path, lines.from, lines.to), sameLines(before, now, lines));
  }
  return result;
}

function sameLines(before: readonly string[], now: readonly string[], { from, to }: NotedLines): boolean {
  if (to > now.length || to > before.length) return false;
  for (let line = from - 1; line < to; line += 1) if (before[line] !== now[line]) return false;
  return true;
}

function rangeKey(path: string, from: number, to: number): string {
  return `${path}\0${from}-${to}`;
}
