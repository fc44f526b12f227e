import { EMPTY_STATE, fold, type Finding, type IncidentEvent, type JournalState, type Recorded, type SuspectRecord } from "@firstfix/incident";
import { insertRows, type Store } from "@firstfix/store";

/** Raw rows of a made-up history, as they are in the tables. Times are milliseconds. */
export interface World {
  readonly changes: readonly RawChange[];
  readonly arrivals: readonly RawArrival[];
  readonly deployments: readonly { service: string; environment: string; revision: string; repository: string; first_seen: number }[];
  readonly exposure: readonly { minute: number; service: string; environment: string; revision: string; operation: string; entries: number; spans: number; errors: number }[];
  readonly checks: readonly { batch_id: number; minute: number; check_key: string; service: string; environment: string; revision: string; evaluated: number; violated: number }[];
  readonly backfills: readonly { repository: string; revision: string; what: string; total: number; done: number; at: number }[];
  readonly shares: readonly { repository: string; revision: string; path: string; authorship: string; agent: string; model: string; teams: string[]; lines: number }[];
  readonly incidents: readonly RawIncident[];
  readonly now: number;
}

export interface RawChange {
  repository: string;
  commit: string;
  committed_at: number;
  merge: boolean;
  authorship: string;
  agent: string;
  model: string;
  lines_added: number;
  lines_deleted: number;
  lines: { authorship: string; agent: string; model: string; count: number }[];
  teams: string[];
}

export interface RawArrival {
  repository: string;
  service: string;
  environment: string;
  revision: string;
  commit: string;
  deployed_at: number;
  bound: boolean;
}

/** One time that an incident was open. Several of one id, one after the other: it was closed, and came back with a later deployment. */
export interface RawIncident {
  readonly id: string;
  readonly repository: string;
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  readonly openedAt: number;
  readonly closedAt: number | null;
  /** Blamed commit; "" where the ranking abstained, null where there was none. */
  readonly blames: string | null;
  readonly by: { readonly authorship: "ai" | "human" | "mixed" | "unknown"; readonly agent: string; readonly model: string };
  readonly cycles: readonly { readonly service: string; readonly environment: string; readonly revision: string }[];
  /** Another revision was named first, wrongly. */
  readonly movedFrom?: string;
}

export const DAY = 86_400_000;
const REPOSITORIES = ["https://git.example/shop", "https://git.example/pay"] as const;
const WRITERS = [
  { authorship: "ai", agent: "Claude Code", model: "opus" },
  { authorship: "ai", agent: "Copilot", model: "" },
  { authorship: "ai", agent: "Cursor", model: "opus" },
  { authorship: "human", agent: "", model: "" },
  { authorship: "mixed", agent: "Claude Code", model: "opus" },
  { authorship: "unknown", agent: "", model: "" },
] as const;

/** The same numbers for the same seed. */
export function dice(seed: number): { readonly int: (max: number) => number; readonly one: <T>(from: readonly T[]) => T; readonly chance: (share: number) => boolean } {
  let state = (seed * 2_654_435_761) >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  return { int: (max) => Math.floor(next() * max), one: (from) => from[Math.floor(next() * from.length)] as (typeof from)[number], chance: (share) => next() < share };
}

