import { FirstfixError } from "@firstfix/kit";
import { git } from "../git.ts";

export interface Base {
  readonly revision: string;
  /** How it was found, for a person. */
  readonly from: string;
}

/** What CI systems call the branch that the pull request of a run goes to. */
const VARIABLES = ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "BITBUCKET_PR_DESTINATION_BRANCH", "SYSTEM_PULLREQUEST_TARGETBRANCH", "BUILDKITE_PULL_REQUEST_BASE_BRANCH", "CHANGE_TARGET"];
const USUAL = ["main", "master"];

/**
 * Where a pull request of this clone goes, where nobody says: what the CI names, else the default branch of origin, else
 * the one of `main` and `master` that there is, at origin or here. Throws bad_request where that is not known.
 */
export async function defaultBase(root: string, env: Readonly<Record<string, string | undefined>>): Promise<Base> {
  for (const name of VARIABLES) {
    const branch = (env[name] ?? "").trim().replace(/^refs\/heads\//, "");
    if (branch === "") continue;
    const [found] = await existing(root, [`origin/${branch}`, branch]);
    if (found === undefined) throw new FirstfixError("bad_request", `${name} says that the pull request goes to ${branch}, which this clone lacks`, { hint: `git fetch origin ${branch}, or name the revision with --base.` });
    return { revision: found, from: `as ${name} says` };
  }
  const head = (await git(root, ["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"])) ?? "";
  if ((await existing(root, [head])).length > 0) return { revision: head, from: "the default branch of origin" };
  for (const names of [USUAL.map((name) => `origin/${name}`), USUAL]) {
    const [found, other] = await existing(root, names);
    if (found !== undefined && other === undefined) return { revision: found, from: "the usual name of the default branch" };
  }
  throw new FirstfixError("bad_request", "which branch the pull request goes to is not known", { hint: "Name it: --base origin/main. git remote set-head origin --auto tells git the default branch." });
}

/** Whether the head has commits of its own; where it has none, a base that nobody named was not what is meant. */
export async function isAhead(root: string, base: string, head: string): Promise<boolean> {
  return (await git(root, ["rev-list", "--max-count=1", head, `^${base}`])) !== "";
}

async function existing(root: string, names: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) if (name !== "" && (await git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`])) !== null) found.push(name);
  return found;
}
