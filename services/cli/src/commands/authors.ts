import { FirstfixError } from "@firstfix/kit";
import { groupAuthors, isUnread, lineAuthors, openRepository, shallowCommits, type Attribution, type AuthorGroup, type AuthorshipEvidence, type LineAuthor, type Repository } from "@firstfix/provenance";
import { findFile, noLines } from "../authors/find-file.ts";
import { uncommitted } from "../authors/work-tree.ts";
import { commitOf, pathsOf, rootOf } from "../repository.ts";
import { jsonText, plural, visible } from "../terminal.ts";

const REASONS_SHOWN = 12;
const EVIDENCE_SHOWN = 5;
const RANGES_SHOWN = 6;
const NAME_WIDTH_MAX = 36;
const UNREAD_SHOWN = 5;

export interface AuthorsOptions {
  readonly repo: string;
  /** HEAD where it is left out; then what the work tree has beside it is told. */
  readonly rev?: string;
  readonly lines?: string;
  readonly json?: boolean;
}

/** Blame that names the assistant, with how sure that is and by what evidence. */
export async function authors(file: string, options: AuthorsOptions): Promise<void> {
  const [from, to] = range(options.lines);
  const root = await rootOf(options.repo);
  const rev = options.rev ?? "HEAD";
  const revision = await commitOf(root, rev, "--rev");
  const repository = await openRepository(root);
  const asked = { repository, revision, file, rev, paths: await pathsOf(root, options.repo, file) };
  const { path } = await findFile(asked);
  const lines = await lineAuthors(repository, revision, path, from, to);
  if (lines.length === 0) throw await noLines(asked, path, options.lines);
  const groups = groupAuthors(lines);
  const warnings = [...(options.rev === undefined ? await uncommitted(repository, revision, path) : []), ...(await warningsOf(repository, lines, to))];
  if (options.json === true) console.log(jsonText(asJson(path, revision, groups, warnings)));
  else {
    print(lines, groups);
    for (const one of warnings) console.error(`note: ${visible(one)}`);
  }
}

/** What the answer lacks of what was asked for. */
async function warningsOf(repository: Repository, lines: readonly LineAuthor[], to: number): Promise<string[]> {
  const last = lines.at(-1)?.line ?? 0;
  const ends = await shallowCommits(repository.location);
  const cut = lines.filter(({ commit }) => ends.has(commit)).length;
  const unread = [...new Set(lines.flatMap(({ attribution }) => attribution.evidence.filter(isUnread).map(({ raw }) => raw)))];
  return [
    ...(Number.isFinite(to) && last < to ? [`The file ends at line ${last}; --lines asked for lines up to ${to}.`] : []),
    ...(cut > 0 ? [`The clone is shallow: who wrote ${plural(cut, "line")} is not known, for all that was before seems to be one commit's. git fetch --unshallow tells.`] : []),
    ...unread.slice(0, UNREAD_SHOWN).map((raw) => `Evidence was left out, and may say something else of some lines: ${raw}`),
    ...(unread.length > UNREAD_SHOWN ? [`… and ${unread.length - UNREAD_SHOWN} more (--json has them as evidence)`] : []),
  ];
}

function range(text: string | undefined): [number, number] {
  if (text === undefined) return [1, Infinity];
  const match = /^(\d{1,9})(?:[-,](\d{1,9}))?$/.exec(text);
  const [from, to] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? match?.[1] ?? 0)];
  if (match === null) throw new FirstfixError("bad_request", `--lines ${text} is not a range of lines`, { hint: "Such as --lines 10-25, or --lines 10 for one." });
  if (from < 1) throw new FirstfixError("bad_request", `--lines ${text}: the first line is line 1`, { hint: "Such as --lines 1-25." });
  if (to < from) throw new FirstfixError("bad_request", `--lines ${text} ends before it begins`, { hint: `Is --lines ${to}-${from} meant?` });
  return [from, to];
}

/** Documented in docs/authorship.md: fields are added, never changed or taken away, as long as the schema's number stays. */
function asJson(path: string, revision: string, groups: readonly AuthorGroup[], warnings: readonly string[]): object {
  return {
    schema: "firstfix.authors/1",
    path,
    revision,
    lines: counts(groups),
    groups: groups.map(({ from, to, commit, originPath, originFrom, attribution, conflicts }) => {
      const { authorship, agent, model, confidence, evidence } = attribution;
      return { from, to, commit, originPath, originFrom, authorship, agent, model, confidence, evidence, conflicts };
    }),
    warnings,
  };
}

