import { newId } from "@firstfix/kit";
import type { ProposalRecord } from "@firstfix/incident";
import { BOUNDS } from "../bounds.ts";
import { diffOf, sizeOf } from "../candidates/diff.ts";
import type { Judged } from "../verify/gate.ts";

/** A judged candidate with its diff, ready to be compared with others. */
export interface Ranked {
  readonly judged: Judged;
  readonly diff: string;
  readonly size: { readonly added: number; readonly removed: number };
}

export function rankable(judged: Judged, before: ReadonlyMap<string, string>): Ranked {
  const diff = diffOf(before, judged.candidate.files);
  return { judged, diff, size: sizeOf(diff) };
}

/**
 * What a person is shown, best first: verified before not; what takes back a whole commit last among them; then
 * what answers as the last good revision did (a smaller change that answers otherwise is the likelier mistake), then the
 * smaller change. Failing ones are only shown when nothing is verified,
 * the nearest to passing first.
 */
export function choose(all: readonly Ranked[]): Ranked[] {
  const verified = all.filter((one) => one.judged.verified).sort(better).slice(0, BOUNDS.proposedVerified);
  if (verified.length > 0) return verified;
  return [...all].sort((a, b) => b.judged.passed - a.judged.passed || better(a, b)).slice(0, BOUNDS.proposedUnverified);
}

export function recordOf(ranked: Ranked, base: string): ProposalRecord {
  const { candidate, steps, verified } = ranked.judged;
  return {
    proposalId: newId("pro"),
    generator: candidate.generator,
    title: candidate.title,
    explanation: [candidate.explanation, ...flags(ranked)].join(" "),
    base,
    diff: ranked.diff,
    files: [...candidate.files.keys()],
    steps,
    verified,
  };
}

function better(a: Ranked, b: Ranked): number {
  return Number(isWhole(a)) - Number(isWhole(b)) || Number(b.judged.asGood) - Number(a.judged.asGood) || lines(a) - lines(b) || a.diff.length - b.diff.length;
}

function isWhole({ judged }: Ranked): boolean {
  return judged.candidate.generator === "revert" && judged.candidate.kind === "commit";
}

function lines({ size }: Ranked): number {
  return size.added + size.removed;
}

/** What a reviewer should know at once: patches of these kinds are often plausible and wrong. */
function flags({ judged, size, diff }: Ranked): string[] {
  const found: string[] = [];
  if (size.added === 0 && size.removed > 0) found.push("Note: it only deletes code.");
  if (judged.candidate.generator === "revert") found.push("Note: it rolls back; it does not fix forward.");
  if (/^\+.*\bcatch\b/m.test(diff) || judged.candidate.kind === "guard") found.push("Note: it passes over the failing case; check that nothing is owed to it.");
  if (judged.verified && judged.asGood) found.push("The captured request is now answered as the last good revision answers it.");
  return found;
}
