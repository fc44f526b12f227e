import type { Span } from "@firstfix/otlp";
import { compileEvaluate, textOf, type Evaluate } from "../cel/evaluate.ts";
import { EVENTUALLY_GRACE_MS, SPEC_LIMITS } from "../limits.ts";
import type { Check, Verdict, VerdictKind } from "../types.ts";
import { detailOf } from "./detail.ts";
import type { Program } from "./program.ts";

export type EvaluateCheck = (spans: readonly Span[], nowNs: bigint) => Verdict[];

/**
 * Judges spans in JavaScript: one verdict per span that the check applies to, or cannot be applied to for want of an
 * attribute; one vacuous verdict where there is none. `when` concerns the check's own service only; the partner of an
 * `eventually` may come from any service.
 */
export function compileEvaluateCheck(check: Check, program: Program): EvaluateCheck {
  const judge = program.kind === "invariant" ? judgeInvariant(check, program) : judgeEventually(check, program);
  return (spans, nowNs) => {
    const verdicts = judge(spans, nowNs);
    return verdicts.length > 0 ? verdicts : [{ kind: "vacuous", checkKey: check.key, witness: null, subject: "", detail: "" }];
  };
}

type Form<K extends Program["kind"]> = Extract<Program, { readonly kind: K }>;

function judgeInvariant(check: Check, program: Form<"invariant">): EvaluateCheck {
  const when = compileEvaluate(program.when);
  const require = compileEvaluate(program.require);
  return (spans) =>
    spans.flatMap((span): Verdict[] => {
      const applies = ownSpan(check, span) ? truth(when, span) : false;
      if (applies === false) return [];
      const holds = applies === true ? truth(require, span) : undefined;
      const kind = holds === undefined ? "inconclusive" : holds ? "satisfied" : "violated";
      return [{ kind, checkKey: check.key, witness: span, subject: span.traceId, detail: detailOf(span, program.seen) }];
    });
}

interface Partner {
  readonly startTimeNs: bigint;
  readonly certain: boolean;
}

function judgeEventually(check: Check, program: Form<"eventually">): EvaluateCheck {
  const when = compileEvaluate(program.when);
  const eventually = compileEvaluate(program.eventually);
  const key = program.key === null ? null : compileEvaluate(program.key);
  return (spans, nowNs) => {
    const partners = Map.groupBy(
      spans.flatMap((span) => {
        const holds = truth(eventually, span);
        const join = joinOf(span, key);
        return holds === false || join === null ? [] : [{ join: join.id, startTimeNs: span.startTimeNs, certain: holds === true }];
      }),
      (partner) => partner.join,
    );
    return spans.flatMap((span): Verdict[] => {
      const applies = ownSpan(check, span) ? truth(when, span) : false;
      if (applies === false) return [];
      const join = applies === true ? joinOf(span, key) : null;
      const kind = join === null ? "inconclusive" : judgeTrigger(span, partners.get(join.id) ?? [], program.withinNs, nowNs);
      return [{ kind, checkKey: check.key, witness: span, subject: join?.subject ?? subjectOf(span, key), detail: detailOf(span, program.seen) }];
    });
  };
}

function judgeTrigger(trigger: Span, partners: readonly Partner[], withinNs: bigint, nowNs: bigint): VerdictKind {
  const duration = trigger.durationNs < SPEC_LIMITS.spanDurationNs ? trigger.durationNs : SPEC_LIMITS.spanDurationNs;
  const deadline = trigger.startTimeNs + duration + withinNs;
  const inTime = partners.filter((partner) => partner.startTimeNs >= trigger.startTimeNs && partner.startTimeNs <= deadline);
  if (inTime.some((partner) => partner.certain)) return "satisfied";
  if (nowNs < deadline + BigInt(EVENTUALLY_GRACE_MS) * 1_000_000n) return "pending";
  return inTime.length > 0 ? "inconclusive" : "violated";
}

/** Spans join by trace, or by key within one environment: order 7 of staging is not order 7 of production. */
function joinOf(span: Span, key: Evaluate | null): { readonly id: string; readonly subject: string } | null {
  if (key === null) return { id: span.traceId, subject: span.traceId };
  const value = key(span);
  return value === undefined ? null : { id: `${span.environment.length}:${span.environment}${textOf(value)}`, subject: textOf(value) };
}

function subjectOf(span: Span, key: Evaluate | null): string {
  const value = key?.(span);
  return key === null ? span.traceId : value === undefined ? "" : textOf(value);
}

function ownSpan(check: Check, span: Span): boolean {
  return check.service === "" || span.service === check.service;
}

function truth(evaluate: Evaluate, span: Span): boolean | undefined {
  const value = evaluate(span);
  return typeof value === "boolean" ? value : undefined;
}
