import { BOUNDS } from "../limits.ts";
import type { Location } from "../git/locate.ts";
import { findRef, shallowCommits } from "../git/revisions.ts";
import { isPlainPath } from "../git/tree.ts";
import type { Commit } from "../types.ts";
import { NO_ADDITIONS, readAdditions, type Additions } from "./additions.ts";
import { entireEvidence } from "./checkpoints.ts";
import { parseGitAiNote, type GitAiNote, type NotedLines } from "./git-ai-note.ts";
import { isBased, notedEvidence, refused, tracedEvidence, type Recorded } from "./ledger.ts";
import { findObjects, readBeginning, readObjects, type Found } from "./objects.ts";
import { pullRequestEvidence } from "./pull-requests.ts";
import { COMMIT_BYTES_MAX, parseRawCommit } from "./raw-commit.ts";
import { readTexts, type Text } from "./texts.ts";
import { TraceFiles } from "./trace-files.ts";

/** Everything that the repository knows about who wrote a commit. */
export interface CommitFacts {
  readonly commit: Commit;
  readonly additions: Additions;
  readonly recorded: Recorded;
}

const NOTES_REF = "refs/notes/ai";
/** Commits that are looked at with the same few git processes, and what their objects may weigh together. */
const CHUNK = 500;
const CHUNK_BYTES = 16 * 1024 * 1024;
/** Folders that git may put between the ref's tree and a note as notes grow in number: none, `ab/`, `ab/cd/`, … */
const FANOUTS = [0, 1, 2, 3] as const;
/** Files of one note that are compared with the note's own commit. */
const COMPARED_MAX = 20;

/**
 * The facts of many commits, handed over in their order. Costs a handful of git processes for 500 commits, however many
 * files they change. Ids are full ones; what is no commit of this repository is passed over.
 */
export async function readFacts(at: Location, ids: readonly string[], take: (facts: CommitFacts) => Promise<void> | void, signal?: AbortSignal): Promise<void> {
  const [notes, cut] = await Promise.all([findRef(at, NOTES_REF), shallowCommits(at)]);
  const traces = await TraceFiles.open(at);
  for (let from = 0; from < ids.length; from += CHUNK) {
    const found = (await findObjects(at, ids.slice(from, from + CHUNK))).flatMap((one) => (one?.type === "commit" ? [one] : []));
    for (const some of batches(found)) {
      signal?.throwIfAborted();
      const commits = await readCommits(at, some, cut);
      const additions = await readAdditions(at, commits);
      const noted = await readNotes(at, notes, commits);
      const traced = await traces.of(commits);
      const entire = await entireEvidence(at, commits);
      const pulled = await pullRequestEvidence(at, commits);
      for (const [index, commit] of commits.entries()) {
        const added = additions.get(commit.id) ?? NO_ADDITIONS;
        const note = await fromNote(at, noted[index] ?? null, commit, added);
        const trace = tracedEvidence(traced[index]?.lines ?? [], added);
        const whole = [...note.whole, ...trace.whole, ...(traced[index]?.refused ?? []), ...(entire[index] ?? []), ...(pulled.get(commit.id) ?? [])];
        await take({ commit, additions: added, recorded: { tracked: note.tracked, lines: [...note.lines, ...trace.lines], whole } });
      }
    }
  }
}

/** A commit's objects are as long as their writers like: they are read in pieces that fit into memory. */
function* batches(found: readonly Found[]): Generator<readonly Found[]> {
  for (let from = 0; from < found.length; ) {
    let [to, size] = [from, 0];
    while (to < found.length && (to === from || size + (found[to]?.size ?? 0) <= CHUNK_BYTES)) size += Math.min(found[to++]?.size ?? 0, COMMIT_BYTES_MAX);
    yield found.slice(from, to);
    from = to;
  }
}

async function readCommits(at: Location, found: readonly Found[], cut: ReadonlySet<string>): Promise<Commit[]> {
  const contents = await readObjects(at, found.filter(({ size }) => size <= COMMIT_BYTES_MAX));
  const commits: Commit[] = [];
  for (const one of found) {
    const content = contents.get(one.id) ?? (await readBeginning(at, one.id, COMMIT_BYTES_MAX));
    const commit = parseRawCommit(one.id, content);
    // Where a shallow clone was cut off there is nothing before, whatever the commit says.
    commits.push(cut.has(one.id) ? { ...commit, parents: [] } : commit);
  }
  return commits;
}

async function readNotes(at: Location, tip: string | null, commits: readonly Commit[]): Promise<readonly (Text | null)[]> {
  if (tip === null) return [];
  const names = commits.flatMap(({ id }) => FANOUTS.map((depth) => `${tip}:${notePath(id, depth)}`));
  const texts = await readTexts(at, names, BOUNDS.noteBytes, "The git-ai note");
  return commits.map((_, index) => texts.slice(index * FANOUTS.length, (index + 1) * FANOUTS.length).find((one) => one !== null) ?? null);
}

function notePath(object: string, depth: number): string {
  const folders = Array.from({ length: depth }, (_, index) => `${object.slice(index * 2, index * 2 + 2)}/`);
  return folders.join("") + object.slice(depth * 2);
}

async function fromNote(at: Location, text: Text | null, commit: Commit, added: Additions): Promise<Recorded> {
  if (text === null) return { tracked: false, lines: [], whole: [] };
  if ("refused" in text) return { tracked: false, lines: [], whole: [refused("git-ai-note", text.refused)] };
  const note = parseGitAiNote(text.text);
  if (note === null) return { tracked: false, lines: [], whole: [refused("git-ai-note", `The note under ${NOTES_REF} is none that git-ai 3 writes: not read`)] };
  const compared = isBased(note, commit) ? new Map<string, boolean>() : await compareFiles(at, note, commit);
  return notedEvidence(note, commit, added, ({ path, from, to }) => compared.get(rangeKey(path, from, to)) ?? null);
}

/** Of a note that names another commit: for each of its ranges whether the lines read the same there. Nothing where that commit is gone. */
async function compareFiles(at: Location, note: GitAiNote, commit: Commit): Promise<ReadonlyMap<string, boolean>> {
  const result = new Map<string, boolean>();
  if (!/^[0-9a-f]{40,64}$/.test(note.baseCommit)) return result;
  const paths = [...new Set(note.lines.map(({ path }) => path))].filter((path) => isPlainPath(path) && !path.includes("\n")).slice(0, COMPARED_MAX);
  const texts = await readTexts(at, [note.baseCommit, commit.id].flatMap((id) => paths.map((path) => `${id}:${path}`)), BOUNDS.fileBytes, "The file");
  const based = await findObjects(at, [note.baseCommit]);
  if (based[0]?.type !== "commit") return result;
  const rows = texts.map((one) => (one !== null && "text" in one ? one.text.split("\n") : null));
  for (const lines of note.lines) {
    const index = paths.indexOf(lines.path);
    if (index >= 0) result.set(rangeKey(lines.path, lines.from, lines.to), sameLines(rows[index] ?? [], rows[index + paths.length] ?? [], lines));
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
