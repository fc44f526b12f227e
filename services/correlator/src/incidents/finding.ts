import { deploymentKey, titleOf, type DeploymentRef, type ErrorDetail, type Finding, type ViolationDetail, type Witness } from "@firstfix/incident";
import { CAPTURE_REQUEST, type Span } from "@firstfix/otlp";
import { describeCheck } from "@firstfix/spec";
import { inTraces, literal, readTrace, select } from "@firstfix/store";
import { deploymentsOf } from "../deployments/see.ts";
import { framesOf } from "../errors/frames.ts";
import type { Room } from "../room.ts";
import { byRevision, TABLES, where, type Seen } from "./seen.ts";

export interface Described {
  readonly deployment: DeploymentRef;
  readonly finding: Finding;
}

const OCCURRENCES_MAX = 50;

interface Occurrence {
  readonly trace_hex: string;
  readonly span_hex: string;
  readonly operation: string;
  readonly repository: string;
  readonly ms: number;
  readonly type?: string;
  readonly message?: string;
  readonly stacktrace?: string;
  readonly detail?: string;
  readonly spec_blob?: string;
}

/**
 * A finding as the journal will hold it, with the first deployment that shows it. The witness comes from that
 * deployment, so that its lines are lines of that revision; one whose request was captured is preferred, for only that
 * can be replayed. Null where the store has lost the occurrences or the requirement cannot be found any more.
 */
export async function describe(room: Room, seen: Seen, from?: string): Promise<Described | null> {
  const revisions = await byRevision(room, seen);
  const deployments = deploymentsOf(room.tail.state, seen);
  const order = (revision: string): number => deployments.find((one) => one.revision === revision)?.firstSeen ?? Number.MAX_SAFE_INTEGER;
  const bad = from === undefined ? revisions.toSorted((a, b) => order(a.revision) - order(b.revision))[0] : revisions.find((one) => one.revision === from);
  if (bad === undefined) return null;
  const occurrence = await pickWitness(room, seen, bad.revision);
  if (occurrence === undefined) return null;
  const ref = { service: seen.service, environment: seen.environment, revision: bad.revision };
  const deployment = room.tail.state.deployments.get(deploymentKey(ref)) ?? { ...ref, repository: occurrence.repository, firstSeen: bad.first };
  const witness = await witnessOf(room, seen, occurrence);
  const base = { key: seen.key, witness, count: revisions.reduce((sum, one) => sum + one.count, 0), firstSeen: bad.first };
  if (seen.kind === "error") {
    const error = await errorDetail(room, deployment, occurrence);
    return { deployment, finding: { ...base, kind: "error", title: titleOf(error.type, error.message), error } };
  }
  const violation = await violationDetail(room, deployment, seen.key, occurrence);
  return violation === null ? null : { deployment, finding: { ...base, kind: "violation", title: violation.requirementText || violation.requirementTitle || violation.checkName, violation } };
}

async function pickWitness(room: Room, seen: Seen, revision: string): Promise<Occurrence | undefined> {
  const columns = seen.kind === "error" ? "type, message, stacktrace" : "detail, spec_blob";
  const rows = await select<Occurrence>(
    room.store.background,
    `SELECT trace_hex, span_hex, operation, repository, toUnixTimestamp64Milli(toDateTime64(time, 3, 'UTC')) AS ms, ${columns}
     FROM ${TABLES[seen.kind].table} WHERE ${where(room, seen)} AND revision = ${literal(revision)} ORDER BY time LIMIT ${OCCURRENCES_MAX}`,
  );
  const traces = [...new Set(rows.map((row) => row.trace_hex).filter((trace) => trace !== ""))];
  if (traces.length === 0) return rows[0];
  const captured = await select<{ trace: string }>(
    room.store.background,
    `SELECT DISTINCT trace_hex AS trace FROM spans WHERE ${inTraces(traces)}
       AND service = ${literal(seen.service)} AND mapContains(attr_str, ${literal(CAPTURE_REQUEST)}) AND JSONExtractBool(attr_str[${literal(CAPTURE_REQUEST)}], 'truncated') = 0`,
  );
  const replayable = new Set(captured.map((row) => row.trace));
  return rows.find((row) => replayable.has(row.trace_hex)) ?? rows[0];
}

async function witnessOf(room: Room, seen: Seen, { trace_hex, span_hex, operation, ms }: Occurrence): Promise<Witness> {
  const spans = trace_hex === "" ? [] : await readTrace(room.store.background, trace_hex);
  return { traceId: trace_hex, spanId: span_hex, operation: entryOf(spans, span_hex, seen.service)?.name ?? operation, time: ms };
}

/** The service's entry that led to a span: rates count entries, and a replay starts there. */
export function entryOf(spans: readonly Span[], spanId: string, service: string): Span | undefined {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const visited = new Set<string>();
  for (let span = byId.get(spanId); span !== undefined && !visited.has(span.spanId); span = byId.get(span.parentSpanId)) {
    if (isEntry(span, service)) return span;
    visited.add(span.spanId);
  }
  return spans.find((span) => isEntry(span, service));
}

function isEntry(span: Span, service: string): boolean {
  return span.service === service && (span.kind === "server" || span.kind === "consumer" || span.parentSpanId === "");
}

async function errorDetail(room: Room, deployment: DeploymentRef, { type = "", message = "", stacktrace = "" }: Occurrence): Promise<ErrorDetail> {
  return { type, message, stacktrace, frames: await framesOf(room, deployment, { type, stacktrace }) };
}

async function violationDetail(room: Room, deployment: DeploymentRef, key: string, { detail = "", spec_blob = "" }: Occurrence): Promise<ViolationDetail | null> {
  const compiled = (await room.specs.of(deployment))?.checks.find((one) => one.check.key === key);
  if (compiled === undefined) return null;
  const { requirement, name } = compiled.check;
  return {
    checkName: name,
    requirementId: requirement.id,
    requirementTitle: requirement.title,
    requirementText: requirement.text,
    file: requirement.file,
    line: requirement.line,
    specBlob: spec_blob === "" ? requirement.blob : spec_blob,
    check: describeCheck(compiled.check),
    detail,
  };
}
