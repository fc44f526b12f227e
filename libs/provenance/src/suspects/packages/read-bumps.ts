import { readBlobs } from "../../git/blobs.ts";
import type { Location } from "../../git/locate.ts";
import type { FilePatch } from "../../git/patch.ts";
import { runGit } from "../../git/run.ts";
import { BOUNDS } from "../../limits.ts";
import { bumpsBetween, readVersions, type Bump, type Versions } from "./versions.ts";

/** The changed files of versions of some commits, by commit → the packages that each exchanges. What one commit leaves is what the next finds, so each content is read once. */
export async function readBumps(at: Location, files: ReadonlyMap<string, readonly FilePatch[]>): Promise<Map<string, Bump[]>> {
  const changed = new Map([...files].map(([commit, some]) => [commit, some.filter(isChanged)]));
  const paths = new Map([...changed.values()].flat().flatMap(({ path, blobs }) => blobs.map((id) => [id, path] as const)));
  const known = new Map<string, Versions>();
  const ids = await notTooLong(at, [...paths.keys()]);
  let entries = 0;
  await readBlobs(at, ids, (index, content) => {
    if (entries > BOUNDS.versionEntries) return;
    const id = ids[index] ?? "";
    const versions = readVersions(paths.get(id) ?? "", content.toString("utf8"));
    if (versions === null) return;
    known.set(id, versions);
    entries += versions.byKey.size;
  });
  return new Map([...changed].map(([commit, some]) => {
    const pairs = some.flatMap(({ path, blobs: [before, after] }) => {
      const [was, is] = [known.get(before), known.get(after)];
      return was === undefined || is === undefined ? [] : [{ path, was, is }];
    });
    // What a manifest of the same commit declares is the repository's own, also where another one asks for it.
    const own = new Set(pairs.flatMap(({ was, is }) => [...was.own, ...is.own].map((name) => `${is.ecosystem} ${name}`)));
    return [commit, pairs.flatMap(({ path, was, is }) => bumpsBetween(path, was, is)).filter((bump) => !own.has(`${bump.ecosystem} ${bump.name}`))];
  }));
}

function isChanged(file: FilePatch): file is FilePatch & { readonly blobs: readonly [string, string] } {
  return file.pathBefore !== "" && file.path !== "" && file.blobs !== undefined && file.blobs.every((id) => !/^0+$/.test(id));
}

async function notTooLong(at: Location, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const { stdout } = await runGit({ args: ["cat-file", "--batch-check=%(objecttype) %(objectsize)"], env: at.read, input: `${ids.join("\n")}\n` });
  const sizes = stdout.toString("utf8").split("\n");
  let left: number = BOUNDS.versionBytes;
  return ids.filter((_, index) => {
    const size = Number(/^blob (\d+)$/.exec(sizes[index] ?? "")?.[1] ?? Infinity);
    if (size > BOUNDS.versionFileBytes || size > left) return false;
    left -= size;
    return true;
  });
}
