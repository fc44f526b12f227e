import type { Writer } from "../facts/types.ts";
import { showCount, showValue } from "../render/numbers.ts";
import { who } from "../render/sheets.ts";
import { markdownText } from "../render/text.ts";
import type { PullRequestSummary } from "./summary.ts";

/** By this CI finds the comment that it made before, to update it. */
export const PULL_REQUEST_MARKER = "<!-- firstfix:pull-request -->";

const COMMITS_SHOWN = 25;
const FILES_SHOWN = 25;
const OWNERS_SHOWN = 4;
const INCIDENTS_SHOWN = 3;
const TEXT_CHARACTERS = 120;
/** GitHub takes comments of 65,536 characters. */
const COMMENT_CHARACTERS = 60_000;

/** The summary as a comment. Nothing in it that the repository says can be markup, a mention or a link. */
export function pullRequestMarkdown(summary: PullRequestSummary): string {
  const { commits, writers, files, warnings, notes, linesAdded, linesDeleted } = summary;
  if (commits.length === 0) return bounded([PULL_REQUEST_MARKER, "### Who wrote this", notes.map((one) => `- ${markdownText(one, 500)}`).join("\n")]);
  const blocks = [
    PULL_REQUEST_MARKER,
    "### Who wrote this",
    `${counted(commits.length, "commit")}, +${showCount(linesAdded)} −${showCount(linesDeleted)} lines in ${counted(files.length, "file")}; ${byAssistants(summary)}.`,
    ...(warnings.length > 0 ? [warnings.map((one) => `- ⚠️ ${markdownText(one, 500)}`).join("\n")] : []),
    table(["Who", "Lines", "Share", "Commits", "Evidence"], "lrrrl", writers.map((one) => [name(one), showCount(one.lines), showValue(linesAdded === 0 ? null : one.lines / linesAdded, "share"), showCount(one.commits), one.evidence.map((raw) => text(raw)).join("; ") || "none"])),
    details(`Commits (${commits.length})`, table(["Commit", "Subject", "Who", "Sure", "Lines"], "lllrr", commits.slice(0, COMMITS_SHOWN).map((one) => [one.commit.slice(0, 10), text(one.subject), `${name(one)}${one.conflict ? " ⚠️ evidence conflicts" : ""}`, one.authorship === "unknown" ? "–" : showValue(one.confidence, "share"), `+${showCount(one.linesAdded)} −${showCount(one.linesDeleted)}`])), commits.length - COMMITS_SHOWN),
    details(`Files (${files.length})`, table(["File", "AI", "Mixed", "People", "Unknown", "Owners", "Incidents before"], "lrrrrll", files.slice(0, FILES_SHOWN).map((one) => [text(one.path), showCount(one.lines.ai), showCount(one.lines.mixed), showCount(one.lines.human), showCount(one.lines.unknown), few(one.owners, OWNERS_SHOWN), few(one.incidents.map(({ incidentId, title }) => `${incidentId} ${title}`), INCIDENTS_SHOWN)])), files.length - FILES_SHOWN),
    notes.map((one) => `- ${markdownText(one, 500)}`).join("\n"),
  ];
  return bounded(blocks);
}

function counted(value: number, word: string): string {
  return `${showCount(value)} ${word}${value === 1 ? "" : "s"}`;
}

/** Lines of mixed and unknown authorship may be an assistant's as well: then the share is said as what it is, a lower bound. */
function byAssistants({ assistants, linesAdded }: PullRequestSummary): string {
  if (linesAdded === 0) return "no line was added";
  const { linesMin, linesMax } = assistants;
  const share = (lines: number): string => showValue(lines / linesAdded, "share");
  if (linesMin === 0 && linesMax > 0) return `no line is known to be an assistant's alone, and up to ${share(linesMax)} may be`;
  return linesMin === linesMax ? `${share(linesMin)} of the lines by assistants` : `at least ${share(linesMin)} of the lines by assistants, and up to ${share(linesMax)} with those of mixed or unknown authorship`;
}

/** Whole blocks only: half a table is no table. */
function bounded(blocks: readonly string[]): string {
  const kept: string[] = [];
  let size = 0;
  for (const block of blocks) {
    size += block.length + 2;
    if (size > COMMENT_CHARACTERS) {
      kept.push("The rest is too long for a comment: `firstfix report pr --format json` has it.");
      break;
    }
    kept.push(block);
  }
  return `${kept.join("\n\n")}\n`;
}

function table(heads: readonly string[], align: string, rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(heads), line(align.split("").map((one) => (one === "r" ? "---:" : "---"))), ...rows.map(line)].join("\n");
}

function details(title: string, body: string, more: number): string {
  return `<details><summary>${title}</summary>\n\n${body}\n${more > 0 ? `\n… and ${showCount(more)} more.\n` : ""}\n</details>`;
}

function name({ authorship, agent, model }: Writer): string {
  return text(who(authorship, agent, model));
}

function text(raw: string): string {
  return markdownText(raw, TEXT_CHARACTERS);
}

function few(texts: readonly string[], max: number): string {
  return texts.length === 0 ? "–" : `${texts.slice(0, max).map(text).join(", ")}${texts.length > max ? `, … (${texts.length})` : ""}`;
}
