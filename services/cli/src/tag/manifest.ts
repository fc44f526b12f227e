import { isWritten } from "@firstfix/changes/written";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { attributeChanges, CHANNELS, openRepository, type Attribution, type ChangeAuthors } from "@firstfix/provenance";
import { z } from "zod";
import type { Facts } from "./facts.ts";
import { git } from "../git.ts";

/** Commits that a manifest lists; beyond that it says that it is cut. */
const COMMITS_MAX = 500;
/** Evidence below it decides nothing, as libs/provenance judges. */
const CONFIDENCE_MIN = 0.3;
const SUBJECT_CHARS_MAX = 200;
const FETCH_ALL = " (fetch the whole history: fetch-depth: 0 at GitHub, GIT_DEPTH: 0 at GitLab)";

const authorship = z.enum(["ai", "human", "mixed", "unknown"]);
const lines = z.array(z.strictObject({
  authorship,
  agent: z.string(),
  model: z.string(),
  count: z.number().int().min(1),
})).describe("Added lines by who wrote them, most first.");

/** What a manifest holds; docs/tagging.md describes it, and a test holds the two together. */
export const manifestSchema = z.strictObject({
  schema: z.literal("firstfix.provenance/1").describe("Name and version of this form."),
  repository: z.string().describe("Address without credentials; \"\" where nothing said it."),
  revision: z.string().describe("The commit that was built."),
  ref: z.strictObject({ name: z.string(), type: z.enum(["branch", "tag"]) }).nullable().describe("Branch or tag, where one is known."),
  previous: z.string().nullable().describe("The commit given by --since."),
  dirty: z.boolean().nullable().describe("Whether tracked files differed from the commit; null: not known."),
  service: z.string().describe("OTEL_SERVICE_NAME as printed."),
  version: z.string().describe("service.version as printed."),
  environment: z.string().describe("deployment.environment.name as printed."),
  builtAt: z.string().describe("Time of the build (ISO 8601, UTC); SOURCE_DATE_EPOCH where it is set."),
  run: z.string().nullable().describe("Page of the CI's run."),
  incomplete: z.string().nullable().describe("Why commits are missing; null: none is."),
  commits: z.array(z.strictObject({
    commit: z.string(),
    committedAt: z.string(),
    subject: z.string(),
    authorship,
    agent: z.string().describe("Assistant; \"\" for people and unknown."),
    model: z.string(),
    confidence: z.number().describe("0 to 1."),
    channel: z.string().describe("The evidence that decided: git-ai-note, agent-trace, git-author, trailer, pull-request; \"\" for none."),
    lines,
  })).describe("Commits after `previous`, newest first, without merges; without --since the built one alone."),
  lines: lines.describe("Added lines of all these commits together."),
});

export type ProvenanceManifest = z.infer<typeof manifestSchema>;
type Lines = ProvenanceManifest["lines"];

/**
 * The same source gives the same manifest, byte for byte, where SOURCE_DATE_EPOCH is set. Holds no names of people.
 * What keeps commits from being listed (no .git, a shallow clone) is said in `incomplete` and as a warning.
 */
export async function provenanceManifest(facts: Facts, since: string | undefined, env: Readonly<Record<string, string | undefined>>): Promise<{ readonly manifest: ProvenanceManifest; readonly warnings: readonly string[] }> {
  const { folder, revision, repository, ref, dirty, service, version, environment, run } = facts;
  // GitHub and GitLab give zeros for what was there before a new branch: nothing.
  const previous = since === undefined || /^0{40}(?:0{24})?$/.test(since) ? null : await previousOf(folder, since);
  const { commits, incomplete } = await listed(folder, revision, previous);
  const manifest: ProvenanceManifest = { schema: "firstfix.provenance/1", repository, revision, ref, previous, dirty, service, version, environment, builtAt: builtAt(env), run: run === "" ? null : run, incomplete, commits, lines: total(commits.flatMap((one) => one.lines)) };
  return { manifest: manifestSchema.parse(manifest), warnings: [...(incomplete === null ? [] : [`the manifest lacks commits: ${incomplete}`]), ...(await swapped(folder, previous, revision))] };
}

/** Legitimate where a deployment goes back; else the two were given the wrong way round. */
async function swapped(folder: string, previous: string | null, revision: string): Promise<string[]> {
  if (previous === null || previous === revision || (await git(folder, ["merge-base", "--is-ancestor", revision, previous])) === null) return [];
  return [`the manifest lists no commit: ${revision.slice(0, 12)} is part of the history of --since ${previous.slice(0, 12)}`];
}

