import { groupError, mapFrames, parseStack, type Finding, type StackFrame } from "@firstfix/incident";
import type { Span } from "@firstfix/otlp";
import type { Check, CompiledCheck } from "@firstfix/spec";
import { cleanLine } from "../text.ts";
import type { Evidence } from "./evidence.ts";
import type { PlannedRequest } from "./plan.ts";

/** A check with its compiled form. */
export interface BoundCheck {
  readonly check: Check;
  readonly compiled: Pick<CompiledCheck, "evaluate">;
}

export interface JudgeContext {
  readonly checks: readonly BoundCheck[];
  /** Files of the repository, to map stack frames. */
  readonly paths: readonly string[];
  readonly inApp: readonly string[];
}

/** What one request did: its answer, the errors raised and the verdicts of all bound checks in its trace. */
export interface RequestJudgement {
  readonly id: string;
  readonly status: number;
  readonly body: string;
  /** Error hashes of one error each, with a line for a person. */
  readonly errors: readonly SeenError[];
  /** Check key → what was seen. */
  readonly violated: ReadonlyMap<string, string>;
  /** Check key → number of satisfied evaluations. */
  readonly satisfied: ReadonlyMap<string, number>;
  readonly pending: ReadonlySet<string>;
  /** Whether any span of the request came. */
  readonly traced: boolean;
}

export interface SeenError {
  readonly hashes: readonly string[];
  readonly title: string;
  readonly type: string;
  readonly top: StackFrame | null;
}

/** Name of what happened outside every request: workers, timers, start-up. */
export const ELSEWHERE = "";

/** Judges a replay, request by request. Pure: the clock is handed in. */
export function judge(evidence: Evidence, requests: readonly PlannedRequest[], context: JudgeContext, nowNs: bigint): ReadonlyMap<string, RequestJudgement> {
  const requestOf = new Map(requests.map((one) => [one.traceId, one.id]));
  const drafts = new Map<string, Draft>([ELSEWHERE, ...requests.map((one) => one.id)].map((id) => [id, draft(id, evidence)]));
  const of = (span: Span): Draft => drafts.get(requestOf.get(span.traceId) ?? ELSEWHERE) as Draft;
  for (const span of evidence.spans) {
    const into = of(span);
    into.traced = true;
    for (const error of errorsOf(span, context)) {
      if (!into.errors.some((known) => known.hashes[0] === error.hashes[0])) into.errors.push(error);
    }
  }
  for (const { check, compiled } of context.checks) {
    for (const verdict of compiled.evaluate(evidence.spans, nowNs)) {
      if (verdict.witness === null) continue;
      const into = of(verdict.witness);
      if (verdict.kind === "violated") into.violated.set(check.key, cleanLine(verdict.detail));
      else if (verdict.kind === "satisfied") into.satisfied.set(check.key, (into.satisfied.get(check.key) ?? 0) + 1);
      else if (verdict.kind === "pending") into.pending.add(check.key);
    }
  }
  return drafts;
}

/** Whether the finding shows in a judgement; null when not, else what was seen. */
export function shows(finding: Finding, judgement: RequestJudgement): string | null {
  if (finding.kind === "violation") return judgement.violated.get(finding.key) ?? null;
  const own = new Set([finding.key, ...hashesOf(finding)]);
  const hit = judgement.errors.find((error) => error.hashes.some((hash) => own.has(hash)));
  return hit === undefined ? null : hit.title;
}

/** The same error of the production record, hashed the same way as those of a replay. */
function hashesOf(finding: Finding): readonly string[] {
  if (finding.error === undefined) return [];
  const { type, message, frames } = finding.error;
  return groupError({ type, message, frames }).hashes.slice(0, 1);
}

interface Draft extends RequestJudgement {
  traced: boolean;
  readonly errors: SeenError[];
  readonly violated: Map<string, string>;
  readonly satisfied: Map<string, number>;
  readonly pending: Set<string>;
}

function draft(id: string, evidence: Evidence): Draft {
  const response = evidence.results.responses.find((one) => one.id === id && id !== ELSEWHERE);
  return { id, status: response?.status ?? 0, body: response?.body ?? "", errors: [], violated: new Map(), satisfied: new Map(), pending: new Set(), traced: false };
}

function errorsOf(span: Span, context: JudgeContext): SeenError[] {
  return span.events.filter((event) => event.name === "exception").map((event) => {
    const type = text(event.attributes["exception.type"]);
    const message = text(event.attributes["exception.message"]);
    const stack = text(event.attributes["exception.stacktrace"]);
    const frames = mapFrames(parseStack(stack, { type }), { paths: context.paths, inApp: context.inApp });
    const { hashes, title } = groupError({ type, message, frames });
    return { hashes, title: cleanLine(title), type, top: frames.find((frame) => frame.inApp && frame.path !== "") ?? null };
  });
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