function counts(groups: readonly AuthorGroup[]): Readonly<Record<"total" | "ai" | "mixed" | "human" | "unknown" | "conflicting", number>> {
  const sum = (wanted: (group: AuthorGroup) => boolean): number => groups.filter(wanted).reduce((total, { from, to }) => total + to - from + 1, 0);
  const of = (authorship: Attribution["authorship"]): number => sum(({ attribution }) => attribution.authorship === authorship);
  return { total: sum(() => true), ai: of("ai"), mixed: of("mixed"), human: of("human"), unknown: of("unknown"), conflicting: sum(({ conflicts }) => conflicts.length > 0) };
}

function print(lines: readonly LineAuthor[], groups: readonly AuthorGroup[]): void {
  const width = String(lines.at(-1)?.line ?? 0).length;
  const names = groups.map(({ attribution }) => visible(who(attribution)));
  const wide = Math.min(NAME_WIDTH_MAX, Math.max(...names.map((name) => name.length)));
  let at = 0;
  for (const { line, commit, attribution, text } of lines) {
    if (line > (groups[at]?.to ?? Infinity)) at += 1;
    const sure = attribution.authorship === "unknown" ? "    " : `${String(Math.round(attribution.confidence * 100)).padStart(3)}%`;
    const mark = (groups[at]?.conflicts.length ?? 0) > 0 ? "!" : " ";
    console.log(`${commit.slice(0, 10)}  ${(names[at] ?? "").slice(0, wide).padEnd(wide)} ${sure}${mark} ${String(line).padStart(width)}  ${source(text)}`);
  }
  printReasons(groups);
  const { total, ai, mixed, human, unknown, conflicting } = counts(groups);
  console.log(`\n${plural(total, "line")}: ${ai} by assistants, ${mixed} mixed, ${human} by people, ${unknown} unknown (no evidence either way).${conflicting === 0 ? "" : ` ${conflicting} with evidence that disagrees (!): the stronger decides.`}`);
}

/** Groups with the same verdict for the same reasons are told once. */
function printReasons(groups: readonly AuthorGroup[]): void {
  const reasons = Map.groupBy(groups.filter(({ attribution }) => attribution.evidence.length > 0), ({ commit, attribution }) => `${commit}\0${attribution.evidence.map(({ channel, raw }) => `${channel} ${raw}`).join("\0")}`);
  if (reasons.size > 0) console.log("\nEvidence, strongest first:");
  for (const some of [...reasons.values()].slice(0, REASONS_SHOWN)) {
    const { commit, attribution, conflicts } = some[0]!;
    const ranges = some.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
    console.log(`  ${commit.slice(0, 10)}  lines ${ranges.slice(0, RANGES_SHOWN).join(", ")}${ranges.length > RANGES_SHOWN ? ` and ${ranges.length - RANGES_SHOWN} more ranges` : ""}: ${visible(who(attribution))}`);
    for (const one of attribution.evidence.slice(0, EVIDENCE_SHOWN)) console.log(`    ${conflicts.includes(one) ? "!" : " "} ${one.channel}: ${visible(one.raw)}${told(one)}`);
    if (attribution.evidence.length > EVIDENCE_SHOWN) console.log(`      … and ${attribution.evidence.length - EVIDENCE_SHOWN} more (--json)`);
  }
  if (reasons.size > REASONS_SHOWN) console.log(`  … and ${reasons.size - REASONS_SHOWN} more groups (--json)`);
}

function told({ role, confidence }: AuthorshipEvidence): string {
  if (confidence === 0) return "";
  return `  (${role === "author" ? "" : `${role}, `}${Math.round(confidence * 100)}%)`;
}

function who({ authorship, agent, model }: Attribution): string {
  if (authorship === "human") return "person";
  if (authorship === "unknown") return "unknown";
  return [agent, model === "" ? "" : `(${model})`, authorship === "mixed" ? "mixed" : ""].filter((one) => one !== "").join(" ");
}

/** A line of code with its tabs; nothing else in it may move the cursor or colour the terminal. */
function source(text: string): string {
  return text.split("\t").map(visible).join("\t");
}
