import type { AuthorshipRecord } from "@firstfix/incident";

export type Evidence = AuthorshipRecord["evidence"][number];

/** Channels, the strongest first. The tier decides, and never how often something is said. */
const CHANNELS: Readonly<Record<string, { readonly tier: number; readonly name: string; readonly voice: string; readonly level: string }>> = {
  "git-ai-note": { tier: 1, name: "git-ai note", voice: "by git-ai note", level: "by line" },
  "agent-trace": { tier: 2, name: "Agent Trace record", voice: "by Agent Trace record", level: "by line" },
  "git-author": { tier: 3, name: "Author of the commit", voice: "by its author", level: "whole commit" },
  trailer: { tier: 4, name: "Trailer", voice: "by trailer", level: "whole commit" },
  "pull-request": { tier: 5, name: "Pull request", voice: "by pull request", level: "whole commit" },
};

/** The strongest first: the tier decides, and within one how sure it is. */
export function inTiers(ledger: readonly Evidence[]): readonly Evidence[] {
  return ledger.toSorted((a, b) => tierOf(a) - tierOf(b) || b.confidence - a.confidence);
}

/**
 * `Trailer says Copilot, git-ai note says Claude Code: the note decides.` Null where weaker evidence names nobody whom
 * the deciding channel does not name as well: a trailer that names one of several authors contradicts nothing.
 */
export function conflictOf(ledger: readonly Evidence[]): string | null {
  const authors = ledger.filter((one) => one.role === "author").toSorted((a, b) => tierOf(a) - tierOf(b));
  const [first] = authors;
  if (first === undefined) return null;
  const named = new Set(authors.filter((one) => tierOf(one) === tierOf(first)).map((one) => one.agent));
  const other = authors.find((one) => !named.has(one.agent));
  if (other === undefined) return null;
  return `${channelName(other)} says ${other.agent || "a person"}, ${inSentence(first)} says ${first.agent || "a person"}: the ${inSentence(first)} decides, as the stronger evidence.`;
}

/** Names keep their capitals, other words lose them. */
function inSentence(one: Evidence): string {
  return channelName(one).replace(/^(Author|Trailer|Pull)/, (word) => word.toLowerCase());
}

export function channelName(one: Evidence): string {
  return CHANNELS[one.channel]?.name ?? one.channel;
}

/** The channel as it stands behind what it says: `by trailer`. */
export function voiceOf(one: Evidence): string {
  return CHANNELS[one.channel]?.voice ?? `by ${one.channel}`;
}

export function tierOf(one: Evidence): number {
  return CHANNELS[one.channel]?.tier ?? 6;
}

/** Whether a piece of evidence says who wrote lines, or only whole commits. */
export function levelOf(one: Evidence): string {
  return CHANNELS[one.channel]?.level ?? "whole commit";
}
