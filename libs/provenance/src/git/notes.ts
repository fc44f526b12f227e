import { BOUNDS } from "../limits.ts";
import type { Location } from "./locate.ts";
import { findRef } from "./revisions.ts";
import { runGit } from "./run.ts";

/** Folders that git may put between the ref's tree and a note as notes grow in number: none, `ab/`, `ab/cd/`, … */
const FANOUTS = [0, 1, 2, 3] as const;

/** Text of the note on an object, or null where there is none (or it is longer than any that is read). */
export async function readNote(at: Location, ref: string, object: string): Promise<string | null> {
  const tree = await findRef(at, ref);
  if (tree === null) return null;
  const input = FANOUTS.map((depth) => `${tree}:${notePath(object, depth)}\n`).join("");
  const { stdout } = await runGit({ args: ["cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)"], env: at.read, input });
  const found = stdout.toString("utf8").split("\n").map((line) => /^([0-9a-f]+) blob (\d+)$/.exec(line)).find((match) => match !== null);
  if (found === undefined || Number(found[2]) > BOUNDS.noteBytes) return null;
  return (await runGit({ args: ["cat-file", "blob", found[1] ?? ""], env: at.read, bytesMax: BOUNDS.noteBytes })).stdout.toString("utf8");
}

function notePath(object: string, depth: number): string {
  const folders = Array.from({ length: depth }, (_, index) => `${object.slice(index * 2, index * 2 + 2)}/`);
  return folders.join("") + object.slice(depth * 2);
}
