import { mapFile, type DeploymentRef, type Finding, type MapOptions } from "@firstfix/incident";
import type { Exposed, SpectrumElement } from "@firstfix/provenance";
import { inTraces, literal, select } from "@firstfix/store";
import { rateAt } from "../incidents/onset.ts";
import { at, TABLES, where } from "../incidents/seen.ts";
import { deploymentsOf } from "../deployments/see.ts";
import type { Room } from "../room.ts";

/** Traces compared, newest first, and what they ran through. The failing ones are few and each tells more. */
const FAILING_MAX = 200;
const PASSING_MAX = 1_000;
const ELEMENTS_MAX = 500;
/** Passing traces are looked for so long before and after the failing ones: older ones met other traffic. */
const AROUND_MS = 6 * 3_600_000;
/** Ids in one statement; a statement is one text, for parameters of a query would have to fit in an address. */
const IDS_PER_STATEMENT = 400;
const DEPLOYMENTS_MAX = 10;
/** Services of the traces whose rules are read; spans of others count by their names. */
const SERVICES_MAX = 20;

/**
 * How many failing and passing traces of the finding's operation at this deployment run through each span: the spectrum
 * from which the ranking takes Ochiai. A trace runs through several services, whose containers may look alike: each span's
 * file is mapped by the rules of its own (`filesOf`). Empty where nothing passed or nothing failed, for then nothing can be compared.
 */
export async function spectrumOf(room: Room, finding: Finding, deployment: DeploymentRef, filesOf: (service: string) => Promise<MapOptions>): Promise<SpectrumElement[]> {
  const failing = await failingTraces(room, finding, deployment);
  const passing = failing.length === 0 ? [] : await passingTraces(room, finding, deployment, failing);
  if (passing.length === 0) return [];
  const [fails, passes] = [await seenIn(room, failing), await seenIn(room, passing)];
  const keys = new Set([...fails.keys(), ...passes.keys()]);
  const seen = [...keys].map((key) => ({ key, ...((fails.get(key) ?? passes.get(key)) as Seen) }));
  const files = new Map<string, MapOptions>();
  for (const name of [...new Set([deployment.service, ...seen.map(({ service }) => service)])].slice(0, SERVICES_MAX)) files.set(name, await filesOf(name));
  const elements = seen.map(({ key, service, file, fn, operation }): SpectrumElement => {
    const [ef, ep] = [fails.get(key)?.traces ?? 0, passes.get(key)?.traces ?? 0];
    return { path: pathOf(file, files.get(service)), function: fn, operation, ef, ep, nf: Math.max(0, failing.length - ef), np: Math.max(0, passing.length - ep) };
  });
  return elements.filter(({ ef }) => ef > 0).sort((a, b) => b.ef - a.ef || a.ep - b.ep).slice(0, ELEMENTS_MAX);
}

/** Deployments from the last good one to the bad one with how often the finding occurred, oldest first. */
export async function exposureBetween(room: Room, finding: Finding, good: DeploymentRef | null, bad: DeploymentRef): Promise<Exposed[]> {
  if (good === null) return [];
  const between = deploymentsOf(room.tail.state, bad).filter((one) => one.firstSeen >= good.firstSeen && one.firstSeen <= bad.firstSeen && one.repository === bad.repository);
  const found: Exposed[] = [];
  for (const one of between.slice(-DEPLOYMENTS_MAX)) found.push({ revision: one.revision, ...(await rateAt(room, finding, one)) });
  return found;
}

interface Trace {
  readonly id: string;
  readonly time: number;
}

async function failingTraces(room: Room, { kind, key }: Finding, { service, environment, revision }: DeploymentRef): Promise<Trace[]> {
  return select<Trace>(
    room.store.background,
    `SELECT trace_hex AS id, toUnixTimestamp64Milli(toDateTime64(max(time), 3, 'UTC')) AS time FROM ${TABLES[kind].table}
     WHERE ${where(room, { kind, key, service, environment })} AND revision = ${literal(revision)} AND trace_hex != ''
     GROUP BY id ORDER BY time DESC, id LIMIT ${FAILING_MAX}`,
  );
}

/** Traces in which the operation of the finding went well: no error in the span, and the finding not in the trace. */
async function passingTraces(room: Room, { kind, key, witness }: Finding, { service, environment, revision }: DeploymentRef, failing: readonly Trace[]): Promise<Trace[]> {
  const times = failing.map((trace) => trace.time);
  return select<Trace>(
    room.store.background,
    `SELECT lower(hex(trace_id)) AS id, toUnixTimestamp64Milli(toDateTime64(max(start_time), 3, 'UTC')) AS time FROM spans
     WHERE service = ${literal(service)} AND environment = ${literal(environment)} AND revision = ${literal(revision)} AND name = ${literal(witness.operation)}
       AND start_time >= ${at(Math.min(...times) - AROUND_MS)} AND start_time <= ${at(Math.max(...times) + AROUND_MS)}
       AND trace_id NOT IN (SELECT toFixedString(unhex(substring(trace_hex, 1, 32)), 16) FROM ${TABLES[kind].table} WHERE ${where(room, { kind, key, service, environment })} AND match(trace_hex, '^[0-9a-f]{32}$'))
     GROUP BY trace_id HAVING ${kind === "error" ? "countIf(status_code = 'error') = 0" : "1"} ORDER BY time DESC, id LIMIT ${PASSING_MAX}`,
  );
}

interface Seen {
  readonly service: string;
  readonly operation: string;
  readonly file: string;
  readonly fn: string;
  readonly traces: number;
}

/** In how many of the traces each span was seen, by service, name and place in the code. */
async function seenIn(room: Room, traces: readonly Trace[]): Promise<Map<string, Seen>> {
  const found = new Map<string, Seen>();
  for (let from = 0; from < traces.length; from += IDS_PER_STATEMENT) {
    const ids = traces.slice(from, from + IDS_PER_STATEMENT).map((trace) => trace.id);
    const rows = await select<Seen>(
      room.store.background,
      `SELECT service, name AS operation, substring(code_file, 1, 1000) AS file, substring(code_function, 1, 300) AS fn, toUInt32(uniqExact(trace_id)) AS traces
       FROM spans WHERE ${inTraces(ids)} GROUP BY service, operation, file, fn ORDER BY traces DESC LIMIT ${ELEMENTS_MAX}`,
    );
    for (const row of rows) {
      const key = [row.service, row.operation, row.file, row.fn].join("\0");
      found.set(key, { ...row, traces: row.traces + (found.get(key)?.traces ?? 0) });
    }
  }
  return found;
}

/** What is not the application's own has no place: its name alone is compared. */
function pathOf(file: string, files: MapOptions | undefined): string {
  if (file === "" || files === undefined) return "";
  const { path, inApp } = mapFile(file, files);
  return inApp ? path : "";
}
