import { BOUNDS } from "../limits.ts";
import type { Commit } from "../types.ts";

/** One of the commits that a squash quotes. */
export interface Quoted {
  readonly subject: string;
  /** Subject and body; of git's own form the body begins with the author. */
  readonly message: string;
}

/** Git's own words, which a person may have put a subject above. */
const BY_GIT = /^Squashed commit of the following:$/m;
/** `git rebase` and its squash commands, where nobody took the comments away. */
const BY_REBASE = /^# This is a combination of \d{1,5} commits\.$/m;
const REBASED_PART = /^# (?:This is the (?:1st commit message|commit message #\d{1,5}|\d{1,5}(?:st|nd|rd|th) commit message)|The first commit's message is):$/m;
/** GitHub puts it between the quoted commits and the co-authors of all of them. */
const RULE = /^-{9}$/;
/** Commits of one squash that are looked at one by one. */
const QUOTED_MAX = 200;

/** Whether the message says that a whole branch was put into this commit: in the words of GitHub, GitLab, Azure DevOps, Bitbucket or git. */
export function isSquashed({ subject: first, message, parents }: Pick<Commit, "subject" | "message" | "parents">): boolean {
  if (parents.length > 1) return false;
  const [subject, text] = [first.trimEnd(), textOf(message)];
  if (BY_REBASE.test(text) || restarts(text.split("\n")).length > 0) return true;
  if (/ \([#!]\d{1,9}\)$/.test(subject) || BY_GIT.test(text) || /^Merged PR \d{1,9}: /.test(subject) || /^Merged in \S{1,300} \(pull request #\d{1,9}\)$/.test(subject)) return true;
  return /^See merge request \S+!\d{1,9}$/m.test(text) || isListOfCommits(subject, text);
}

/** The commits that a squash's message quotes, in its order; [] where it quotes none. */
export function quotedCommits(message: string): readonly Quoted[] {
  const text = textOf(message);
  if (BY_GIT.test(text)) return quotedByGit(text);
  if (BY_REBASE.test(text)) return text.split(REBASED_PART).slice(1, QUOTED_MAX + 1).map(quotedOf);
  const lines = text.split("\n");
  const starts = [0, ...restarts(lines)];
  return starts.length > 1 ? starts.slice(0, QUOTED_MAX).map((start, index) => quotedOf(lines.slice(start, starts[index + 1]).join("\n"))) : quotedByBullets(lines.slice(1));
}

/** The message with what git quotes as if it stood there by itself: `git merge --squash` prints each commit as `git log` does. */
export function unfolded(message: string): string {
  const text = textOf(message);
  return BY_GIT.test(text) ? text.split("\n").map(unfoldedLine).join("\n") : message;
}

/** Whether the message's last paragraph is the last quoted commit's and not the squash's own. */
export function endsQuoted(message: string): boolean {
  const lines = textOf(message).trimEnd().split("\n");
  if (BY_GIT.test(lines.join("\n"))) return /^ {4}/.test(lines.at(-1) ?? "");
  if (BY_REBASE.test(lines.join("\n")) || restarts(lines).length > 0) return true;
  return bulletsOf(lines.slice(1)).length > 1 && !lines.some((line) => RULE.test(line));
}

/**
 * Where a message begins anew: below a paragraph of trailers, with which a commit's message ends, stands one of a single
 * line that reads as a subject. So `git rebase` puts the messages of the commits together that it makes one.
 */
function restarts(lines: readonly string[]): number[] {
  const starts: number[] = [];
  let trailers = false;
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    if (line === "" || lines[index - 1] !== "") continue;
    if (trailers && (lines[index + 1] ?? "") === "" && SUBJECT.test(line) && !NO_SUBJECT.test(line)) starts.push(index);
    // A trailer's value may stand on further lines; what matters is how the paragraph begins.
    trailers = SIGNING.test(line) || (trailers && isTrailer(line));
  }
  return starts;
}

/** Trailers that stand at the end of a commit's message, and not in a text about it. */
const SIGNING = /^(?:co-authored-by|signed-off-by|co-developed-by|change-id): \S/i;
const SUBJECT = /^[^\s([#>*:-].{2,99}(?<![.,;:])$/;
/** What people and programs put below the trailers. */
const NO_SUBJECT = /^(?:https?:|conflicts\b|[a-z]+(?:-[a-z]+)+: |(?:link|cc|bug|issue|ticket|pr|closes|fixes|refs?|see|message-id): |(?:closes|closed|fixes|fixed|resolves|resolved|refs?|references|see|related|part of)\b[^:]*#?\w*\d|🤖|generated\b)/iu;

function isTrailer(line: string): boolean {
  return /^[A-Za-z][A-Za-z0-9-]{0,63}: \S/.test(line);
}

function quotedOf(text: string): Quoted {
  const lines = text.trim().split("\n");
  return { subject: lines[0] ?? "", message: lines.join("\n") };
}

/** What is read of it, with plain ends of lines. */
function textOf(message: string): string {
  return message.slice(0, BOUNDS.messageBytes).replaceAll("\r\n", "\n");
}

function unfoldedLine(line: string): string {
  return line.replace(/^ {4}/, "").replace(/^Author:/, "Squashed-Author:");
}

/** `"commit " id LF "Author: " person LF "Date: " … LF LF *( SP SP SP SP line LF )` each; what is not indented ends the last. */
function quotedByGit(text: string): Quoted[] {
  return text.split(/^commit (?:[0-9a-f]{40,64})(?: .*)?$/m).slice(1, QUOTED_MAX + 1).map((one) => {
    const lines = one.split("\n").filter((line) => /^(?: {4}|Author:|$)/.test(line));
    const subject = lines.find((line) => line.startsWith("    "))?.trim() ?? "";
    return { subject, message: [subject, ...lines.map(unfoldedLine)].join("\n") };
  });
}

/** `"* " subject LF [ LF body ]` each. */
function quotedByBullets(lines: readonly string[]): Quoted[] {
  const end = lines.findIndex((line) => RULE.test(line));
  const own = end < 0 ? lines : lines.slice(0, end);
  const starts = bulletsOf(own);
  return starts.slice(0, QUOTED_MAX).map((start, index) => {
    const [first = "", ...rest] = own.slice(start, starts[index + 1] ?? own.length);
    return { subject: first.slice(2), message: [first.slice(2), ...rest].join("\n") };
  });
}

/** Indices of the lines that begin with a bullet at the start of a paragraph, where the text begins with one. */
function bulletsOf(lines: readonly string[]): number[] {
  const first = lines.findIndex((line) => line.trim() !== "");
  if (!/^\* \S/.test(lines[first] ?? "")) return [];
  return lines.flatMap((line, index) => (/^\* \S/.test(line) && (index === first || lines[index - 1]?.trim() === "") ? [index] : []));
}

/**
 * GitHub's own text below a subject that somebody changed: the branch's subjects as bullets, each with its body below an
 * empty line. A list that a person wrote looks alike; so something must be there that such a list has not: GitHub's rule,
 * trailers between the bullets, or subjects (no sentences) with the number of a pull request above or co-authors below.
 */
function isListOfCommits(subject: string, text: string): boolean {
  const lines = text.trimEnd().split("\n").slice(1).map((line) => line.trimEnd());
  if (lines.some((line) => RULE.test(line)) && lines.filter((line) => /^\* \S/.test(line)).length > 1) return true;
  const bullets = bulletsOf(lines);
  const last = bullets.at(-1);
  // A bullet that goes on in the next line is a sentence and no subject.
  if (last === undefined || bullets.length < 2 || bullets.some((index) => (lines[index + 1] ?? "").trim() !== "")) return false;
  const isTrailer = (line: string): boolean => /^(?:co-authored-by|signed-off-by|[a-z][a-z-]*-(?:by|url|session|with)): \S/i.test(line);
  if (lines.slice(bullets[0], last).some(isTrailer)) return true;
  if (bullets.some((index) => /[.,;:]$/.test(lines[index] ?? ""))) return false;
  return /(?:^|[\s(])(?:#|!|GH-)\d{1,9}\b/.test(subject) || lines.slice(last).some((line) => /^co-authored-by: \S/i.test(line));
}
