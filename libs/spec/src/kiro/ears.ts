import type { Ears } from "../types.ts";

/**
 * EARS: [Where <feature>,] [While <state>,] [When <trigger>, | If <trigger>, then] the <system> shall <response>.
 * Kiro also writes `WHEN <trigger> THEN the system SHALL …`, or leaves the commas out. Null where there is no SHALL.
 */
export function parseEars(text: string): Ears | null {
  const shall = /^(.*?)\bshall\b\s*(.*)$/isu.exec(text);
  if (shall === null) return null;
  const { clauses, system } = splitSystem((shall[1] ?? "").trim());
  const words = [...clauses.matchAll(/(?:^|,\s*|\band\s+)(where|while|when|if)\b/giu)].map((match) => (match[1] ?? "").toLowerCase());
  const kinds = [...new Set(words)];
  const pattern = kinds.length > 1 ? "complex" : (PATTERNS[kinds[0] ?? ""] ?? "ubiquitous");
  const trigger = pattern === "complex" ? clauses : clauses.replace(/^(where|while|when|if)\s+/iu, "");
  return { pattern, trigger, system, response: (shall[2] ?? "").trim() };
}

const PATTERNS: Readonly<Record<string, Ears["pattern"]>> = { where: "optional", while: "state", when: "event", if: "unwanted" };

/** The system is what follows the last `the` that starts a clause: after a comma or THEN, else the last of all. */
function splitSystem(left: string): { readonly clauses: string; readonly system: string } {
  const starts = [...left.matchAll(/(^|,\s*|\bthen,?\s+)(?:then,?\s+)?(?:the\s+)?/giu)];
  const clause = starts.at(-1);
  const isConditional = /^(where|while|when|if)\b/iu.test(left);
  if (clause === undefined || (isConditional && clause.index === 0)) {
    const last = isConditional ? left.toLowerCase().lastIndexOf(" the ") : -1;
    if (last < 0) return { clauses: isConditional ? left : "", system: isConditional ? "" : withoutThe(left) };
    return { clauses: tidy(left.slice(0, last)), system: left.slice(last + 5).trim() };
  }
  return { clauses: tidy(left.slice(0, clause.index)), system: withoutThe(left.slice(clause.index + clause[0].length)) };
}

function withoutThe(text: string): string {
  return text.trim().replace(/^the\s+/iu, "");
}

function tidy(clauses: string): string {
  return clauses.trim().replace(/(?:,|\bthen)+$/iu, "").trim();
}
