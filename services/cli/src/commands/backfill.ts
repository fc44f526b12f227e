import type { BackfillProgress, BackfillResult } from "@firstfix/changes";
import { FirstfixError, loadConfig } from "@firstfix/kit";
import { refuseAddress, sourceNamed } from "../addresses.ts";
import { operate } from "../operations.ts";
import { configFile } from "../paths.ts";
import { commitOf, rootOf } from "../repository.ts";
import { parseSince } from "../since.ts";
import { jsonText, plural, visible } from "../terminal.ts";

const SAYS_MAX = 300;

export interface BackfillOptions {
  readonly config?: string;
  readonly repo: string;
  readonly url?: string;
  readonly rev: string;
  readonly lines: boolean;
  readonly again?: boolean;
  readonly since?: string;
  readonly json?: boolean;
}

/** Records a repository's history; progress goes to standard error, the result to standard output. */
export async function backfill(options: BackfillOptions): Promise<void> {
  const config = loadConfig(configFile(options.config), process.env);
  const since = options.since === undefined ? {} : { since: parseSince(options.since, Date.now()) };
  const source = await sourceOf(options);
  const line = new ProgressLine();
  try {
    const result = await operate<BackfillResult>(config, "backfill", { ...source, lines: options.lines, again: options.again === true, ...since }, (progress) => line.show(progress as BackfillProgress));
    line.end();
    if (options.json === true) console.log(jsonText(result));
    else print(result);
    if (result.failed > 0) process.exitCode = 1;
  } finally {
    line.end();
  }
}

/** A folder's revision is resolved here, so that whatever git calls a commit may be given; a mirror knows ids and branches. */
async function sourceOf({ repo, url, rev }: BackfillOptions): Promise<object> {
  refuseAddress("--url", url);
  const source = await sourceNamed("--repo", repo);
  if (source.kind === "address") {
    if (url !== undefined) throw new FirstfixError("bad_request", "--url names a folder's repository; --repo is an address already", { hint: "Leave --url out." });
    return { url: source.address, revision: rev };
  }
  const root = await rootOf(source.folder);
  return { path: root, revision: await commitOf(root, rev, "--rev"), ...(url === undefined ? {} : { url }) };
}

function print({ repository, revision, commits, recorded, known, beside, lines, problems, failed, durationMs }: BackfillResult): void {
  console.log(`${visible(repository)} at ${revision.slice(0, 12)}: ${commits} commits, ${recorded} recorded now, ${known} known before.`);
  if (beside !== null && beside > 0) console.log(`${plural(beside, "recorded commit")} of this repository ${beside === 1 ? "is" : "are"} not in this history: of other branches, or from before it was rewritten. Reports count them where they were written.`);
  if (lines !== null) console.log(`${lines.files} files: ${lines.blamed} blamed now (${lines.lines} lines), ${lines.known} known before, ${lines.skipped} without written lines.`);
  if (lines !== null && lines.leftOut.files > 0) console.log(`  too long to be blamed: ${lines.leftOut.files} files with ${lines.leftOut.lines} lines, which count as nobody's`);
  for (const { at, says } of problems) console.log(`  not read: ${visible(at)}: ${visible(says.slice(0, SAYS_MAX))}`);
  if (failed > problems.length) console.log(`  … and ${failed - problems.length} more`);
  console.log(`Done in ${duration(durationMs)}. firstfix report assistant shows what it says.`);
}

/** One line that is written over on a terminal; a line for each step otherwise. */
class ProgressLine {
  readonly #terminal = process.stderr.isTTY;
  #open = false;

  show({ what, done, total, perSecond, leftMs }: BackfillProgress): void {
    const unit = what === "changes" ? "commits" : "files";
    const speed = perSecond === null ? "" : `, ${perSecond} ${unit}/s`;
    const left = leftMs === null || done === total ? "" : `, ${duration(leftMs)} left`;
    const share = total === 0 ? 100 : Math.floor((100 * done) / total);
    const text = `${what}: ${done} of ${total} ${unit} (${share}%)${speed}${left}`;
    if (!this.#terminal) {
      process.stderr.write(`${text}\n`);
      return;
    }
    // Back to the first column, and what stood there is erased.
    process.stderr.write(`\r\u001b[K${text.slice(0, Math.max(20, (process.stderr.columns ?? 80) - 1))}`);
    this.#open = true;
    if (done === total) this.end();
  }

  end(): void {
    if (this.#open) process.stderr.write("\n");
    this.#open = false;
  }
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3_600 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}