/** A history of about `size` commits over 60 days: merges, several services, unknown commits, replaced rows. */
export function makeWorld(seed: number, size: number, now: number): World {
  const { int, one, chance } = dice(seed);
  const hex = (): string => Array.from({ length: 40 }, () => "0123456789abcdef"[int(16)]).join("");
  const changes = Array.from({ length: size }, (): RawChange => {
    const writer = one(WRITERS);
    const lines = chance(0.7) ? [{ ...writer, count: int(120) }] : [one(WRITERS), one(WRITERS)].map((who) => ({ ...who, count: int(80) }));
    // Now and then lines that nobody is named for.
    const lines_added = lines.reduce((sum, part) => sum + part.count, 0) + (chance(0.2) ? int(30) : 0);
    return { repository: one(REPOSITORIES), commit: hex(), committed_at: now - int(60 * DAY), merge: chance(0.1), ...writer, lines_added, lines_deleted: chance(0.5) ? int(200) : 0, lines, teams: ["@shop/core", "@shop/pay"].filter(() => chance(0.4)) };
  });
  const deployments = Array.from({ length: Math.ceil(size / 4) }, () => ({ service: one(["cart", "checkout", "mail"]), environment: one(["production", "staging"]), revision: hex(), repository: `${one(REPOSITORIES)}${chance(0.5) ? ".git" : ""}`, first_seen: now - int(60 * DAY) }));
  const arrivals = new Map<string, RawArrival>();
  for (const at of deployments) {
    const repository = at.repository.replace(/\.git$/, "");
    for (let i = int(8); i > 0; i -= 1) {
      const change = one(changes.filter((one) => one.repository === repository));
      // Some commits have no row of facts.
      const commit = chance(0.05) ? hex() : change.commit;
      arrivals.set(`${at.revision} ${commit}`, { repository, service: at.service, environment: at.environment, revision: at.revision, commit, deployed_at: at.first_seen, bound: chance(0.3) });
    }
  }
  const exposure = deployments.flatMap((at) => Array.from({ length: int(6) }, () => ({ minute: Math.floor((at.first_seen + int(DAY)) / 60_000) * 60_000, service: at.service, environment: at.environment, revision: at.revision, operation: one(["GET /", "POST /pay"]), entries: int(500), spans: 500 + int(5_000), errors: int(40) })));
  const checks = deployments.flatMap((at) => Array.from({ length: int(4) }, () => ({ batch_id: int(1e9), minute: Math.floor((at.first_seen + int(DAY)) / 60_000) * 60_000, check_key: one(["k1", "k2"]), service: at.service, environment: at.environment, revision: at.revision, evaluated: 100 + int(900), violated: int(20) })));
  const backfills = REPOSITORIES.flatMap((repository) => [
    { repository, revision: "old", what: "lines", total: 9, done: 9, at: now - 9 * DAY },
    { repository, revision: "new", what: "lines", total: 9, done: 9, at: now - 5 * DAY },
    { repository, revision: "unfinished", what: "lines", total: 9, done: 4, at: now - DAY },
    { repository, revision: "newest", what: "changes", total: 9, done: 9, at: now },
  ]);
  const shares = REPOSITORIES.flatMap((repository) => ["old", "new", "unfinished"].flatMap((revision) => Array.from({ length: 25 }, (_, i) => ({ repository, revision, path: `src/${i}.ts`, ...one(WRITERS), teams: chance(0.5) ? ["@shop/core"] : [], lines: int(400) }))));
  return { changes, arrivals: [...arrivals.values()], deployments, exposure, checks, backfills, shares, incidents: makeIncidents(seed + 1, size, now, deployments, changes), now };
}

function makeIncidents(seed: number, size: number, now: number, deployments: World["deployments"], changes: readonly RawChange[]): RawIncident[] {
  const { int, one, chance } = dice(seed);
  const opened = (id: string, at: World["deployments"][number]): RawIncident => {
    const repository = at.repository.replace(/\.git$/, "");
    const guilty = one(changes.filter((change) => change.repository === repository && !change.merge));
    const blames = chance(0.15) ? null : chance(0.15) ? "" : chance(0.05) ? (repository.endsWith("shop") ? "f" : "d").repeat(40) : guilty.commit;
    const openedAt = Math.min(now - 1, at.first_seen + int(DAY));
    const cycles = Array.from({ length: int(6) }, () => one(deployments)).map(({ service, environment, revision }) => ({ service, environment, revision }));
    return { id, repository: at.repository, service: at.service, environment: at.environment, revision: at.revision, openedAt, closedAt: chance(0.7) ? Math.min(now, openedAt + int(3 * DAY)) : null, blames, by: { authorship: guilty.authorship as "ai", agent: guilty.agent, model: guilty.model }, cycles, ...(chance(0.2) ? { movedFrom: one(deployments).revision } : {}) };
  };
  return Array.from({ length: Math.ceil(size / 3) }).flatMap((_, i): RawIncident[] => {
    const times = [opened(`inc_${i}`, one(deployments))];
    for (let last = times.at(-1); last !== undefined && last.closedAt !== null && times.length < 4; last = times.at(-1)) {
      const { service, environment, closedAt, id } = last;
      const later = deployments.filter((at) => at.service === service && at.environment === environment && at.first_seen > closedAt);
      if (later.length === 0 || chance(0.5)) break;
      const next = opened(id, one(later));
      // The same commit may be blamed again.
      times.push({ ...next, ...(chance(0.3) && last.blames !== null && next.repository === last.repository ? { blames: last.blames, by: last.by } : {}) });
    }
    return times;
  });
}

