import type { Incident } from "@firstfix/incident";
import { BOUNDS } from "./bounds.ts";
import type { Candidate } from "./candidates/api.ts";
import { hintsOf } from "./candidates/hints.ts";
import { placesOf } from "./candidates/places.ts";
import { ddmin } from "./candidates/revert/ddmin.ts";
import type { Located } from "./candidates/revert/changes.ts";
import { leavesDangling } from "./candidates/revert/dangling.ts";
import { revertCandidate, revertible, type Revertible } from "./candidates/revert/revert.ts";
import { templateCandidates } from "./candidates/templates/generate.ts";
import type { Gate, Judged } from "./verify/gate.ts";
import type { Reproduced } from "./reproduce/reproduce.ts";
import type { RepositoryContext } from "./context.ts";
import type { Finding } from "@firstfix/incident";

export interface SearchInput {
  readonly context: Pick<RepositoryContext, "repo" | "revision">;
  readonly incident: Incident;
  readonly finding: Finding;
  readonly reproduced: Reproduced | null;
  readonly gate: Gate;
  readonly candidatesMax: number;
  readonly signal: AbortSignal;
  readonly tell: (says: string) => Promise<void>;
}

/**
 * Looks for fixes: reverts and templates side by side, each lane trying its cheapest first, and each resulting text
 * once. A lane ends with its first verified candidate; the other then only gets a few more tries.
 */
export async function search(input: SearchInput): Promise<{ readonly judged: readonly Judged[]; readonly tried: number }> {
  const suspects = await revertibles(input);
  const pool = new Pool(input);
  const lanes = [revertLane(pool, suspects), templateLane(pool, input, suspects)];
  for (const result of await Promise.allSettled(lanes)) if (result.status === "rejected" && !input.signal.aborted) throw result.reason;
  return { judged: pool.judged, tried: pool.tried };
}

async function revertibles({ incident, context }: SearchInput): Promise<Revertible[]> {
  const { repo, revision } = context;
  const readFile = (path: string): Promise<string | null> => repo.readFile(revision, path);
  const found: Revertible[] = [];
  for (const suspect of (incident.ranking?.suspects ?? []).slice(0, BOUNDS.suspectsTried)) {
    if (!(await repo.hasRevision(suspect.commit))) continue;
    const places = [...placesOf(incident, []), ...suspect.parts.flatMap((part) => part.places.map((place) => ({ path: place.path, line: place.line, weight: part.score })))];
    const one = await revertible(suspect, await repo.diff(suspect.commit, { contextLines: 3 }), readFile, places);
    if (one.located.length > 0) found.push(one);
  }
  return found;
}

/** Runs candidates through the gate and keeps count. */
class Pool {
  readonly judged: Judged[] = [];
  readonly #input: SearchInput;
  readonly #seen = new Map<string, Promise<Judged | null>>();
  tried = 0;

  constructor(input: SearchInput) {
    this.#input = input;
  }

  get full(): boolean {
    return this.tried >= this.#input.candidatesMax || this.#input.signal.aborted;
  }

  /** When the first candidate was verified, in milliseconds of the process; null while none is. */
  verifiedAt: number | null = null;

  get reproduced(): boolean {
    return this.#input.reproduced !== null;
  }

  tell(says: string): Promise<void> {
    return this.#input.tell(says);
  }

  /** The gate's judgement; what both lanes come upon is judged once. Null when there is no room for another. */
  verify(candidate: Candidate): Promise<Judged | null> {
    const key = keyOf(candidate);
    const known = this.#seen.get(key);
    if (known !== undefined) return known;
    if (this.full) return Promise.resolve(null);
    const judging = this.#judge(candidate);
    this.#seen.set(key, judging);
    return judging;
  }

  async #judge(candidate: Candidate): Promise<Judged | null> {
    this.tried += 1;
    const judged = await this.#input.gate.verify(candidate);
    if (this.#input.signal.aborted) return null;
    this.judged.push(judged);
    if (judged.verified) {
      this.verifiedAt ??= performance.now();
      await this.tell(`Verified: ${candidate.title}.`);
    }
    return judged;
  }

  /** There has been a verified candidate for so long that another is not worth waiting for. */
  get late(): boolean {
    return this.verifiedAt !== null && performance.now() - this.verifiedAt > BOUNDS.searchAfterVerifiedMs;
  }

  async removes(candidate: Candidate): Promise<boolean> {
    if (this.full || this.late) return false;
    this.tried += 1;
    return this.#input.gate.removes(candidate);
  }
}

async function revertLane(pool: Pool, suspects: readonly Revertible[]): Promise<void> {
  for (const from of suspects) {
    const { located, suspect } = from;
    const whole = revertCandidate(from, located);
    await pool.tell(`Taking back commit ${suspect.commit.slice(0, 10)}, whole and in parts (${located.length} changes).`);
    if (pool.reproduced && located.length > 1) {
      const test = async (some: readonly Located[]): Promise<boolean> => !leavesDangling(from, some) && pool.removes(revertCandidate(from, some));
      // Mostly one change is the guilty one, and asking for a few alone saves the search.
      const alone = await firstOf(located.slice(0, BOUNDS.changesAloneTried), (one) => test([one]));
      if (alone === null && !(await pool.removes(whole))) continue;
      const part = alone === null ? await ddmin(located, test, BOUNDS.ddminTests) : [alone];
      if ((await pool.verify(revertCandidate(from, part)))?.verified === true || pool.late) return;
    }
    if ((await pool.verify(whole))?.verified === true || pool.full) return;
  }
}

async function templateLane(pool: Pool, input: SearchInput, suspects: readonly Revertible[]): Promise<void> {
  if (!pool.reproduced) return;
  const candidates = await templatesFor(input, suspects);
  await pool.tell(`${candidates.length} repairs by template are possible at the implicated lines; trying the likeliest first.`);
  for (const candidate of candidates) {
    if (pool.full || pool.late) return;
    const judged = await pool.verify(candidate);
    if (judged?.verified === true) return;
  }
}

async function firstOf<T>(all: readonly T[], holds: (one: T) => Promise<boolean>): Promise<T | null> {
  for (const one of all) if (await holds(one)) return one;
  return null;
}

async function templatesFor({ context, incident, finding, reproduced }: SearchInput, suspects: readonly Revertible[]): Promise<Candidate[]> {
  const places = placesOf(incident, suspects);
  const hints = hintsOf(finding, reproduced?.capture.request ?? null);
  const found: Candidate[] = [];
  for (const path of new Set(places.map((place) => place.path))) {
    const text = await context.repo.readFile(context.revision, path);
    if (text !== null) found.push(...templateCandidates(path, text, places, hints));
  }
  return found.sort((a, b) => b.prior - a.prior);
}

function keyOf(candidate: Candidate): string {
  return JSON.stringify([...candidate.files].sort(([a], [b]) => (a < b ? -1 : 1)));
}
