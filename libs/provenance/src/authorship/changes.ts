import { FirstfixError } from "@firstfix/kit";
import { resolveCommit } from "../git/revisions.ts";
import type { Repository } from "../repository.ts";
import type { Attribution, Authorship, Commit } from "../types.ts";
import { listedIn, rangesOf, restOf, wholeCommit } from "./attribute.ts";
import { readFacts, type CommitFacts } from "./facts.ts";

/** Added lines of a file by who wrote them. */
export interface AddedLines {
  readonly authorship: Authorship;
  readonly agent: string;
  readonly model: string;
  readonly count: number;
}

/** One commit with who wrote it and its added lines. Against its first parent, as every number here. */
export interface ChangeAuthors {
  readonly commit: Commit;
  readonly attribution: Attribution;
  /**
   * By path after the change, in the order of the diff; [] for a file that gains no line (deleted, renamed, binary,
   * submodule). The counts together are `linesAdded`; what a diff of more than 50,000 files has beyond them stands under "".
   */
  readonly added: ReadonlyMap<string, readonly AddedLines[]>;
  readonly linesAdded: number;
  readonly deleted: number;
  readonly files: number;
}

/** Who wrote a commit and its lines. Throws as Repository does. For more than one commit use `attributeChanges`. */
export async function attributeChange(repository: Repository, commit: string): Promise<ChangeAuthors> {
  let found: ChangeAuthors | null = null;
  await attributeChanges(repository, [await resolveCommit(repository.location, commit)], (change) => {
    found = change;
  });
  if (found === null) throw new FirstfixError("repository.failed", `${commit} is no commit that can be read.`);
  return found;
}

/**
 * The same for many commits (full ids), handed over one by one in their order; about eight git processes for 500 of
 * them. Ids of no commit of the repository are passed over. Holds one commit's lines at a time.
 */
export async function attributeChanges(repository: Repository, commits: readonly string[], take: (change: ChangeAuthors) => Promise<void> | void, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
  await readFacts(repository.location, commits, async (facts) => take(changeOf(facts)), options);
}

function changeOf(facts: CommitFacts): ChangeAuthors {
  const { additions, commit } = facts;
  const rest = restOf(facts);
  const listedLines = listedIn(facts);
  const added = new Map<string, readonly AddedLines[]>();
  let listed = 0;
  for (const [path, file] of additions.files) {
    const counts = new Map<string, AddedLines & { count: number }>();
    let known = 0;
    const count = ({ authorship, agent, model }: Attribution, lines: number): void => {
      const key = `${authorship}\0${agent}\0${model}`;
      const before = counts.get(key);
      if (before === undefined) counts.set(key, { authorship, agent, model, count: lines });
      else counts.set(key, { ...before, count: before.count + lines });
      known += lines;
    };
    for (const { from, to, attribution } of rangesOf(facts, path, rest, listedLines.get(path) ?? [])) count(attribution, to - from + 1);
    // Ranges are bounded, the count is not.
    if (known < file.added) count(rest, file.added - known);
    listed += file.added;
    added.set(path, [...counts.values()]);
  }
  if (listed < additions.added) added.set("", [{ authorship: rest.authorship, agent: rest.agent, model: rest.model, count: additions.added - listed }]);
  return { commit, attribution: wholeCommit(facts), added, linesAdded: additions.added, deleted: additions.deleted, files: additions.fileCount };
}
