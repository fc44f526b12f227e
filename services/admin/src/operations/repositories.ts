import { isAbsolute } from "node:path";
import { TOPICS } from "@firstfix/bus";
import { EMPTY_STATE, fold, type IncidentEvent, type RepositoryRecord } from "@firstfix/incident";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { Mirrors, NAMES_ALLOWED, namesRepository, originOf, parseSource, sameAddress, type MirrorStatus } from "@firstfix/provenance";
import { appendEvents, journalEvents, select } from "@firstfix/store";
import { z } from "zod";
import type { Operation, Operations } from "./api.ts";
import type { OperationRoom } from "./room.ts";

const ADDRESS_MAX = 2_048;
const LISTED_MAX = 50;

/** A name that stands in tables, in the journal and on terminals. */
const address = z.string().trim().min(1).max(ADDRESS_MAX).regex(/^[^-\p{Cc}\p{Cf}\s][^\p{Cc}\p{Cf}\s]*$/u, "an address without spaces or control characters, such as https://git.example.com/team/shop");
const ADD = z.strictObject({
  source: z.string().min(1).max(ADDRESS_MAX),
  url: address.refine(namesRepository, `${NAMES_ALLOWED}, such as https://git.example.com/team/shop`).optional(),
  push: z.boolean().default(false),
  environments: z.array(z.string().min(1).max(200)).max(LISTED_MAX).default([]),
  dependencies: z.array(z.string().min(1).max(4096).refine(isAbsolute, "a whole path")).max(LISTED_MAX).default([]),
});
const NOTHING = z.strictObject({});
const REFRESH = z.strictObject({ urls: z.array(address).max(1_000).default([]) });
const REMOVE = z.strictObject({ url: address, force: z.boolean().default(false) });

/** What is known of one repository, for a person. */
export interface ListedRepository {
  readonly url: string;
  readonly source: string;
  /** `mirror`: added, kept by Firstfix. `clone`: named in firstfix.yaml. `unknown`: telemetry names it, and nobody added it. */
  readonly kind: "mirror" | "clone" | "unknown";
  readonly push: boolean;
  readonly environments: readonly string[];
  readonly dependencies: readonly string[];
  /** Of this data folder; null where it has none (yet). */
  readonly mirror: MirrorStatus | null;
  readonly services: readonly string[];
  /** Revisions that telemetry has named. */
  readonly revisions: number;
}

export interface AddedRepository extends RepositoryRecord {
  readonly mirror: MirrorStatus;
  readonly warnings: readonly string[];
}

export interface RefreshedRepository {
  readonly url: string;
  readonly ok: boolean;
  readonly says: string;
  readonly hint: string;
}

/** Repositories that Firstfix keeps mirrors of: in the journal for all roles, on disk in this process' data folder. */
export function repositoryOperations(room: OperationRoom): Operations {
  const mirrors = new Mirrors(room.config.data);
  return {
    "repositories.add": checked(ADD, (input, tell, signal) => add(room, mirrors, input, tell, signal)),
    "repositories.list": checked(NOTHING, () => list(room, mirrors)),
    "repositories.refresh": checked(REFRESH, (input, tell, signal) => refresh(room, mirrors, input.urls, tell, signal)),
    "repositories.remove": checked(REMOVE, (input) => remove(room, mirrors, input)),
  };
}

async function add(room: OperationRoom, mirrors: Mirrors, input: z.infer<typeof ADD>, tell: (progress: unknown) => void, signal: AbortSignal): Promise<AddedRepository> {
  const source = parseSource(input.source);
  const named = input.url ?? (source.kind === "path" || source.kind === "file" ? await originOf(source.address) : source.address);
  if (named === null) throw new FirstfixError("bad_request", `${source.address} has no remote named origin, so its address is not known.`, { hint: "Give it as the telemetry names it (vcs.repository.url.full): --url https://git.example.com/team/shop" });
  const url = sameAddress(named);
  if (url.length > ADDRESS_MAX || !namesRepository(url)) throw new FirstfixError("bad_request", `Its address cannot be its name: that is ${NAMES_ALLOWED}, and without spaces or control characters.`, { hint: "Give it as the telemetry names it: --url https://git.example.com/team/shop" });
  if (room.config.repositories.some((one) => sameAddress(one.url) === url)) throw new FirstfixError("conflict", `firstfix.yaml names a clone of ${url}, which goes before a mirror.`, { hint: "Remove it from `repositories` in firstfix.yaml first, or leave it as it is." });
  const record: RepositoryRecord = { url, source: source.address, push: input.push, environments: input.environments, dependencies: input.dependencies };
  await mirrors.refresh(record, { tell: (progress) => tell({ url, ...progress }), signal });
  const mirror = (await mirrors.status(record)) as MirrorStatus;
  await journal(room, { kind: "repository.added", repository: record });
  return { ...record, mirror, warnings: warningsOf(record, mirror) };
}

async function list(room: OperationRoom, mirrors: Mirrors): Promise<ListedRepository[]> {
  const seen = await seenRepositories(room);
  const known = new Map<string, ListedRepository>();
  const of = (url: string): Pick<ListedRepository, "services" | "revisions"> => seen.get(url) ?? { services: [], revisions: 0 };
  for (const one of (await recorded(room)).values()) {
    const mirror = await mirrors.status(one).catch(() => null);
    known.set(one.url, { ...one, kind: "mirror", mirror, ...of(one.url) });
  }
  for (const { url, path, environments, dependencies } of room.config.repositories) known.set(sameAddress(url), { url: sameAddress(url), source: path, kind: "clone", push: false, environments, dependencies, mirror: null, ...of(sameAddress(url)) });
  for (const [url, one] of seen) if (!known.has(url)) known.set(url, { url, source: "", kind: "unknown", push: false, environments: [], dependencies: [], mirror: null, ...one });
  return [...known.values()].sort((a, b) => (a.url < b.url ? -1 : 1));
}

