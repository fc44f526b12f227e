import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { FirstfixError } from "@firstfix/kit";
import { readCheckout, stripCredentials } from "@firstfix/sdk/checkout";
import { isSendable, parseAttributes, unreadPairs, VALUE_CHARS_MAX, type Attributes } from "./attributes.ts";
import { readCi, type Ci } from "./ci.ts";
import { git, hasGit } from "../git.ts";
import { readPackage } from "./package-file.ts";

export interface FactsWanted {
  readonly repo: string;
  readonly rev?: string;
  readonly service?: string;
  readonly environment?: string;
}

export interface Ref {
  readonly name: string;
  readonly type: "branch" | "tag";
}

/** What is known of the source that is built. "" and null where nothing says it. */
export interface Facts {
  readonly folder: string;
  readonly revision: string;
  readonly ref: Ref | null;
  /** Without credentials. */
  readonly repository: string;
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  /** Whether tracked files differ from the revision; null where that is not known. */
  readonly dirty: boolean | null;
  /** Page of the CI's run. */
  readonly run: string;
  readonly attributes: Attributes;
  readonly warnings: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;

const REVISION = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
/** The variable is not decoded by anybody, and stands in files of several formats: nothing that one of them would read as more than text. */
const SERVICE = /^[\p{L}\p{N}@](?:[\p{L}\p{N} ._/:@+-]{0,253}[\p{L}\p{N}._/:@+-])?$/u;

/** Throws repository.revision_missing where nothing says which commit this is, bad_request for a name that cannot be sent. */
export async function readFacts(wanted: FactsWanted, env: Env): Promise<Facts> {
  const folder = resolve(wanted.repo);
  const warnings: string[] = [];
  const isFolder = await stat(folder).then((found) => found.isDirectory(), () => false);
  if (!isFolder) throw new FirstfixError("bad_request", `--repo ${wanted.repo}: there is no such folder`, { hint: "Give the folder of the checkout that is built." });
  if (wanted.environment !== undefined && wanted.environment !== "" && !isSendable(wanted.environment)) throw new FirstfixError("bad_request", `--environment ${wanted.environment.slice(0, 80)}: no name that SDKs take`, { hint: `At most ${VALUE_CHARS_MAX} characters, and no control characters.` });
  const ci = readCi(env);
  const checkout = readCheckout(folder);
  const head = checkout.revision || ((await git(folder, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])) ?? "");
  const revision = await revisionOf(wanted, { folder, head, ci, env, warnings });
  const ofHead = head !== "" && revision === head;
  const list = env["OTEL_RESOURCE_ATTRIBUTES"] ?? "";
  const given = parseAttributes(list);
  warnings.push(...unreadPairs(list));
  const inPackage = readPackage(folder);
  const ref = ofHead || head === "" ? refOf(checkout.branch, ci) : await namedRef(folder, wanted.rev);
  const repository = stripCredentials(env["FIRSTFIX_REPOSITORY"] || checkout.repository || ci.repository);
  if (repository === "") warnings.push("nothing says which repository this is: give FIRSTFIX_REPOSITORY=URL, or a checkout with a remote named origin");
  else if (/^\.{1,2}(?:\/|$)|(?:^|\/)\.\.(?:\/|$)/.test(repository)) warnings.push(`the repository's address ${JSON.stringify(repository.slice(0, 200))} is a path that other machines do not know it by: give FIRSTFIX_REPOSITORY=URL`);
  const facts = {
    folder,
    revision,
    ref,
    repository,
    service: wanted.service ?? (env["OTEL_SERVICE_NAME"] || given.get("service.name") || packageName(inPackage.name, warnings)),
    environment: wanted.environment ?? (given.get("deployment.environment.name") || given.get("deployment.environment") || env["FIRSTFIX_ENVIRONMENT"] || ci.environment),
    version: given.get("service.version") || (ref?.type === "tag" ? ref.name : "") || (ofHead || head === "" ? inPackage.version : "") || ((await git(folder, ["describe", "--tags", revision])) ?? ""),
    dirty: ofHead ? await isDirty(folder, warnings) : null,
    run: /^https?:\/\//.test(ci.run) && isSendable(ci.run) ? ci.run : "",
  };
  if (facts.service !== "" && !SERVICE.test(facts.service)) throw new FirstfixError("bad_request", `the service's name ${JSON.stringify(facts.service.slice(0, 80))} cannot stand in an environment variable everywhere`, { hint: "Letters, digits, spaces and . _ - / : @ + are allowed; name it with --service." });
  return { ...facts, attributes: attributesOf(facts, given, warnings), warnings };
}

/** What nobody asked for must not end a build. */
function packageName(name: string, warnings: string[]): string {
  if (name === "" || SERVICE.test(name)) return name;
  warnings.push(`the package's name ${JSON.stringify(name.slice(0, 80))} cannot stand in an environment variable everywhere: name the service with --service`);
  return "";
}

