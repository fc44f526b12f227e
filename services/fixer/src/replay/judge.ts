import { groupError, mapFrames, parseStack, type Finding, type MapOptions, type StackFrame } from "@firstfix/incident";
import type { Attributes, Span } from "@firstfix/otlp";
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
  readonly own: readonly string[];
  /** How paths in stacks become paths in the repository, as the manifest says. */
  readonly frames: NonNullable<MapOptions["frames"]>;
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
    for (const event of span.events) if (event.name === "exception") addError(into, event.attributes, context);
  }
  for (const record of evidence.logs) {
    if (record.attributes["exception.type"] === undefined && record.attributes["exception.message"] === undefined) continue;
    addError(drafts.get(requestOf.get(record.traceId) ?? ELSEWHERE) as Draft, record.attributes, context);
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
  const hit = judgement.errors.find((error) => error.hashes.some((hash) => own.has(hash)) || sameOrigin(finding, error));
  return hit === undefined ? null : hit.title;
}

/**
 * The same type of error out of the same function, by whatever way it was called: in the sandbox the frames around the
 * application may differ. A fix that leaves this one behind has mended nothing.
 */
function sameOrigin(finding: Finding, error: SeenError): boolean {
  const top = finding.error?.frames.find((frame) => frame.inApp && frame.path !== "");
  return top !== undefined && error.top !== null && finding.error?.type === error.type && top.path === error.top.path && top.function !== "" && top.function === error.top.function;
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

/** The same error may come by both ways, and by several spans of one request: it is one. */
function addError(into: Draft, attributes: Attributes, context: JudgeContext): void {
  const type = text(attributes["exception.type"]);
  const message = text(attributes["exception.message"]);
  const frames = mapFrames(parseStack(text(attributes["exception.stacktrace"]), { type }), context);
  const { hashes, title } = groupError({ type, message, frames, fingerprint: text(attributes["firstfix.fingerprint"]).slice(0, 200) });
  if (into.errors.some((known) => known.hashes[0] === hashes[0])) return;
  into.errors.push({ hashes, title: cleanLine(title), type, top: frames.find((frame) => frame.inApp && frame.path !== "") ?? null });
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
