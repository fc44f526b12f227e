import { BOUNDS } from "../limits.ts";
import { CHANNELS, type Attribution, type AuthorshipEvidence, type Commit } from "../types.ts";
import { modelOfName, parseIdentity } from "./identities.ts";
import { messageEvidence } from "./trailers.ts";

/** Weaker evidence is shown and decides nothing. */
const CONFIDENCE_MIN = 0.3;

export const UNKNOWN: Attribution = { authorship: "unknown", agent: "", model: "", confidence: 0, evidence: [] };

/** What the commit itself says: its author, its committer, its message. */
export function commitEvidence(commit: Commit): AuthorshipEvidence[] {
  return [...authorEvidence(commit), ...messageEvidence(commit)];
}

/**
 * The verdict over a ledger. The strongest channel that says anything about the author decides alone; weaker ones stay
 * in the ledger, so a conflict can be seen. Without such evidence it is unknown, which is not human.
 */
export function judge(evidence: readonly AuthorshipEvidence[]): Attribution {
  for (const channel of CHANNELS) {
    const saying = evidence.filter((one) => one.channel === channel && one.role === "author" && one.authorship !== "unknown" && one.confidence >= CONFIDENCE_MIN);
    const first = saying[0];
    if (first === undefined) continue;
    const same = saying.every((one) => one.authorship === first.authorship);
    const machines = saying.filter((one) => one.agent !== "");
    const best = (machines.length > 0 ? machines : saying).reduce((top, one) => (one.confidence > top.confidence ? one : top));
    // The same assistant may name its model in one line and not in the other.
    const model = best.model || (machines.find((one) => one.agent === best.agent && one.model !== "")?.model ?? "");
    return { authorship: same ? first.authorship : "mixed", agent: best.agent, model, confidence: best.confidence, evidence };
  }
  return { ...UNKNOWN, evidence };
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
