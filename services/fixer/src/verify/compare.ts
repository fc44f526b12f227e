import type { Finding } from "@firstfix/incident";
import type { RequestJudgement } from "../replay/judge.ts";
import { ELSEWHERE, shows } from "../replay/judge.ts";
import { cleanLine } from "../text.ts";
import { masked } from "./answers.ts";
import type { Variation } from "./variations.ts";

type Judgements = ReadonlyMap<string, RequestJudgement>;

export interface References {
  readonly finding: Finding;
  readonly base: Judgements;
  readonly good: Judgements | null;
}

/** Errors of a request that no reference raised; the finding itself is only excused by the good revision. */
export function newErrors(id: string, after: Judgements, { finding, base, good }: References): string[] {
  const known = new Set([...hashes(base.get(id)), ...hashes(good?.get(id))]);
  const own = new Set(hashes(good?.get(id)));
  return (after.get(id)?.errors ?? []).filter((error) => {
    const isFinding = finding.kind === "error" && shows(finding, { ...(after.get(id) as RequestJudgement), errors: [error] }) !== null;
    return isFinding ? !error.hashes.some((hash) => own.has(hash)) : !error.hashes.some((hash) => known.has(hash));
  }).map((error) => error.title);
}

/** Checks that a request violates now and at no reference; the finding's own check is only excused by the good one. */
export function newViolations(id: string, after: Judgements, { finding, base, good }: References): string[] {
  return [...(after.get(id)?.violated ?? [])].filter(([key]) => {
    if (good?.get(id)?.violated.has(key) === true) return false;
    return (finding.kind === "violation" && key === finding.key) || base.get(id)?.violated.has(key) !== true;
  }).map(([, detail]) => detail);
}

/**
 * Everything that the variations raise and no reference does: errors, violations, server errors, refusals of what was
 * accepted, and other answers where the failing and the good revision agree on one that nothing was wrong with.
 */
export function variationProblems(variations: readonly Variation[], after: Judgements, references: References): string[] {
  const problems: string[] = [];
  variations.forEach(({ says }, index) => {
    const id = `variation-${index}`;
    const now = after.get(id);
    const before = references.base.get(id);
    const good = references.good?.get(id);
    if (now === undefined || before === undefined) return;
    for (const what of [...newErrors(id, after, references), ...newViolations(id, after, references)]) problems.push(`${says}: ${what}`);
    if (isBroken(now.status) && !isBroken(before.status)) problems.push(`${says}: answered ${now.status}, was ${before.status}`);
    else if (!isBroken(before.status) && isFine(before) && before.status < 400 && now.status >= 400 && good?.status !== now.status) problems.push(`${says}: refused with ${now.status}, was ${before.status}`);
    else if (good !== undefined && isFine(before) && isFine(good) && before.status === good.status && before.status < 400 && masked(before.body) === masked(good.body) && masked(now.body) !== masked(good.body)) {
      problems.push(`${says}: answers ${cleanLine(now.body, 120)}, where both revisions before answered ${cleanLine(good.body, 120)}`);
    }
  });
  for (const what of [...newErrors(ELSEWHERE, after, references), ...newViolations(ELSEWHERE, after, references)]) problems.push(`outside of the requests: ${what}`);
  return problems;
}

/** Whether the captured request is now answered as the last good revision answers it. */
export function answersAsGood(id: string, after: Judgements, good: Judgements | null): boolean {
  const now = after.get(id);
  const before = good?.get(id);
  return now !== undefined && before !== undefined && now.status === before.status && masked(now.body) === masked(before.body);
}

export function isBroken(status: number): boolean {
  return status === 0 || status >= 500;
}

function isFine(judgement: RequestJudgement): boolean {
  return judgement.errors.length === 0 && judgement.violated.size === 0;
}

function hashes(judgement: RequestJudgement | undefined): readonly string[] {
  return (judgement?.errors ?? []).flatMap((error) => error.hashes);
}
