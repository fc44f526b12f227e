import { BOUNDS } from "../limits.ts";
import type { Authorship, AuthorshipEvidence, Commit, Role } from "../types.ts";
import { knownAgent, modelOfName, namedAgent, parseIdentity, UNNAMED } from "./identities.ts";
import { entireFolder } from "./entire.ts";
import { endsQuoted, isSquashed, unfolded } from "./squash.ts";

/** `Key: value` at the start of a line; `last` tells whether it stands in the message's last paragraph. */
export interface Trailer {
  readonly key: string;
  readonly value: string;
  readonly last: boolean;
}

/** A squash merge carries the trailers of every commit it swallowed in its middle: they count a little less. */
const MIDDLE = 0.8;
/** The text of a pull request speaks of all of it. */
const QUOTED = 0.5;
const UNNAMED_TOOL = 0.4;

/**
 * Trailers of a commit message, wherever they stand; a line that begins with white space continues the one before.
 * `key = ALPHA *( ALPHA / DIGIT / "-" )   trailer = key ":" *WSP value`, with white space where the key says nothing to us.
 * The last paragraph, where git itself looks, is read first, and keys that say nothing do not use up the bound.
 */
export function parseTrailers(message: string): readonly Trailer[] {
  const lines = message.slice(0, BOUNDS.messageBytes).trimEnd().split("\n").map((line) => line.trimEnd());
  const lastParagraph = lastParagraphOf(lines);
  const room = { known: BOUNDS.trailers, others: BOUNDS.trailers };
  const last = lastParagraph > 0 ? read(lines, lastParagraph, lines.length, true, room) : [];
  return [...read(lines, 1, lastParagraph > 0 ? lastParagraph : lines.length, false, room), ...last];
}

/** Where the last paragraph begins; `git cherry-pick -x` puts one of its own below it. */
function lastParagraphOf(lines: readonly string[]): number {
  let end = lines.length;
  while (end > 1 && (lines[end - 1] === "" || PICKED.test(lines[end - 1] ?? ""))) end -= 1;
  return lines.lastIndexOf("", end - 1) + 1;
}

const PICKED = /^\(cherry picked from commit [0-9a-f]{7,64}\)$/;

function read(lines: readonly string[], from: number, to: number, last: boolean, room: { known: number; others: number }): Trailer[] {
  const trailers: Trailer[] = [];
  for (let index = from; index < to; index += 1) {
    const [, key = "", space = "", rest = ""] = /^([A-Za-z][A-Za-z0-9-]{0,63}):([ \t]*)(\S.{0,2000})$/.exec(lines[index] ?? "") ?? [];
    const kind = KNOWN.has(key.toLowerCase()) ? "known" : "others";
    if (key === "" || (space === "" && kind === "others") || room[kind] <= 0) continue;
    room[kind] -= 1;
    let value = rest;
    while (continues(value, lines[index + 1] ?? "") && value.length < 2000) value += ` ${(lines[++index] ?? "").trim()}`;
    trailers.push({ key, value, last });
  }
  return trailers;
}

/** Git folds by white space; what wraps long lines leaves an address alone on the next one. */
function continues(value: string, next: string): boolean {
  return /^[ \t]+\S/.test(next) || (/^<[^<>\s]{1,320}>$/.test(next) && !value.includes("<"));
}

/** What the message says about who wrote the commit. It never speaks of lines. */
export function messageEvidence(commit: Pick<Commit, "message" | "subject" | "parents" | "authoredAt" | "committedAt">): AuthorshipEvidence[] {
  const spoken = withoutQuotes(commit.message);
  const trailers = parseTrailers(unfolded(spoken));
  // What the last quoted commit ends with stands where the squash's own trailers would stand.
  const quoted = isSquashed(commit) && endsQuoted(commit.message);
  const times = [commit.authoredAt, commit.committedAt];
  const evidence = trailers.flatMap((trailer) => {
    const key = trailer.key.toLowerCase();
    const found = Object.hasOwn(READERS, key) ? (READERS[key]?.(trailer.value, { times, trailers }) ?? null) : null;
    return found === null ? [] : [{ ...found, confidence: round(found.confidence * (trailer.last && !quoted ? 1 : MIDDLE)), raw: raw(`${trailer.key}: ${trailer.value}`) }];
  });
  return [...evidence, ...unread(commit.message, trailers.length), ...footers(spoken, isOfPullRequest(commit)), ...aiderSubject(commit.subject)];
}

/** Without what is shown and not said: fenced code and comments of HTML, where they end. Rows stay where they are. */
function withoutQuotes(message: string): string {
  let text = message.slice(0, BOUNDS.messageBytes);
  for (let from = text.indexOf("<!--"); from >= 0; from = text.indexOf("<!--", from)) {
    const to = text.indexOf("-->", from);
    if (to < 0) break;
    text = text.slice(0, from) + text.slice(from, to + 3).replaceAll(/[^\n]/g, "") + text.slice(to + 3);
  }
  const rows = text.split("\n");
  const fences = rows.flatMap((row, at) => (FENCE.test(row) ? [at] : []));
  for (let pair = 0; pair + 1 < fences.length; pair += 2) rows.fill("", fences[pair], (fences[pair + 1] ?? 0) + 1);
  return rows.join("\n");
}

