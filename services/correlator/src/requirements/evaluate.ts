import { messageOf, stableId } from "@firstfix/kit";
import { insertRows, literal, select } from "@firstfix/store";
import type { Room } from "../room.ts";
import type { Job } from "./running.ts";

export interface Judged {
  readonly violations: number;
  /** Jobs that have triggers whose deadline has not passed, with the batches that hold them. */
  readonly pending: readonly Job[];
}

const JOBS_PER_STATEMENT = 24;
/** The engine reads no statement above 256 KiB. */
const STATEMENT_CHARS_MAX = 150_000;
/** Violations kept with their witnesses, per job, batch and minute; all of them are counted. */
const WITNESSES_MAX = 1_000;

/**
 * Judges checks on the spans of batches and records counts and violations. Rows are keyed by batch, so doing it again
 * writes the same rows.
 */
export async function judge(room: Room, jobs: readonly Job[], nowNs: bigint): Promise<Judged> {
  let violations = 0;
  const pending: Job[] = [];
  for (const some of packed(jobs, nowNs)) {
    const rows = await run(room, some, nowNs);
    const found = rows.flatMap((row) => violationsOf(row, some[row.job]));
    await insertRows(room.store.background, "violations", found);
    await insertRows(room.store.background, "check_exposure", rows.filter((row) => row.evaluated + row.inconclusive > 0).map((row) => exposureOf(row, some[row.job])));
    violations += found.length;
    for (const [i, job] of some.entries()) {
      const batches = [...new Set(rows.filter((row) => row.job === i && row.pending > 0).map((row) => row.batch))];
      if (batches.length > 0) pending.push({ ...job, batches });
    }
  }
  return { violations, pending };
}

/**
 * The jobs of eventually-checks, less the batches that hold no trigger. Such a check is not counted before all triggers
 * of its batch are due: those that were answered would count earlier than those that were not, and make every fix look
 * as if it held.
 */
export async function withTriggers(room: Room, jobs: readonly Job[], nowNs: bigint): Promise<Job[]> {
  const found: Job[] = [];
  for (const some of packed(jobs, nowNs)) {
    const rows = await run(room, some.map((job) => ({ ...job, check: job.specs.triggers.get(job.check.check.key) ?? job.check })), nowNs);
    for (const [i, job] of some.entries()) {
      const batches = [...new Set(rows.filter((row) => row.job === i).map((row) => row.batch))];
      if (batches.length > 0) found.push({ ...job, batches });
    }
  }
  return found;
}

/** Jobs by statement. */
function packed(jobs: readonly Job[], nowNs: bigint): Job[][] {
  const packs: Job[][] = [];
  let chars = Infinity;
  for (const job of jobs) {
    const length = statement(job, 0, nowNs).length;
    if (chars + length > STATEMENT_CHARS_MAX || (packs.at(-1)?.length ?? 0) >= JOBS_PER_STATEMENT) {
      packs.push([]);
      chars = 0;
    }
    packs.at(-1)?.push(job);
    chars += length;
  }
  return packs;
}

/** One statement for many jobs; where the engine refuses it, each by itself, so that one bad check harms no other. */
async function run(room: Room, jobs: readonly Job[], nowNs: bigint): Promise<Row[]> {
  const rowsOf = (some: readonly [Job, number][]): Promise<Row[]> => select<Row>(room.store.background, some.map(([job, i]) => statement(job, i, nowNs)).join("\nUNION ALL\n"));
  const numbered = jobs.map((job, i): [Job, number] => [job, i]);
  try {
    return await rowsOf(numbered);
  } catch (error) {
    if (jobs.length === 1 && !/DB::Exception|Code: \d+/.test(messageOf(error))) throw error;
    const rows: Row[] = [];
    for (const one of numbered) {
      try {
        rows.push(...(await rowsOf([one])));
      } catch (cause) {
        if (!/DB::Exception|Code: \d+/.test(messageOf(cause))) throw cause;
        room.log.error({ check: one[0].check.check.name, batches: one[0].batches, error: messageOf(cause) }, "the engine refuses a check; the batch goes on without it");
      }
    }
    return rows;
  }
}

interface Row {
  readonly job: number;
  readonly batch: string;
  readonly minute: string;
  readonly environment: string;
  readonly evaluated: number;
  readonly violated: number;
  readonly inconclusive: number;
  readonly pending: number;
  readonly found: readonly (readonly [trace: string, span: string, time: string, name: string, subject: string, detail: string])[];
}

/** The evaluations do not say in which batch a span came: the spans of the batches are joined to them. */
function statement({ batches, specs, check }: Job, index: number, nowNs: bigint): string {
  const { service, repository, revision } = specs.running;
  const where = `batch_id IN ${literal(batches.map(BigInt))} AND service = ${literal(service)} AND repository = ${literal(repository)} AND revision = ${literal(revision)}`;
  return `SELECT toUInt32(${index}) AS job, batch, toString(toStartOfMinute(toDateTime(start_time, 'UTC'))) AS minute, toString(environment) AS environment,
    toUInt32(countIf(verdict IN ('satisfied', 'violated'))) AS evaluated, toUInt32(countIf(verdict = 'violated')) AS violated,
    toUInt32(countIf(verdict = 'inconclusive')) AS inconclusive, toUInt32(countIf(verdict = 'pending')) AS pending,
    groupArrayIf(${WITNESSES_MAX})([trace_hex, span_hex, toString(start_time), toString(name), toString(subject), toString(detail)], verdict = 'violated') AS found
    FROM (${check.sql.evaluations({ where, nowNs })}) AS evaluated_spans
    INNER JOIN (SELECT trace_hex AS in_trace, span_hex AS in_span, toString(min(batch_id)) AS batch FROM spans WHERE ${where} GROUP BY in_trace, in_span) AS batch_spans
    ON trace_hex = in_trace AND span_hex = in_span
    GROUP BY batch, minute, environment`;
}

function violationsOf(row: Row, job: Job | undefined): object[] {
  if (job === undefined) return [];
  const { check } = job.check;
  const { service, repository, revision } = job.specs.running;
  return row.found.map(([trace_hex, span_hex, time, operation, subject, detail]) => ({
    violation_id: stableId("vio", check.key, trace_hex, span_hex),
    check_key: check.key,
    spec_blob: check.requirement.blob,
    time,
    trace_hex,
    span_hex,
    service,
    environment: row.environment,
    revision,
    repository,
    operation,
    subject,
    detail,
  }));
}

function exposureOf(row: Row, job: Job | undefined): object {
  return { batch_id: BigInt(row.batch), minute: row.minute, check_key: job?.check.check.key ?? "", service: job?.specs.running.service ?? "", environment: row.environment, revision: job?.specs.running.revision ?? "", evaluated: row.evaluated, violated: row.violated, inconclusive: row.inconclusive };
}
