import { FirstfixError } from "@firstfix/kit";
import type { Repository } from "../repository.ts";
import { parseCodeowners, type CodeownersOptions, type Owners } from "./parse.ts";

/** In the order in which GitHub and then GitLab look: the first that exists counts, the others do not. */
const PLACES: readonly (readonly [string, NonNullable<CodeownersOptions["dialect"]>])[] = [
  [".github/CODEOWNERS", "github"],
  ["CODEOWNERS", "auto"],
  ["docs/CODEOWNERS", "auto"],
  [".gitlab/CODEOWNERS", "gitlab"],
];

/** The owners that the repository names at the revision; nobody where it has no such file. Throws as Repository does. */
export async function readOwners(repository: Repository, revision: string): Promise<Owners> {
  for (const [path, dialect] of PLACES) {
    const text = await readPlace(repository, revision, path);
    if (text instanceof FirstfixError) return { of: () => [], rules: 0, problems: [`${path}: ${text.message}`] };
    if (text !== null) return parseCodeowners(text, { dialect });
  }
  return parseCodeowners("");
}

/** A file that is too long says so among the problems: it is no reason to report nothing. */
async function readPlace(repository: Repository, revision: string, path: string): Promise<string | null | FirstfixError> {
  try {
    return await repository.readFile(revision, path);
  } catch (error) {
    if (error instanceof FirstfixError && error.code === "repository.failed") return error;
    throw error;
  }
}
