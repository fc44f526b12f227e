import { blame } from "../git/blame.ts";
import type { Location } from "../git/locate.ts";
import type { BlamedLine } from "../types.ts";
import type { Candidate } from "./candidates.ts";
import type { Hint } from "./places.ts";
import type { BlamedHint } from "./score.ts";

/** No edit of a commit that only moved code or gave variables other names weighs more. */
const NOTHING = 0.2;
/** Commits that carried one line, one after the other, followed back at most. */
const CARRIERS_MAX = 8;

/** One blame per file, over the lines from its first hint to its last; commits that only carried a line are followed back. */
export async function blamed(at: Location, bad: string, hints: readonly Hint[], candidates: readonly Candidate[]): Promise<BlamedHint[]> {
  const passOver = candidates.filter(changesNothing).map(({ commit }) => commit.id);
  const byId = new Map(candidates.map((candidate) => [candidate.commit.id, candidate]));
  const byPath = Map.groupBy(hints, (hint) => hint.path);
  const found = new Map<string, BlamedLine>();
  for (const [path, own] of byPath) {
    const lines = own.map((hint) => hint.line);
    for (const one of await blame(at, bad, path, Math.min(...lines), Math.max(...lines), passOver)) found.set(`${path}\0${one.line}`, one);
  }
  const authors = new Map<BlamedLine, string>();
  for (const hint of hints) {
    const one = found.get(`${hint.path}\0${hint.line}`);
    if (one !== undefined && !authors.has(one)) authors.set(one, await writerOf(at, one, byId, passOver));
  }
  return hints.map((hint) => ({ ...hint, commit: authors.get(found.get(`${hint.path}\0${hint.line}`) as BlamedLine) ?? "" }));
}

/** Who wrote a line, seen through commits that moved it or gave its variables other names. */
async function writerOf(at: Location, blamedLine: BlamedLine, byId: ReadonlyMap<string, Candidate>, passOver: readonly string[]): Promise<string> {
  let one = blamedLine;
  for (let step = 0; step < CARRIERS_MAX; step += 1) {
    const carrier = byId.get(one.commit);
    const edit = carrier?.edits.find((edited) => edited.kind === "added" && edited.path === one.originPath && edited.line === one.originLine);
    const parent = carrier?.commit.parents[0];
    if (edit === undefined || edit.before === null || parent === undefined) break;
    const [before] = await blame(at, parent, edit.before.path, edit.before.line, edit.before.line, passOver);
    if (before === undefined) break;
    one = before;
  }
  return one.commit;
}

/** A commit whose every edit is another layout, name or place: blame sees through it to who wrote what stands there. */
function changesNothing({ edits }: Candidate): boolean {
  return edits.every((edit) => edit.weight <= NOTHING);
}
