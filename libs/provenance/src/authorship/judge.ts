import { BOUNDS } from "../limits.ts";
import { CHANNELS, type Attribution, type AuthorshipEvidence, type Commit } from "../types.ts";
import { modelOfName, parseIdentity, UNNAMED } from "./identities.ts";
import { isSquashed, quotedCommits } from "./squash.ts";
import { CHECKED } from "./traced-evidence.ts";
import { messageEvidence } from "./trailers.ts";

/** Weaker evidence is shown and decides nothing. */
const CONFIDENCE_MIN = 0.3;
const PRESENCE = 0.5;
/** Assistants that a verdict names, where several wrote a commit and none of its lines can be told apart. */
const NAMED_MAX = 3;
/** Of a squashed branch nobody knows which lines are whose. */
const SQUASHED = 0.6;

export const UNKNOWN: Attribution = { authorship: "unknown", agent: "", model: "", confidence: 0, evidence: [] };

/** What the commit itself says: its author, its committer, its message. */
export function commitEvidence(commit: Commit): AuthorshipEvidence[] {
  return [...authorEvidence(commit), ...messageEvidence(commit)];
}

/**
 * The verdict over a ledger. The strongest channel that says anything about the author decides alone; weaker ones stay
 * in the ledger, so a conflict can be seen. Several assistants that share a commit without saying whose lines are whose
 * are all named. Without such evidence it is unknown, which is not human.
 */
export function judge(evidence: readonly AuthorshipEvidence[]): Attribution {
  const saying = deciding(evidence);
  const first = saying[0];
  if (first === undefined) return { ...UNKNOWN, evidence };
  const heard = saying.some((one) => !isPresence(one)) ? saying.filter((one) => !isPresence(one)) : saying;
  const [authorship = first.authorship, ...others] = new Set(heard.map((one) => one.authorship));
  const machines = saying.filter((one) => one.agent !== "");
  const named = machines.filter((one) => one.agent !== UNNAMED);
  const best = [named, machines, saying].find((some) => some.length > 0)?.reduce((top, one) => (weight(one) > weight(top) ? one : top)) ?? first;
  // The same assistant may name its model in one line and not in the other.
  const model = best.model || (machines.find((one) => one.agent === best.agent && one.model !== "")?.model ?? "");
  const families = new Map(named.filter((one) => one.lines === undefined).map((one) => [family(one.agent), one.agent]));
  if (families.size > 1) {
    const names = [...families.values()].sort((a, b) => a.localeCompare(b, "en"));
    return { authorship: others.length === 0 ? authorship : "mixed", agent: `${names.slice(0, NAMED_MAX).join(" + ")}${names.length > NAMED_MAX ? " + others" : ""}`, model: "", confidence: best.confidence, evidence };
  }
  return { authorship: others.length === 0 ? authorship : "mixed", agent: best.agent, model, confidence: best.confidence, evidence };
}

/**
 * Evidence that says something else than the evidence that decided. Of a commit, records about different lines do not
 * contradict each other, and a trailer that names one of several authors does not either. Of a line, what is said of the
 * commit as a whole contradicts nothing that is said of the line, unless it is the commit's git author, or records tell of
 * all lines of the commit (`told`, as `tellsAll` has them) and none of them is left for the one that the trailer names.
 */
export function conflicts({ evidence }: Attribution, of: "commit" | "line" = "commit", told: readonly AuthorshipEvidence[] | null = null): readonly AuthorshipEvidence[] {
  const decided = deciding(evidence);
  const channel = decided[0]?.channel;
  const ofLines = decided.every((one) => one.lines !== undefined);
  return evidence.filter((one) => {
    if (!says(one)) return false;
    if (one.channel === channel) return decided.some((other) => overlap(one, other) && !agree(one, other));
    if (of === "line" && ofLines && one.lines === undefined && one.channel !== "git-author") return told !== null && !isPresence(one) && !told.some((other) => agree(one, other));
    return !decided.some((other) => agree(one, other));
  });
}

/**
 * What the evidence says of the commit as a whole. A squash quotes several commits: where some of them say nothing of an
 * assistant, the trailers of the others do not make all of it an assistant's.
 */