async function previousOf(folder: string, since: string): Promise<string> {
  const found = await git(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${since}^{commit}`]);
  if (found !== null) return found;
  // Whoever knows the full id may still say so: the clone is shallow, and the list will say that it is incomplete.
  if (/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(since)) return since;
  throw new FirstfixError("repository.revision_missing", `${folder} has no revision ${JSON.stringify(since.slice(0, 80))} for --since`, { hint: "Fetch it, or give its full id." });
}

async function listed(folder: string, revision: string, previous: string | null): Promise<Pick<ProvenanceManifest, "commits" | "incomplete">> {
  const root = (await git(folder, ["rev-parse", "--show-toplevel"])) ?? ((await git(folder, ["rev-parse", "--is-bare-repository"])) === "true" ? folder : null);
  if (root === null) return { commits: [], incomplete: "there is no git repository here" };
  try {
    const repository = await openRepository(root);
    const commits = previous === null ? [await repository.commit(revision)] : await repository.commitsBetween(previous, revision);
    const ids = commits.slice(0, COMMITS_MAX).map((commit) => commit.id);
    const facts: ProvenanceManifest["commits"] = [];
    let incomplete = commits.length >= COMMITS_MAX ? `only the newest ${COMMITS_MAX} are listed` : null;
    await attributeChanges(repository, ids, async (change) => {
      const isKnown = change.commit.parents.length > 0 || !(await hasParents(root, change.commit.id));
      if (!isKnown) incomplete = `the clone is shallow: which lines ${change.commit.id.slice(0, 12)} changed is not known${FETCH_ALL}`;
      facts.push({ ...commitFacts(change), ...(isKnown ? {} : { lines: [] }) });
    });
    if (facts.length < ids.length) incomplete = `${ids.length - facts.length} commits cannot be read`;
    return { commits: facts, incomplete };
  } catch (error) {
    if (error instanceof FirstfixError) return { commits: [], incomplete: `${sentence(messageOf(error), root)}${error.code === "repository.shallow" ? FETCH_ALL : ""}` };
    throw error;
  }
}

/** Where a shallow clone ends, a commit seems to have no parents, and to have added every file there is. */
async function hasParents(root: string, commit: string): Promise<boolean> {
  return /^parent /m.test(((await git(root, ["cat-file", "commit", commit])) ?? "").split("\n\n", 1)[0] ?? "");
}

/** Without the folder's name, which differs from one build machine to the next. */
function sentence(text: string, root: string): string {
  return text.replaceAll(` at ${root}`, "").replaceAll(root, "the checkout");
}

function commitFacts({ commit, attribution, added }: ChangeAuthors): ProvenanceManifest["commits"][number] {
  return {
    commit: commit.id,
    committedAt: new Date(commit.committedAt).toISOString(),
    subject: plain(commit.subject).slice(0, SUBJECT_CHARS_MAX),
    authorship: attribution.authorship,
    agent: plain(attribution.agent),
    model: plain(attribution.model),
    confidence: Math.round(attribution.confidence * 1000) / 1000,
    channel: channelOf(attribution),
    // Generated files and those of others are left out, as in the reports: nobody wrote their lines here.
    lines: total([...added].flatMap(([path, lines]) => (isWritten(path) ? lines.map((one) => ({ ...one, agent: plain(one.agent), model: plain(one.model) })) : []))),
  };
}

function channelOf({ evidence }: Attribution): string {
  const saying = evidence.filter((one) => one.role === "author" && one.authorship !== "unknown" && one.confidence >= CONFIDENCE_MIN);
  return CHANNELS.find((channel) => saying.some((one) => one.channel === channel)) ?? "";
}

/** What a repository says comes to whatever reads the file. */
function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").trim();
}

function total(parts: Lines): Lines {
  const sums = new Map<string, Lines[number]>();
  for (const { authorship, agent, model, count } of parts) {
    const key = JSON.stringify([authorship, agent, model]);
    sums.set(key, { authorship, agent, model, count: count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums].sort(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1)).map(([, sum]) => sum);
}

function builtAt(env: Readonly<Record<string, string | undefined>>): string {
  const epoch = env["SOURCE_DATE_EPOCH"]?.trim() ?? "";
  if (epoch === "") return new Date().toISOString();
  const time = /^\d{1,12}$/.test(epoch) ? new Date(Number(epoch) * 1000) : null;
  if (time === null || Number.isNaN(time.getTime())) throw new FirstfixError("bad_request", `SOURCE_DATE_EPOCH ${JSON.stringify(epoch.slice(0, 40))} is no time in seconds since 1970`);
  return time.toISOString();
}