async function revisionOf({ rev }: FactsWanted, from: { readonly folder: string; readonly head: string; readonly ci: Ci; readonly env: Env; readonly warnings: string[] }): Promise<string> {
  const { folder, head, ci, env, warnings } = from;
  if (rev !== undefined) {
    const found = await git(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${rev}^{commit}`]);
    if (found === null && (await git(folder, ["rev-parse", "--git-dir"])) === null) return named(rev, folder);
    if (found === null) throw new FirstfixError("repository.revision_missing", `${folder} has no revision ${JSON.stringify(rev.slice(0, 80))}`, { hint: "A shallow clone lacks older ones: git fetch --unshallow; or the name is another: git log --oneline" });
    return found;
  }
  const said = [["FIRSTFIX_REVISION", env["FIRSTFIX_REVISION"] ?? ""], ["", head], [ci.revisionFrom, ci.revision]] as const;
  for (const [name, text] of said) {
    const revision = text.trim().toLowerCase();
    if (REVISION.test(revision)) {
      if (name === "FIRSTFIX_REVISION") await contradicted(revision, from);
      if (name === "" && REVISION.test(ci.revision) && ci.revision !== revision) warnings.push(`the checkout is at ${revision.slice(0, 12)}, ${ci.revisionFrom} says ${ci.revision.slice(0, 12)}: taken is what is checked out`);
      return revision;
    }
    if (revision !== "") warnings.push(`${name} is not the full id of a commit and does not count`);
  }
  // Warnings go with what is printed; here nothing is, and they say why.
  const because = warnings.length === 0 ? "" : ` (${warnings.join("; ")})`;
  throw new FirstfixError("repository.revision_missing", `nothing says which commit ${folder} is: it is no checkout with a commit, and no CI names one${because}`, { hint: "Run it in a checkout (.git must be there), or give FIRSTFIX_REVISION=$(git rev-parse HEAD)." });
}

/** Without a repository, or without git, only a full id says which commit is meant: it needs no look-up, as FIRSTFIX_REVISION needs none. */
async function named(rev: string, folder: string): Promise<string> {
  const revision = rev.trim().toLowerCase();
  if (REVISION.test(revision)) return revision;
  const why = (await hasGit()) ? `${folder} is in no git repository` : "git was not found";
  throw new FirstfixError("repository.revision_missing", `--rev ${JSON.stringify(rev.slice(0, 80))} cannot be looked up: ${why}`, { hint: "Give the commit's full id, as --rev or as FIRSTFIX_REVISION." });
}

/** A variable that an earlier step left behind would tag every error with a commit that is not what runs. */
async function contradicted(revision: string, { folder, head, ci, warnings }: { readonly folder: string; readonly head: string; readonly ci: Ci; readonly warnings: string[] }): Promise<void> {
  const [who, other] = head === "" ? [`${ci.revisionFrom} says`, ci.revision.toLowerCase()] : ["the checkout is at", head];
  if (!REVISION.test(other) || other === revision) return;
  const missing = head !== "" && (await hasGit()) && (await git(folder, ["cat-file", "-e", `${revision}^{commit}`])) === null;
  warnings.push(`FIRSTFIX_REVISION says ${revision.slice(0, 12)}${missing ? ", which the checkout does not have" : ""}, ${who} ${other.slice(0, 12)}: taken is FIRSTFIX_REVISION`);
}

/** On a branch the checkout knows best. A CI checks out a commit, and says in variables of which branch or tag. */
function refOf(branch: string, ci: Ci): Ref | null {
  if (branch !== "") return { name: branch, type: "branch" };
  if (ci.tag !== "") return { name: ci.tag, type: "tag" };
  return ci.branch === "" ? null : { name: ci.branch, type: "branch" };
}

async function namedRef(folder: string, rev: string | undefined): Promise<Ref | null> {
  const full = rev === undefined ? null : await git(folder, ["rev-parse", "--symbolic-full-name", "--verify", "--quiet", "--end-of-options", rev]);
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/.exec(full ?? "") ?? [];
  return name === undefined ? null : { name, type: kind === "tags" ? "tag" : "branch" };
}

async function isDirty(folder: string, warnings: string[]): Promise<boolean | null> {
  const changed = await git(folder, ["status", "--porcelain", "--untracked-files=no"]);
  if (changed === null) {
    // A bare repository has no files that could differ.
    if ((await git(folder, ["rev-parse", "--is-bare-repository"])) === "true") return false;
    warnings.push((await hasGit()) ? "git cannot tell whether files were changed since that commit" : "git was not found: whether files were changed since that commit is not known");
    return null;
  }
  const files = changed.split("\n").filter((line) => line !== "").length;
  if (files > 0) warnings.push(`${files} tracked ${files === 1 ? "file differs" : "files differ"} from the commit: what is built is not what the revision says`);
  return files > 0;
}

/** What was given stays, but for what only the source can know: an older list of the same shell must not outlive its commit. */
function attributesOf(facts: Pick<Facts, "revision" | "ref" | "repository" | "environment" | "version">, given: Attributes, warnings: string[]): Attributes {
  const { revision, ref, repository, environment, version } = facts;
  const own: readonly (readonly [string, string])[] = [
    ["vcs.ref.head.revision", revision],
    ["vcs.ref.head.name", ref?.name ?? ""],
    ["vcs.ref.head.type", ref?.type ?? ""],
    ["vcs.repository.url.full", repository],
    ["service.version", version],
    ["deployment.environment.name", environment],
  ];
  const names = new Set([...own.map(([name]) => name), "service.name", "deployment.environment"]);
  const attributes = new Map<string, string>();
  for (const [name, value] of [...own, ...[...given].filter(([name]) => !names.has(name))]) {
    if (value === "") continue;
    if (isSendable(value) && isSendable(name)) attributes.set(name, value);
    else warnings.push(`${JSON.stringify(name.slice(0, 60))} is left out: its value has control characters or more than ${VALUE_CHARS_MAX} characters, for which SDKs discard all attributes`);
  }
  return attributes;
}
