import { FirstfixError, LIMITS, MANIFEST_FILE, parseManifest, type Manifest } from "@firstfix/kit";
import type { Repository } from "./repository.ts";

/** What `.firstfix.yaml` says at a revision; null where there is none. Throws config.invalid with what is wrong with it. */
export async function readManifest(repository: Repository, revision: string): Promise<Manifest | null> {
  const listed = (await repository.listFiles(revision, MANIFEST_FILE)).find(({ path }) => path === MANIFEST_FILE);
  if (listed === undefined) return null;
  if (listed.size > LIMITS.specFileBytes) throw new FirstfixError("config.invalid", `${MANIFEST_FILE} is larger than ${LIMITS.specFileBytes} bytes`, { hint: "Keep the manifest short." });
  return parseManifest((await repository.readFile(revision, MANIFEST_FILE)) ?? "");
}
