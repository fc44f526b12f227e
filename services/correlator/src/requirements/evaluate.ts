import { messageOf, stableId } from "@firstfix/kit";
import { insertRows, literal, select } from "@firstfix/store";
import type { CompiledCheck } from "@firstfix/spec";
import type { Room } from "../room.ts";
import type { Running, ServiceSpecs } from "./specs.ts";

/** A check to be judged on the spans of one batch. */
export interface Job {
  readonly batch: string;
  readonly specs: ServiceSpecs;
  readonly check: CompiledCheck;
}

export interface Judged {
  readonly violations: number;
  /** Jobs that have triggers whose deadline has not passed. */
  readonly pending: readonly Job[];
}

const JOBS_PER_STATEMENT = 24;
/** Violations kept with their witnesses, per job and minute; all of them are counted. */
const WITNESSES_MAX = 1_000;

/** Which services ran at which revisions in a batch. */
export async function runningIn(room: Room, batches: readonly string[]): Promise<Map<string, Running[]>> {
  const rows = await select<Running & { batch: string }>(
    room.store.background,
    `SELECT DISTINCT toString(batch_id) AS batch, service, repository, revision FROM spans WHERE batch_id IN ${literal(batches.map(BigInt))} AND revision != '' ORDER BY batch, service, revision`,
  );
  return Map.groupBy(rows, (row) => row.batch);
}

/**
 * Judges checks on the spans of batches and records counts and violations. Rows are keyed by batch, so doing it again
 * writes the same rows.
 */
export async function judge(room: Room, jobs: readonly Job[], nowNs: bigint): Promise<Judged> {
  let violations = 0;
  const pending = new Set<Job>();
  for (let from = 0; from < jobs.length; from += JOBS_PER_STATEMENT) {
    const some = jobs.slice(from, from + JOBS_PER_STATEMENT);
    const rows = await run(room, some, nowNs);
    const found = rows.flatMap((row) => violationsOf(row, some[row.job]));
    await insertRows(room.store.background, "violations", found);
    await insertRows(room.store.background, "check_exposure", rows.filter((row) => row.evaluated + row.inconclusive > 0).map((row) => exposureOf(row, some[row.job])));
    violations += found.length;
    for (const row of rows) if (row.pending > 0 && some[row.job] !== undefined) pending.add(some[row.job] as Job);
  }
  return { violations, pending: [...pending] };
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
        room.log.error({ check: one[0].check.check.name, batch: one[0].batch, error: messageOf(cause) }, "the engine refuses a check; the batch goes on without it");
      }
    }
    return rows;
  }
}

/**
 * Which of the jobs have anything to judge. An eventually-check is not counted before all triggers of its batch are due:
 * those that were answered would count earlier than those that were not, and make every fix look as if it held.
 */
export async function withTriggers(room: Room, jobs: readonly Job[], nowNs: bigint): Promise<Job[]> {
  const found: Job[] = [];
  for (let from = 0; from < jobs.length; from += JOBS_PER_STATEMENT) {
    const some = jobs.slice(from, from + JOBS_PER_STATEMENT);
    const rows = new Set((await run(room, some, nowNs)).map((row) => row.job));
    found.push(...some.filter((_, i) => rows.has(i)));
  }
  return found;
}

interface Row {
  readonly job: number;
  readonly minute: string;
  readonly environment: string;
  readonly evaluated: number;
  readonly violated: number;
  readonly inconclusive: number;
  readonly pending: number;
  readonly found: readonly (readonly [trace: string, span: string, time: string, name: string, subject: string, detail: string])[];
}

function statement({ batch, specs, check }: Job, index: number, nowNs: bigint): string {
  const { service, repository, revision } = specs.running;
  const where = `batch_id = ${literal(BigInt(batch))} AND service = ${literal(service)} AND repository = ${literal(repository)} AND revision = ${literal(revision)}`;
  return `SELECT toUInt32(${index}) AS job, toString(toStartOfMinute(toDateTime(start_time, 'UTC'))) AS minute, toString(environment) AS environment,
    toUInt32(countIf(toString(verdict) IN ('satisfied', 'violated'))) AS evaluated, toUInt32(countIf(toString(verdict) = 'violated')) AS violated,
    toUInt32(countIf(toString(verdict) = 'inconclusive')) AS inconclusive, toUInt32(countIf(toString(verdict) = 'pending')) AS pending,
    groupArrayIf(${WITNESSES_MAX})([toString(trace_hex), toString(span_hex), toString(start_time), toString(name), toString(subject), toString(detail)], toString(verdict) = 'violated') AS found
    FROM (${check.sql.evaluations({ where, nowNs })}) GROUP BY minute, environment`;
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
  return { batch_id: BigInt(job?.batch ?? 0), minute: row.minute, check_key: job?.check.check.key ?? "", service: job?.specs.running.service ?? "", environment: row.environment, revision: job?.specs.running.revision ?? "", evaluated: row.evaluated, violated: row.violated, inconclusive: row.inconclusive };
}
