import { literal, select } from "@firstfix/store";
import type { CompiledCheck } from "@firstfix/spec";
import type { Room } from "../room.ts";
import type { Running, ServiceSpecs } from "./specs.ts";

/** A check to be judged on the spans that a service sent, at one revision, in some batches. */
export interface Job {
  readonly batches: readonly string[];
  readonly specs: ServiceSpecs;
  readonly check: CompiledCheck;
}

const NAMES_MAX = 500;

interface Row extends Running {
  readonly batches: readonly string[];
  readonly names: readonly string[];
}

/** The checks that batches call for: of every service and revision in them, those that their spans' names allow. */
export async function jobsOf(room: Room, batches: readonly string[]): Promise<{ readonly invariants: Job[]; readonly temporal: Job[] }> {
  const rows = await select<Row>(
    room.store.background,
    `SELECT service, repository, revision, groupUniqArray(toString(batch_id)) AS batches, groupUniqArray(${NAMES_MAX})(toString(name)) AS names
     FROM spans WHERE batch_id IN ${literal(batches.map(BigInt))} AND revision != '' GROUP BY service, repository, revision ORDER BY service, revision, repository`,
  );
  const invariants: Job[] = [];
  const temporal: Job[] = [];
  for (const row of rows) {
    const specs = await room.specs.of(row);
    if (specs === null) continue;
    const names = row.names.length < NAMES_MAX ? new Set(row.names) : null;
    for (const check of specs.checks) {
      const needed = neededName(check.check.form.when);
      if (needed !== null && names !== null && !names.has(needed)) continue;
      (check.check.form.kind === "invariant" ? invariants : temporal).push({ batches: row.batches.toSorted(), specs, check });
    }
  }
  return { invariants, temporal };
}

/**
 * The span name without which a `when` cannot hold, where it is a plain conjunction that says so; null otherwise. The
 * engine takes as long to understand a check as to run it, so those that cannot apply are worth leaving out.
 */
export function neededName(when: string): string | null {
  if (/\|\||\?/.test(when)) return null;
  for (const part of when.split("&&")) {
    const match = /^\s*span\.name\s*==\s*"([^"\\]*)"\s*$/.exec(part);
    if (match !== null) return match[1] ?? null;
  }
  return null;
}
