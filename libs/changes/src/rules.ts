import { readOwners, type Owners, type Repository } from "@firstfix/provenance";
import { openAttributes, type SaysGenerated } from "./git/attributes.ts";
import { isWritten } from "./written.ts";

/** Which files count, and whose they are, as one revision says. Kept for as long as its commits are recorded. */
export interface Rules {
  readonly owners: Owners;
  /** Of these paths, those whose lines count as written. */
  written(paths: readonly string[]): Promise<ReadonlySet<string>>;
  close(): Promise<void>;
}

export async function openRules(repository: Repository, revision: string): Promise<Rules> {
  const owners = await readOwners(repository, revision);
  const attributes = await openAttributes(repository, revision);
  return {
    owners,
    written: (paths) => written(attributes.says, paths),
    close: () => attributes.close(),
  };
}

async function written(says: SaysGenerated, paths: readonly string[]): Promise<ReadonlySet<string>> {
  const said = await says(paths);
  return new Set(paths.filter((path) => isWritten(path, said.get(path))));
}