export function ofCommit(attribution: Attribution, commit: Commit): Attribution {
  const decided = deciding(attribution.evidence)[0]?.channel;
  if (attribution.authorship !== "ai" || (decided !== "trailer" && decided !== "pull-request") || !isSquashed(commit)) return attribution;
  const quoted = quotedCommits(commit.message);
  const partly = quoted.length > 1 && quoted.some((one) => !messageEvidence({ ...commit, ...one }).some(says));
  return partly ? { ...attribution, authorship: "mixed" } : attribution;
}

/** What a commit's verdict says of its lines: less than of the commit, where a whole branch was squashed into it. */
export function ofLines(attribution: Attribution, squashed: boolean): Attribution {
  const decided = deciding(attribution.evidence)[0]?.channel;
  if (!squashed || (decided !== "trailer" && decided !== "pull-request")) return attribution;
  return { ...attribution, authorship: "mixed", confidence: Math.round(attribution.confidence * SQUASHED * 1000) / 1000 };
}

/** The strongest tier that says anything. */
export function deciding(evidence: readonly AuthorshipEvidence[]): readonly AuthorshipEvidence[] {
  const saying = evidence.filter(says);
  const strongest = saying.reduce((least, one) => Math.min(least, tier(one)), Infinity);
  return saying.filter((one) => tier(one) === strongest);
}

/** A record of Agent Trace whose content was not checked stands between an assistant that is the git author and a trailer. */
function tier({ channel, confidence }: AuthorshipEvidence): number {
  return channel === "agent-trace" && confidence < CHECKED ? CHANNELS.indexOf("git-author") + 0.5 : CHANNELS.indexOf(channel);
}

/** That some assistant was there, as a checkpoint says without its metadata: it contradicts nothing that says how much it wrote. */
function isPresence({ agent, authorship, confidence }: AuthorshipEvidence): boolean {
  return agent === UNNAMED && authorship === "mixed" && confidence <= PRESENCE;
}

export function says({ role, authorship, confidence }: AuthorshipEvidence): boolean {
  return role === "author" && authorship !== "unknown" && confidence >= CONFIDENCE_MIN;
}

/** Lines first: who wrote a hundred of them stands for the commit rather than who wrote one. */
function weight({ lines, confidence }: AuthorshipEvidence): number {
  return (lines === undefined ? 0 : lines.to - lines.from + 1) + confidence;
}

function agree(one: AuthorshipEvidence, other: AuthorshipEvidence): boolean {
  if ((one.authorship === "human") !== (other.authorship === "human")) return false;
  return one.agent === "" || other.agent === "" || one.agent === UNNAMED || other.agent === UNNAMED || family(one.agent) === family(other.agent);
}

function overlap({ lines: a }: AuthorshipEvidence, { lines: b }: AuthorshipEvidence): boolean {
  return a !== undefined && b !== undefined && a.path === b.path && a.from <= b.to && b.from <= a.to;
}

/** One maker's tools under several names: a note says "copilot" where a trailer says which of them. */
function family(agent: string): string {
  return /copilot/i.test(agent) ? "Copilot" : /^replit/i.test(agent) ? "Replit" : agent;
}

function authorEvidence(commit: Commit): AuthorshipEvidence[] {
  const times = [commit.authoredAt, commit.committedAt];
  const found: AuthorshipEvidence[] = [];
  const author = parseIdentity(commit.authorEmail, times);
  const authorRaw = raw(`Author: ${commit.authorName} <${commit.authorEmail}>`);
  if (author !== null) {
    // As author of the commit even a reviewing bot wrote it.
    found.push({ channel: "git-author", authorship: "ai", agent: author.agent, model: modelOfName(author.agent, commit.authorName), role: "author", confidence: author.confidence, raw: authorRaw });
  } else if (commit.authorName.endsWith(" (aider)")) {
    found.push({ channel: "git-author", authorship: "ai", agent: "Aider", model: "", role: "author", confidence: 0.9, raw: authorRaw });
  }
  const committer = parseIdentity(commit.committerEmail, times);
  const agent = committer?.agent ?? (commit.committerName.endsWith(" (aider)") ? "Aider" : null);
  // Who commits need not have written: aider also commits what a person changed.
  if (agent !== null) found.push({ channel: "git-author", authorship: "unknown", agent, model: "", role: "committer", confidence: committer?.confidence ?? 0.9, raw: raw(`Commit: ${commit.committerName} <${commit.committerEmail}>`) });
  return found;
}

function raw(text: string): string {
  return text.slice(0, BOUNDS.rawEvidence);
}