const FENCE = /^ {0,3}(?:```|~~~)/;

/** What stands in a message that a pull request's text was put into is the text's word, not that of whoever committed. */
function isOfPullRequest(commit: Pick<Commit, "subject" | "message" | "parents">): boolean {
  return isSquashed(commit) || /^Merge(?:d PR| pull request|d in)? /.test(commit.subject);
}

interface Around {
  readonly times: readonly number[];
  readonly trailers: readonly Trailer[];
}

type Reading = Omit<AuthorshipEvidence, "raw" | "lines"> | null;

const READERS: Readonly<Record<string, (value: string, around: Around) => Reading>> = {
  "co-authored-by": coAuthor,
  // The kernel's word for it.
  "co-developed-by": coAuthor,
  "squashed-author": (value, { times }) => {
    const { name, email } = person(value);
    const identity = parseIdentity(email, times);
    return identity === null ? null : says("ai", identity.agent, Math.min(identity.confidence, 0.9), modelOfName(identity.agent, name));
  },
  "claude-session": (value) => (/^https:\/\/(?:[a-z0-9-]+\.)*claude\.(?:ai|com)\/\S+$/.test(value) ? says("ai", "Claude Code", 0.85) : null),
  "agent-logs-url": (value) => (/^https:\/\/github\.com\/[^/\s]+\/[^/\s]+\/sessions\/[0-9a-f-]{36}$/i.test(value) ? says("ai", "Copilot cloud agent", 0.9) : null),
  "amp-thread-id": (value) => (/^https:\/\/ampcode\.com\/threads\/T-[\w-]{1,64}$/.test(value) ? says("ai", "Amp", 0.85) : null),
  "made-with": (value) => (/^cursor$/i.test(value) ? says("ai", "Cursor", 0.8) : null),
  "replit-commit-author": (value, { trailers }) => {
    const kind = /^(Agent|Assistant)$/i.exec(value)?.[1];
    const session = trailers.some((one) => one.key.toLowerCase() === "replit-commit-session-id");
    return kind === undefined ? null : says("ai", `Replit ${kind[0]?.toUpperCase()}${kind.slice(1).toLowerCase()}`, session ? 0.9 : 0.75);
  },
  // "Assisted" says that a person revised it: mixed. "Generated": mostly machine.
  "assisted-by": (value, around) => tool(value, "mixed", around),
  "generated-by": (value, around) => tool(value, "ai", around),
  "entire-checkpoint": (value) => (entireFolder(value) !== null ? says("mixed", UNNAMED, 0.5) : null),
  "entire-attribution": (value) => {
    const match = /^(\d{1,3})% agent \((\d{1,9})\/(\d{1,9}) lines\)$/.exec(value);
    const percent = Number(match?.[1] ?? 0);
    // No agent line is no proof of a person: whoever wrote them stays unknown.
    return percent === 0 || percent > 100 ? null : says(percent >= 95 ? "ai" : "mixed", UNNAMED, 0.75);
  },
};

function coAuthor(value: string, { times }: Around): Reading {
  const { name, email } = person(value);
  const identity = parseIdentity(email, times);
  if (identity === null) return null;
  // A reviewer's accepted suggestion does not say who wrote the commit.
  return says(identity.role === "author" ? "ai" : "unknown", identity.agent, Math.min(identity.confidence, 0.9), modelOfName(identity.agent, name), identity.role);
}

/** Keys that say something about who wrote the commit. */
const KNOWN: ReadonlySet<string> = new Set([...Object.keys(READERS), "replit-commit-session-id"]);

/** Names that are words as well, with other words beside them, and what tells that the product is meant. */
const WORDS = /^(?=.*\b(?:cursor|codex|gemini|cascade|amp|crush|warp)\b).*\S\s+\S/i;
/** Says that it was not, or names a file. */
const DENIED = /\b(?:not|no|never|nor|none|without|instead of|rather than|unlike)\b|n['’]t\b/i;
const FILE = /[\w./-]{0,200}\.(?:go|java|js|json|md|proto|py|rb|rs|sql|toml|ts|txt|xml|ya?ml)\b/gi;
const PRODUCT = /\d|\b(?:ai|agents?|assist\w*|cli|code|ide|editor|composer|copilot|claude|gpt|llm|google|openai|sourcegraph|pro|flash)\b/i;

/**
 * Kernel: `AGENT ":" MODEL *( SP ["["] tool ["]"] )`; Fedora, OpenStack, Apache: free text. A person may assist too,
 * and a code generator may generate: only what names a known assistant counts.
 */
function tool(value: string, authorship: Authorship, { times }: Around): Reading {
  const { name, email } = person(value);
  if (email !== "") {
    const identity = parseIdentity(email, times);
    return identity === null ? null : says(authorship, identity.agent, Math.min(identity.confidence, 0.8), modelOfName(identity.agent, name));
  }
  // Some projects want it said that there was one, and no maker named.
  if (/^(?:an? )?(?:ai|llm)$/i.test(value.trim())) return says(authorship, UNNAMED, UNNAMED_TOOL);
  const kernel = /^([A-Za-z][\w.-]{0,60}(?: [\w.-]{1,40}){0,2}):([\w./@-]{1,100})(?: .*)?$/.exec(value);
  const named = kernel === null ? value : `${kernel[1]} ${kernel[2]}`;
  // Before a model a single word is a tool's name.
  const tools = kernel?.[1] ?? "";
  const agent = (/^\S+$/.test(tools) ? knownAgent(tools) : namedAgent(tools)) ?? namedAgent(named.replaceAll(FILE, " "));
  if (agent === null) return null;
  if (DENIED.test(value)) return says(authorship, agent, 0.2);
  // "cursor pagination script" is no product: it is shown, and decides nothing.
  if (kernel === null && WORDS.test(value) && !PRODUCT.test(value)) return says(authorship, agent, 0.2);
  return says(authorship, agent, kernel === null ? 0.6 : 0.8, kernel?.[2] ?? modelOfName(agent, value));
}

/** The text alone, without the product's link, is also what people write about a program that they made. */
const PLAIN = 0.6;
const FOOTERS: readonly (readonly [RegExp, string, number?])[] = [
  [/^\W{0,6}Generated with \[Claude Code\]\(https:\/\/claude\.(?:com\/claude-code|ai\/code)\/?\)\W{0,6}$/u, "Claude Code"],
  [/^\W{0,6}Generated with Claude Code$/u, "Claude Code", PLAIN],
  [/^\W{0,6}Generated with \[Devin\](?:\([^\s)]{1,300}\))?\W{0,6}$/u, "Devin"],
  [/^\W{0,6}Generated with \[opencode\]\(https:\/\/opencode\.ai\/?\)\W{0,6}$/u, "opencode"],
  [/^\W{0,6}Generated with (?:\[Crush\]\(https:\/\/[^\s)]{1,200}\)|Crush)\W{0,6}$/u, "Crush", PLAIN],
];

function footers(message: string, ofPullRequest: boolean): AuthorshipEvidence[] {
  const lines = message.slice(0, BOUNDS.messageBytes).split("\n").map((line) => line.trimEnd());
  return FOOTERS.flatMap(([pattern, agent, confidence = 0.85]) => {
    const line = lines.find((one) => pattern.test(one));
    return line === undefined ? [] : [{ channel: ofPullRequest ? ("pull-request" as const) : ("trailer" as const), authorship: "ai" as const, agent, model: "", role: "author" as const, confidence: ofPullRequest ? QUOTED : confidence, raw: raw(line) }];
  });
}

/** What a message holds beyond its bounds is said to be there, or a person would take it for read. */
function unread(message: string, trailers: number): AuthorshipEvidence[] {
  const reasons = [message.length >= BOUNDS.messageBytes ? `The message is longer than ${BOUNDS.messageBytes} characters: the rest is not read` : "", trailers >= BOUNDS.trailers ? `The message has more than ${BOUNDS.trailers} trailers: the others are not read` : ""];
  return reasons.filter((why) => why !== "").map((why) => ({ channel: "trailer" as const, authorship: "unknown" as const, agent: "", model: "", role: "author" as const, confidence: 0, raw: why }));
}

function aiderSubject(subject: string): AuthorshipEvidence[] {
  return subject.startsWith("aider: ") ? [{ channel: "trailer", authorship: "ai", agent: "Aider", model: "", role: "author", confidence: 0.7, raw: raw(subject) }] : [];
}

function says(authorship: Authorship, agent: string, confidence: number, model = "", role: Role = "author"): NonNullable<Reading> {
  return { channel: "trailer", authorship, agent, model, role, confidence };
}

/** `Name <e-mail>`, or `Name e-mail` as some write it; without an e-mail all of it is the name. */
function person(value: string): { name: string; email: string } {
  const match = /^([^<>]{0,200})<([^<>\s]{1,320})>\s*(?:[([#].{0,200})?$/.exec(value) ?? /^([^<>@]{0,200})(?<!\S)([^<>@\s]{1,100}@[^<>@\s]{1,200})$/.exec(value.slice(0, 600));
  return match === null ? { name: value, email: "" } : { name: (match[1] ?? "").trim(), email: match[2] ?? "" };
}

function raw(text: string): string {
  return text.trim().slice(0, BOUNDS.rawEvidence);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
