import { significantlyMore, type DeploymentRef, type Finding, type JournalState, type Rate } from "@firstfix/incident";
import { literal, select } from "@firstfix/store";
import type { CompiledCheck } from "@firstfix/spec";
import { deploymentsOf } from "../deployments/see.ts";
import { rateAt } from "../incidents/onset.ts";
import { byRevision } from "../incidents/seen.ts";
import type { Room } from "../room.ts";

/** Deployments looked at, backwards from the bad one. */
const BACK_MAX = 20;

/**
 * The latest deployment before the bad one that ran long enough without the finding, or with it so much more rarely that
 * the bad one must have brought the surge. One that exercised what the
 * finding concerns (entries of the operation, evaluations of the check) is better evidence than one that only ran, so
 * the latter counts only where there is none of the former. Null: no good deployment is known.
 */
export async function lastGood(room: Room, bad: DeploymentRef, finding: Finding, check: CompiledCheck | null): Promise<DeploymentRef | null> {
  const before = earlier(room.tail.state, bad);
  if (before.length === 0) return null;
  const seen = await byRevision(room, { kind: finding.kind, key: finding.key, service: bad.service, environment: bad.environment });
  const surge = await rateAt(room, finding, bad);
  const exposures = await exposureOf(room, bad, finding.witness.operation);
  let ran: DeploymentRef | null = null;
  for (const one of before) {
    const exposure = exposures.get(one.revision);
    if (exposure === undefined || exposure.spans < room.config.correlator.goodExposureSpansMin) continue;
    const failed = seen.some((at) => at.revision === one.revision);
    const rate = check !== null ? await backtest(room, one, check) : failed ? await rateAt(room, finding, one) : { failures: 0, trials: exposure.entries };
    if ((failed || rate.failures > 0) && !significantlyMore(surge, rate)) continue;
    if (rate.trials > 0) return one;
    ran ??= one;
  }
  return ran;
}

function earlier(state: JournalState, bad: DeploymentRef): DeploymentRef[] {
  return deploymentsOf(state, bad).filter((one) => one.firstSeen < bad.firstSeen && one.revision !== bad.revision && one.repository === bad.repository).reverse().slice(0, BACK_MAX);
}

async function exposureOf(room: Room, { service, environment }: DeploymentRef, operation: string): Promise<Map<string, { spans: number; entries: number }>> {
  const rows = await select<{ revision: string; spans: number; entries: number }>(
    room.store.background,
    `SELECT revision, sum(spans) AS spans, sumIf(entries, operation = ${literal(operation)}) AS entries FROM exposure
     WHERE service = ${literal(service)} AND environment = ${literal(environment)} GROUP BY revision`,
  );
  return new Map(rows.map((row) => [row.revision, row]));
}

/** The check on all spans of an older deployment: its binding may be younger than that, so nothing was counted then. */
async function backtest(room: Room, { service, environment, revision }: DeploymentRef, check: CompiledCheck): Promise<Rate> {
  const where = `service = ${literal(service)} AND environment = ${literal(environment)} AND revision = ${literal(revision)}`;
  const [row] = await select<{ satisfied: number; violated: number }>(
    room.store.background,
    `SELECT toUInt32(countIf(toString(verdict) = 'satisfied')) AS satisfied, toUInt32(countIf(toString(verdict) = 'violated')) AS violated FROM (${check.sql.evaluations({ where })})`,
  );
  const failures = row?.violated ?? 0;
  return { failures, trials: failures + (row?.satisfied ?? 0) };
}