/** The journal that tells of the incidents. */
export function stateOf(world: World): JournalState {
  const recorded: Recorded[] = [];
  const tell = (at: number, event: IncidentEvent): void => {
    recorded.push({ entryId: `jrn_${String(recorded.length).padStart(8, "0")}`, at, actor: "correlator", event });
  };
  const redeploys = new Map<string, number>();
  for (const { id: incidentId, openedAt, closedAt, blames, by, cycles, movedFrom, ...place } of world.incidents) {
    const deployment = { service: place.service, environment: place.environment, revision: place.revision, repository: place.repository, firstSeen: openedAt };
    const before = redeploys.get(incidentId);
    const finding: Finding = { kind: "error", key: incidentId, title: `It broke ${incidentId}`, witness: { traceId: "", spanId: "", operation: "", time: openedAt }, count: 1, firstSeen: openedAt };
    const first = movedFrom === undefined ? deployment : { ...deployment, revision: movedFrom };
    tell(openedAt, before === undefined ? { kind: "incident.opened", incidentId, deployment: first, finding } : { kind: "incident.reopened", incidentId, says: "it came back", deployment: first });
    if (movedFrom !== undefined) tell(openedAt, { kind: "incident.onset-moved", incidentId, deployment, finding, says: "the surge came with another" });
    if (blames !== null) tell(openedAt, { kind: "suspects.ranked", incidentId, ranking: { good: null, bad: place.revision, candidates: 3, abstained: blames === "" ? "too close" : null, suspects: [suspect(blames === "" ? "e".repeat(40) : blames, by, openedAt)] } });
    cycles.forEach((cycle, i) => {
      // A cycle that fails opens nothing new.
      if (i > 0) tell(openedAt, { kind: "incident.reopened", incidentId, says: `cycle ${i} failed` });
      tell(openedAt, { kind: "cycle.started", incidentId, cycle: (before ?? 0) + i + 1, deployment: { ...cycle, repository: place.repository, firstSeen: openedAt }, commit: "c" });
    });
    redeploys.set(incidentId, (before ?? 0) + cycles.length);
    if (closedAt !== null) tell(closedAt, { kind: "incident.closed", incidentId, cycles: cycles.length });
  }
  return fold(EMPTY_STATE, recorded);
}

const TABLES = ["changes", "deployed_changes", "deployments", "exposure", "check_exposure", "backfills", "line_shares"] as const;

/** Writes the world in place of the one before; some rows twice, in an older version that must not count. */
export async function writeWorld(store: Store, world: World): Promise<void> {
  for (const table of TABLES) await store.background.command({ query: `TRUNCATE TABLE ${table}` });
  const insert = (table: string, rows: readonly object[]): Promise<void> => insertRows(store.background, table, rows);
  const changeRow = ({ committed_at, ...change }: RawChange): object => ({ ...change, parents: [], authored_at: new Date(committed_at), committed_at: new Date(committed_at), author_name: "A", subject: `Commit ${change.commit.slice(0, 6)}`, channel: "", confidence: 0.9, conflict: false, evidence: "[]", files: 1, paths: [], version: 2 });
  await insert("changes", world.changes.filter((_, i) => i % 5 === 0).map((change) => ({ ...changeRow(change), authorship: "ai", agent: "Wrong", lines_added: 9_999, lines: [], version: 1 })));
  await insert("changes", world.changes.map(changeRow));
  const arrivalRow = ({ deployed_at, ...arrival }: RawArrival): object => ({ ...arrival, previous: "", deployed_at: new Date(deployed_at), version: 2 });
  await insert("deployed_changes", world.arrivals.map(arrivalRow));
  await insert("deployed_changes", world.arrivals.filter((_, i) => i % 4 === 0).map((arrival) => ({ ...arrivalRow(arrival), bound: !arrival.bound, version: 1 })));
  // Seen by two batches: the first time counts.
  await insert("deployments", world.deployments.flatMap(({ first_seen, ...at }) => [first_seen, first_seen + DAY].map((seen) => ({ ...at, first_seen: new Date(seen), last_seen: new Date(seen), spans: 1 }))));
  await insert("exposure", world.exposure.map(({ minute, ...row }) => ({ ...row, minute: new Date(minute), repository: "", first_seen: new Date(0), last_seen: new Date(minute) })));
  for (let times = 0; times < 2; times += 1) await insert("check_exposure", world.checks.map(({ minute, ...row }) => ({ ...row, minute: new Date(minute), inconclusive: 0 })));
  await insert("backfills", world.backfills.map(({ at, ...row }) => ({ ...row, at: new Date(at), version: 1 })));
  await insert("line_shares", world.shares.map((row) => ({ ...row, at: new Date(world.now), version: 1 })));
}

function suspect(commit: string, by: RawIncident["by"], at: number): SuspectRecord {
  return { commit, subject: "guilty", authorName: "A", authoredAt: at, score: 0.9, parts: [], attribution: { ...by, confidence: 0.9, evidence: [] }, diff: "", assistantLines: {} };
}
