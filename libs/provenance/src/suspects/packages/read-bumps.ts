import { readBlobs } from "../../git/blobs.ts";
import type { Location } from "../../git/locate.ts";
import { findObjects } from "../../git/objects.ts";
import type { FilePatch } from "../../git/patch.ts";
import { BOUNDS } from "../../limits.ts";
import { canonicalName } from "./ecosystems.ts";
import { movedSubmodules } from "./submodules.ts";
import { withoutUndone } from "./undone.ts";
import { bumpsBetween, locksOf, readVersions, staysInstalled, type Bump, type Versions } from "./versions.ts";

/** Lock files beside manifests that are looked for at most. */
const LOCKS_MAX = 20_000;

interface Change {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/**
 * The changed files of versions of some commits, newest first → the packages that each exchanges. A manifest says what is
 * asked for; where a lock file lies beside it, that one says what is installed.
 */
export async function readBumps(at: Location, files: ReadonlyMap<string, readonly FilePatch[]>): Promise<Map<string, Bump[]>> {
  const changed = new Map([...files].map(([commit, some]) => [commit, some.flatMap(changeOf)]));
  const contents = new Contents(at);
  await contents.read([...changed.values()].flat());
  const bumps = new Map([...changed].map(([commit, some]) => [commit, [...bumpsOf(some, contents), ...movedSubmodules(files.get(commit) ?? [])]]));
  const locks = await locksBeside(at, bumps);
  await contents.read([...locks.values()].flatMap((some) => [...some.values()].flat()));
  return withoutUndone(new Map([...bumps].map(([commit, some]) => [commit, some.filter((bump) => !(locks.get(commit)?.get(bump.path) ?? []).some((lock) => {
    const [was, is] = [contents.of(lock.before), contents.of(lock.after)];
    return was !== undefined && is !== undefined && staysInstalled(bump, was, is);
  }))])));
}

function bumpsOf(changes: readonly Change[], contents: Contents): Bump[] {
  const pairs = changes.flatMap(({ path, before, after }) => {
    const [was, is] = [contents.of(before), contents.of(after)];
    return was === undefined || is === undefined ? [] : [{ path, was, is }];
  });
  // What a manifest of the same commit declares is the repository's own, also where another one asks for it.
  const own = new Set(pairs.flatMap(({ was, is }) => [...was.own, ...is.own].map((name) => `${is.ecosystem} ${name}`)));
  return pairs.flatMap(({ path, was, is }) => bumpsBetween(path, was, is)).filter(({ ecosystem, name }) => !own.has(`${ecosystem} ${canonicalName(ecosystem, name)}`));
}

function changeOf({ path, pathBefore, blobs }: FilePatch): Change[] {
  if (pathBefore === "" || path === "" || blobs === undefined || blobs.some((id) => /^0+$/.test(id))) return [];
  return [{ path, before: blobs[0], after: blobs[1] }];
}

/** By commit and manifest the lock files of the nearest folder that has any, as they are before and after it. */
async function locksBeside(at: Location, bumps: ReadonlyMap<string, readonly Bump[]>): Promise<Map<string, Map<string, Change[]>>> {
  const asked = [...bumps].flatMap(([commit, some]) => [...new Set(some.map(({ path }) => path))].flatMap((manifest) => locksOf(manifest).map((paths) => ({ commit, manifest, paths: paths.filter((path) => !path.includes("\n")) }))));
  const within = asked.slice(0, LOCKS_MAX);
  const found = await findObjects(at, within.flatMap(({ commit, paths }) => paths.flatMap((path) => [`${commit}^:${path}`, `${commit}:${path}`])));
  const locks = new Map<string, Map<string, Change[]>>();
  let next = 0;
  for (const { commit, manifest, paths } of within) {
    const beside = paths.flatMap((path) => {
      const [before, after] = [found[next++], found[next++]];
      return before?.type === "blob" && after?.type === "blob" ? [{ path, before: before.id, after: after.id }] : [];
    });
    const known = locks.get(commit) ?? new Map<string, Change[]>();
    if (beside.length > 0 && !known.has(manifest)) known.set(manifest, beside);
    locks.set(commit, known);
  }
  return locks;
}

/** What was read of files, by the id of their contents. What one commit leaves is what the next finds, so each is read once. */
class Contents {
  readonly #at: Location;
  readonly #known = new Map<string, Versions>();
  #bytesLeft: number = BOUNDS.versionBytes;
  #entriesLeft: number = BOUNDS.versionEntries;

  constructor(at: Location) {
    this.#at = at;
  }

  of(id: string): Versions | undefined {
    return this.#known.get(id);
  }

  async read(changes: readonly Change[]): Promise<void> {
    const paths = new Map(changes.flatMap(({ path, before, after }) => [[before, path], [after, path]] as const).filter(([id]) => !this.#known.has(id)));
    const ids = (await findObjects(this.#at, [...paths.keys()])).flatMap((found) => {
      if (found?.type !== "blob" || found.size > BOUNDS.versionFileBytes || found.size > this.#bytesLeft) return [];
      this.#bytesLeft -= found.size;
      return [found.id];
    });
    await readBlobs(this.#at, ids, (index, content) => {
      if (this.#entriesLeft < 0) return;
      const id = ids[index] ?? "";
      const versions = readVersions(paths.get(id) ?? "", content.toString("utf8"));
      if (versions === null) return;
      this.#known.set(id, versions);
      this.#entriesLeft -= versions.byKey.size;
    });
  }
}