async function refresh(room: OperationRoom, mirrors: Mirrors, urls: readonly string[], tell: (progress: unknown) => void, signal: AbortSignal): Promise<RefreshedRepository[]> {
  const all = await recorded(room);
  const chosen = urls.length === 0 ? [...all.values()] : urls.map((url) => all.get(sameAddress(url)) ?? unknown(room, url));
  const done: RefreshedRepository[] = [];
  for (const one of chosen) {
    signal.throwIfAborted();
    try {
      await mirrors.refresh(one, { tell: (progress) => tell({ url: one.url, ...progress }), signal });
      done.push({ url: one.url, ok: true, says: `fetched from ${one.source}`, hint: "" });
    } catch (error) {
      if (signal.aborted) throw error;
      done.push({ url: one.url, ok: false, says: messageOf(error), hint: (error instanceof FirstfixError ? error.hint : undefined) ?? "" });
    }
  }
  return done;
}

async function remove(room: OperationRoom, mirrors: Mirrors, { url, force }: z.infer<typeof REMOVE>): Promise<{ url: string; mirrorRemoved: boolean }> {
  const record = (await recorded(room)).get(sameAddress(url)) ?? unknown(room, url);
  const fixes = record.push ? [] : ((await mirrors.status(record).catch(() => null))?.fixes ?? []);
  if (fixes.length > 0 && !force) throw new FirstfixError("conflict", `The mirror holds ${fixes.length} branches of fixes that were not pushed: ${fixes.slice(0, 5).join(", ")}.`, { hint: `Fetch them first (firstfix repo list names the mirror), or drop them with --force.` });
  await journal(room, { kind: "repository.removed", url: record.url });
  return { url: record.url, mirrorRemoved: await mirrors.remove(record) };
}

function unknown(room: OperationRoom, url: string): never {
  const clone = room.config.repositories.find((one) => sameAddress(one.url) === sameAddress(url));
  if (clone !== undefined) throw new FirstfixError("conflict", `${sameAddress(url)} is a clone that firstfix.yaml names: its owner keeps it.`, { hint: `git -C ${clone.path} fetch --all` });
  throw new FirstfixError("not_found", `the repository ${sameAddress(url)} was never added`, { hint: "firstfix repo list shows those that were." });
}

function warningsOf({ source, dependencies }: RepositoryRecord, { shallow, submodules, branches }: MirrorStatus): string[] {
  return [
    ...(branches === 0 ? ["It has no branches yet; what is pushed there is fetched by itself. If it should have some, look at the address: git takes a page, such as a login, for an empty repository."] : []),
    ...(shallow ? [`Its source is shallow, so older commits cannot be blamed: git -C ${source} fetch --unshallow; then firstfix repo refresh.`] : []),
    ...(submodules.length > 0 ? [`Its submodules are not fetched: ${submodules.slice(0, 5).join(", ")}${submodules.length > 5 ? ", …" : ""}. Add their repositories for services that report them.`] : []),
    ...(dependencies.length === 0 ? ["No --dependencies: fixes are verified only where the service needs no folder that the repository does not hold (node_modules)."] : []),
  ];
}

async function recorded({ store }: OperationRoom): Promise<ReadonlyMap<string, RepositoryRecord>> {
  return fold(EMPTY_STATE, journalEvents(await store.journal.read({ kinds: ["repository.added", "repository.removed"] }))).repositories;
}

async function seenRepositories({ store }: OperationRoom): Promise<Map<string, { services: string[]; revisions: number }>> {
  const rows = await select<{ repository: string; services: string[]; revisions: string | number }>(store.background, `SELECT repository, arraySort(groupUniqArray(${LISTED_MAX})(service)) AS services, uniqExact(revision) AS revisions FROM deployments WHERE repository != '' GROUP BY repository ORDER BY repository LIMIT 1000`);
  const seen = new Map<string, { services: string[]; revisions: number }>();
  for (const { repository, services, revisions } of rows) {
    const url = sameAddress(repository);
    const before = seen.get(url);
    seen.set(url, { services: [...new Set([...(before?.services ?? []), ...services])].sort(), revisions: Number(revisions) + (before?.revisions ?? 0) });
  }
  return seen;
}

async function journal({ store, bus }: OperationRoom, event: IncidentEvent): Promise<void> {
  await appendEvents(store, "person:cli", [{ event }]);
  bus.hint(TOPICS.journalWritten);
}

function checked<T>(schema: z.ZodType<T>, work: (input: T, tell: (progress: unknown) => void, signal: AbortSignal) => Promise<unknown>): Operation {
  return async (input, tell, signal) => {
    const read = schema.safeParse(input);
    if (!read.success) throw new FirstfixError("bad_request", read.error.issues.map((issue) => `${issue.path.join(".") || "input"}: ${issue.message}`).join("; "), { hint: "firstfix repo --help shows what is allowed." });
    return await work(read.data, tell, signal);
  };
}
