import { PROVENANCE_BOUNDS, runGit, shallowError, type Commit, type Repository } from "@firstfix/provenance";
import { insertRows, type Store } from "@firstfix/store";
import { readChanges } from "./git/diffs.ts";
import { recordChanges, type RecordOptions } from "./record.ts";
import { timeOf } from "./row.ts";

export interface Deployment {
  readonly service: string;
  readonly environment: string;
  readonly revision: string;
  /** Milliseconds since the epoch. */
  readonly deployedAt: number;
  /** Revisions that this service ran in this environment before, newest first; the first that the repository holds counts. */
  readonly before: readonly string[];
  /** Path prefixes that are the service's own; empty means the whole repository. */
  readonly paths?: readonly string[];
  /** Files (or folders) that requirements with a binding name at this revision. */
  readonly boundFiles?: readonly string[];
}

/** How a deployment stands to the one before it; see sql/005_changes.sql. */
export type Relation = "first" | "forward" | "rollback" | "diverged" | "unrelated";

export interface Brought {
  readonly relation: Relation;
  readonly previous: string;
  /** Full ids, newest first, without merges. */
  readonly commits: readonly string[];
  readonly capped: boolean;
}

/** Earlier revisions that are looked for, where a rewritten history has lost the nearest ones. */
const BEFORE_MAX = 20;

/**
 * Writes which commits a deployment brought, first their `changes`, then `deployed_changes`, and last that it is done:
 * killed in between, it is done again. Throws repository.missing, .revision_missing, .shallow, to be tried again later.
 */
export async function recordDeployment(store: Store, repository: Repository, address: string, deployment: Deployment, options: Omit<RecordOptions, "rules"> = {}): Promise<Brought> {
  const brought = await broughtBy(repository, deployment);
  const paths = await changedPaths(repository, brought.commits, options.signal);
  const own = brought.commits.filter((commit) => brought.relation === "first" || brought.relation === "unrelated" || touches(paths.get(commit) ?? [], deployment.paths ?? []));
  await recordChanges(store, repository, address, own, { ...options, rules: deployment.revision });
  const { service, environment, revision, deployedAt } = deployment;
  const key = { repository: address, service, environment, revision, previous: brought.previous, deployed_at: timeOf(deployedAt), version: Date.now() };
  await insertRows(store.background, "deployed_changes", own.map((commit) => ({ ...key, commit, bound: (deployment.boundFiles ?? []).length > 0 && touches(paths.get(commit) ?? [], deployment.boundFiles ?? []) })));
  await insertRows(store.background, "deployed_revisions", [{ ...key, relation: brought.relation, commits: own.length, capped: brought.capped }]);
  return { ...brought, commits: own };
}

/** What the deployment's history has and that of the one before it has not. */
export async function broughtBy(repository: Repository, { revision, before }: Pick<Deployment, "revision" | "before">): Promise<Brought> {
  const head = (await repository.commit(revision)).id;
  const previous = await nearest(repository, before);
  const alone = { previous: previous ?? "", commits: [head], capped: false };
  if (previous === null) return { ...alone, relation: "first" };
  if (await repository.isAncestor(head, previous)) return { previous, relation: "rollback", commits: [], capped: false };
  const forward = await repository.isAncestor(previous, head);
  if (!forward && !(await areRelated(repository, previous, head))) {
    // A cut-off history may only look like another one.
    if (await repository.isShallow()) throw shallowError(repository.location, `The clone at ${repository.path} is shallow and ends before ${previous.slice(0, 12)} and ${head.slice(0, 12)} meet.`);
    return { ...alone, relation: "unrelated" };
  }
  const commits: readonly Commit[] = await repository.commitsBetween(previous, head);
  return { previous, relation: forward ? "forward" : "diverged", commits: commits.map((commit) => commit.id), capped: commits.length >= PROVENANCE_BOUNDS.commitsBetween };
}

async function nearest(repository: Repository, before: readonly string[]): Promise<string | null> {
  for (const revision of before.slice(0, BEFORE_MAX)) if (revision !== "" && (await repository.hasRevision(revision))) return (await repository.commit(revision)).id;
  return null;
}

async function areRelated(repository: Repository, one: string, other: string): Promise<boolean> {
  const { exit } = await runGit({ args: ["merge-base", one, other], env: repository.location.read, exits: [1] });
  return exit === 0;
}

/** Paths before and after, so that moving a file into or out of a service's folder counts for it. */
async function changedPaths(repository: Repository, commits: readonly string[], signal: AbortSignal | undefined): Promise<Map<string, readonly string[]>> {
  const paths = new Map<string, readonly string[]>();
  await readChanges(repository.location, commits, { lines: false, signal }, (commit, files) => paths.set(commit, files.flatMap(({ path, pathBefore }) => (path === pathBefore ? [path] : [pathBefore, path]))));
  return paths;
}

/** Whether one of the paths is at or below one of the places; no places means everywhere. */
export function touches(paths: readonly string[], places: readonly string[]): boolean {
  if (places.length === 0) return true;
  const folders = places.map((place) => place.replace(/^\.?\/+|\/+$/g, ""));
  return paths.some((path) => folders.some((folder) => folder === "" || folder === "." || path === folder || path.startsWith(`${folder}/`)));
}
