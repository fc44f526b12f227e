import { FirstfixError, loadConfig } from "@firstfix/kit";
import { openRepository, originOf } from "@firstfix/provenance";
import { pullRequestMarkdown, readPullRequest, type FileHistory } from "@firstfix/report";
import { operate } from "../operations.ts";
import { refuseAddress } from "../addresses.ts";
import { commitOf, rootOf } from "../repository.ts";
import { jsonText, visible } from "../terminal.ts";
import { defaultBase, isAhead } from "./report-pr-base.ts";
import { formatOf, give } from "./report.ts";

export interface PullRequestReportOptions {
  readonly repo: string;
  readonly base?: string;
  readonly head: string;
  /** Only then a Firstfix is asked: a CI job has none, and must not make one. */
  readonly config?: string;
  readonly address?: string;
  readonly format: string;
  readonly out?: string;
}

/** A summary of a pull request from its repository alone, for a comment. */
export async function reportPullRequest(options: PullRequestReportOptions): Promise<void> {
  const format = formatOf(options.format);
  if (format !== "markdown" && format !== "json") throw new FirstfixError("bad_request", `--format ${format} is not for pull requests`, { hint: "markdown or json." });
  refuseAddress("--address", options.address);
  const root = await rootOf(options.repo);
  const head = await commitOf(root, options.head, "--head");
  const base = await baseOf(root, options, head);
  const repository = await openRepository(root);
  const address = options.address ?? (await originOf(root)) ?? undefined;
  const ask = options.config === undefined ? {} : { history: history(options.config, address) };
  const summary = await readPullRequest(repository, base, head, ask);
  await give(format === "json" ? `${jsonText(summary)}\n` : pullRequestMarkdown(summary), options.out);
}

/** A base that was not named is said, because the whole summary hangs on it. */
async function baseOf(root: string, { base, head: named }: PullRequestReportOptions, head: string): Promise<string> {
  if (base !== undefined) return await commitOf(root, base, "--base");
  const { revision, from } = await defaultBase(root, process.env);
  const found = await commitOf(root, revision, "--base");
  if (!(await isAhead(root, found, head))) throw new FirstfixError("bad_request", `${named} has no commit that ${revision} has not (${from})`, { hint: "Check the pull request's branch out, or name both ends: --base REVISION --head REVISION" });
  console.error(visible(`note: the base is ${revision}, ${from}; --base names another.`));
  return found;
}

function history(file: string, repository: string | undefined): (paths: readonly string[]) => Promise<readonly FileHistory[]> {
  return (paths) => operate<readonly FileHistory[]>(loadConfig(file, process.env), "report.history", { paths, ...(repository === undefined ? {} : { repository }) });
}
