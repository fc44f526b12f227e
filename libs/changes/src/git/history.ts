import { findRef, readTree, runGit, shallowError, type Location, type Repository } from "@firstfix/provenance";
import { CHANGE_BOUNDS } from "../bounds.ts";

const NOTES_REF = "refs/notes/ai";

/** Ids of a revision's whole history, newest first; `sinceMs` by when they were committed. Throws repository.shallow. */
export async function listHistory(repository: Repository, revision: string, sinceMs: number | null): Promise<readonly string[]> {
  if (await repository.isShallow())
    throw shallowError(repository.location, `The clone at ${repository.path} is shallow: its oldest commits would count as the authors of everything before them.`);
  const args = ["rev-list", "--date-order", `--max-count=${CHANGE_BOUNDS.historyCommits}`, ...(sinceMs === null ? [] : [`--since-as-filter=${new Date(sinceMs).toISOString()}`]), revision];
  const { stdout } = await runGit({ args, env: repository.location.read, bytesMax: CHANGE_BOUNDS.historyBytes });
  return stdout.toString("latin1").split("\n").filter((line) => line !== "");
}

/** Blob of the git-ai note of every commit that has one. Fan-out folders of the notes' tree are seen through. */
export async function readNoteBlobs(at: Location): Promise<ReadonlyMap<string, string>> {
  const tip = await findRef(at, NOTES_REF);
  if (tip === null) return new Map();
  const entries = await readTree(at, tip, { recursive: true });
  return new Map(entries.filter(({ type }) => type === "blob").map(({ path, id }) => [path.replaceAll("/", ""), id]));
}
