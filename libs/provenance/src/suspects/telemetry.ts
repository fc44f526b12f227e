import { readCommitsBetween } from "../git/commits.ts";
import type { Location } from "../git/locate.ts";
import { findCommit } from "../git/revisions.ts";
import type { SuspicionPart } from "../types.ts";
import type { Candidate, PlacedEdit } from "./candidates.ts";
import { functionAt } from "./functions.ts";
import { MOST, round } from "./score.ts";
import type { Source } from "./sources.ts";

/** Something that traces run through, and in how many failing and passing ones it was seen (e) or not (n). */
export interface SpectrumElement {
  /** Path in the repository, "" where the telemetry names none that is there. */
  readonly path: string;
  /** Name of the function, "" where none is known. */
  readonly function: string;
  /** Name of the span. */
  readonly operation: string;
  readonly ef: number;
  readonly ep: number;
  readonly nf: number;
  readonly np: number;
}

/** A deployment with how often the finding occurred there, of how many tries. */
export interface Exposed {
  readonly revision: string;
  readonly failures: number;
  readonly trials: number;
}

const ELEMENTS_MAX = 500;
const EXPOSED_MAX = 20;
/** A span's name that stands on more lines than this tells no place. */
const LINES_MAX = 3;
/** Touching the file of an element, but not its function. */
const FILE_ONLY = 0.4;
const LEAST_EXCESS = 0.05;

/** Ochiai: ef / √((ef + nf)(ef + ep)); 0 where nothing was seen. */
export function ochiai({ ef, ep, nf }: Pick<SpectrumElement, "ef" | "ep" | "nf">): number {
  const under = (ef + nf) * (ef + ep);
  return under <= 0 ? 0 : ef / Math.sqrt(under);
}

/** An element with where it stands in the code, and how far it is above what every trace runs through. */
interface PlacedElement {
  readonly element: SpectrumElement;
  readonly path: string;
  readonly function: string;
  readonly score: number;
  readonly excess: number;
}

/**
 * The elements that failing traces run through more than passing ones do. What is in every trace, such as the entry,
 * has √(F / (F + P)) and says nothing: only what is above that counts.
 */
export function suspicious(elements: readonly SpectrumElement[], sources: ReadonlyMap<string, Source>): PlacedElement[] {
  return elements.slice(0, ELEMENTS_MAX).flatMap((element) => {
    const [failing, passing] = [element.ef + element.nf, element.ep + element.np];
    if (!(failing > 0 && passing > 0)) return [];
    const [score, usual] = [ochiai(element), Math.sqrt(failing / (failing + passing))];
    const excess = (score - usual) / (1 - usual);
    if (!(excess > LEAST_EXCESS)) return [];
    const places = sources.has(element.path) ? [{ path: element.path, function: lastPart(element.function) }] : placesOf(element.operation, sources);
    return places.map((place) => ({ element, ...place, score, excess: Math.min(1, excess) }));
  });
}

/** Evidence from spectra: what the commit changed lies where failing traces go and passing ones do not. */
export function spectrumPart(candidate: Candidate, elements: readonly PlacedElement[], sources: ReadonlyMap<string, Source>, room: number): SuspicionPart | null {
  let best: { readonly weight: number; readonly one: PlacedElement; readonly edit: PlacedEdit } | null = null;
  for (const edit of candidate.edits) {
    for (const one of elements) {
      if (edit.badPath !== one.path) continue;
      const inside = one.function === "" || edit.function === one.function || functionAt(sources.get(one.path)?.functions ?? [], edit.badLine)?.name === one.function;
      const weight = one.excess * edit.weight * (inside ? 1 : FILE_ONLY);
      if (weight > (best?.weight ?? 0)) best = { weight, one, edit };
    }
  }
  if (best === null) return null;
  const score = round(Math.min(room, MOST.spectrum * best.weight));
  const { element, score: value } = best.one;
  const { ef, ep, nf, np } = element;
  const says = `Changes ${best.one.function === "" ? best.one.path : best.one.function}, which runs in ${ef} of ${ef + nf} failing traces and ${ep} of ${ep + np} passing ones (span ${JSON.stringify(element.operation.slice(0, 100))}): Ochiai ${ef}/√((${ef}+${nf})·(${ef}+${ep})) = ${value.toFixed(2)}.`;
  return score <= 0 ? null : { kind: "spectrum", score, says, places: [{ path: best.edit.badPath, line: best.edit.badLine }] };
}

/** Where a span's name is written in the code, letter by letter. */
function placesOf(operation: string, sources: ReadonlyMap<string, Source>): { readonly path: string; readonly function: string }[] {
  if (operation.length < 3) return [];
  const quoted = [`"${operation}"`, `'${operation}'`, `\`${operation}\``];
  const found: { path: string; function: string }[] = [];
  for (const { path, code, functions } of sources.values()) {
    for (const [at, line] of code.entries()) {
      if (quoted.some((text) => line.includes(text))) found.push({ path, function: functionAt(functions, at + 1)?.name ?? "" });
      if (found.length > LINES_MAX) return [];
    }
  }
  return found;
}

function lastPart(name: string): string {
  return name.slice(Math.max(name.lastIndexOf("."), name.lastIndexOf(":"), name.lastIndexOf("#")) + 1);
}

/** A deployment with the commits that it had and the last good one had not. */
export interface Held extends Exposed {
  readonly holds: ReadonlySet<string>;
}

/** What every deployment since the good one held. Revisions that are not in the repository are left out. */
export async function held(at: Location, good: string | null, exposed: readonly Exposed[]): Promise<readonly Held[]> {
  const found: Held[] = [];
  for (const one of good === null ? [] : exposed.slice(-EXPOSED_MAX)) {
    const revision = await findCommit(at, one.revision);
    if (revision !== null) found.push({ ...one, holds: new Set((await readCommitsBetween(at, good, revision)).map((commit) => commit.id)) });
  }
  return found;
}

/** Evidence from exposure: it failed since the commit ran, and did not before, although it was tried. */
export function exposurePart(candidate: Candidate, deployments: readonly Held[], room: number): SuspicionPart | null {
  const sum = (list: readonly Exposed[]): Omit<Exposed, "revision"> => list.reduce((all, one) => ({ failures: all.failures + one.failures, trials: all.trials + Math.max(one.trials, one.failures) }), { failures: 0, trials: 0 });
  const before = sum(deployments.filter(({ holds }) => !holds.has(candidate.commit.id)));
  const since = sum(deployments.filter(({ holds }) => holds.has(candidate.commit.id)));
  if (before.trials === 0 || since.failures === 0) return null;
  const [was, is] = [before.failures / before.trials, since.failures / since.trials];
  // How sure it is that the silence before was none of chance: as many tries at today's rate would have shown it.
  const sure = Math.max(0, 1 - was / is) * (1 - Math.exp(-is * before.trials));
  const score = round(Math.min(room, MOST.exposure * sure));
  if (score <= 0) return null;
  return { kind: "exposure", score, says: `The finding occurred ${before.failures} of ${before.trials} times before this commit was deployed, and ${since.failures} of ${since.trials} times since.`, places: [] };
}
