import { realpath, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { FirstfixError } from "@firstfix/kit";

/** Throws store.unavailable for a path that the engine would misread. */
export function checkDataPath(root: string): void {
  if (/[*?{}:]/.test(root)) throw new FirstfixError("store.unavailable", `The data directory ${root} has one of * ? { } : in its path, which the engine takes for a pattern.`, { hint: "Set `data` to a directory without them." });
}

/** By the kernel's numbers (linux/magic.h): nothing can be stored there, and Node tries for ever to make a folder in it. */
const NO_STORE: ReadonlyMap<number, string> = new Map([[0x9fa0, "proc"], [0x62656572, "sysfs"], [0x63677270, "cgroup2"]]);

/** Throws store.unavailable where the folder, or the one that it would be made in, belongs to the kernel (/proc, /sys). */
export async function checkFileSystem(root: string): Promise<void> {
  let nearest = root;
  // Ends: the root exists.
  while ((await realpath(nearest).catch(() => null)) === null && dirname(nearest) !== nearest) nearest = dirname(nearest);
  const kind = NO_STORE.get(await statfs(nearest).then(({ type }) => type, () => 0));
  if (kind !== undefined) throw new FirstfixError("store.unavailable", `The data directory ${root} lies in ${nearest}, which is no disk but the kernel's (${kind}).`, { hint: "Set `data` to a directory on a disk." });
}
