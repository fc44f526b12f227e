import type { SuspectRecord } from "@firstfix/incident";
import { cleanLine } from "../../text.ts";
import { mayChange } from "../../workspace/paths.ts";
import type { Candidate, Place } from "../api.ts";
import { changesOf, locate, takeBack, type Located } from "./changes.ts";

/** The changes of one suspect commit as they stand at the failing revision, most implicated first. */
export interface Revertible {
  readonly suspect: Pick<SuspectRecord, "commit" | "subject" | "score">;
  readonly located: readonly Located[];
  /** The files' texts at the failing revision. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Finds the commit's changes again at the failing revision; those that a fix may not touch are left out. */
export async function revertible(suspect: Revertible["suspect"], diff: string, readFile: (path: string) => Promise<string | null>, places: readonly Place[]): Promise<Revertible> {
  const texts = new Map<string, string>();
  const located: Located[] = [];
  for (const change of changesOf(diff)) {
    if (!mayChange(change.path)) continue;
    const text = texts.get(change.path) ?? (await readFile(change.path));
    if (text === null) continue;
    texts.set(change.path, text);
    const found = locate(change, text.split("\n"));
    if (found !== null && !located.some((one) => overlaps(one, found))) located.push(found);
  }
  // What replaced something is likelier to have lost it than what was only added.
  const score = (one: Located): number => weight(one, places) + (one.change.removed.length > 0 && one.count > 0 ? 0.5 : 0);
  return { suspect, located: located.sort((a, b) => score(b) - score(a)), texts };
}

/** The candidate that takes back some of the changes. */
export function revertCandidate(from: Revertible, part: readonly Located[]): Candidate {
  const files = new Map<string, string>();
  for (const path of new Set(part.map((one) => one.change.path))) {
    files.set(path, takeBack(from.texts.get(path) as string, part.filter((one) => one.change.path === path)));
  }
  const whole = part.length === from.located.length;
  const short = from.suspect.commit.slice(0, 10);
  const subject = cleanLine(from.suspect.subject, 80);
  return {
    generator: "revert",
    kind: whole ? "commit" : "part",
    title: whole ? `Revert the change ${short} “${subject}”` : `Revert ${part.length} of ${from.located.length} changes of ${short} “${subject}”`,
    explanation: whole
      ? `Takes back all that commit ${short} changed in source files. This rolls back: what the commit was meant to add is lost as well.`
      : `Delta debugging over the ${from.located.length} changes of commit ${short} found that taking back ${part.length === 1 ? "this one" : `these ${part.length}`} is enough; the rest of the commit stays.`,
    files,
    prior: whole ? 0.5 : 1,
  };
}

function overlaps(a: Located, b: Located): boolean {
  return a.change.path === b.change.path && a.start < b.start + Math.max(1, b.count) && b.start < a.start + Math.max(1, a.count);
}

function weight(located: Located, places: readonly Place[]): number {
  const near = places.filter((place) => place.path === located.change.path && place.line >= located.start && place.line <= located.start + located.count + 1);
  return Math.max(0, ...near.map((place) => place.weight));
}
