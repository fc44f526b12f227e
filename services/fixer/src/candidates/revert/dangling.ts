import { takeBack, type Located } from "./changes.ts";
import type { Revertible } from "./revert.ts";

const DECLARATION = /\b(?:const|let|var|function\*?|class)\s+([A-Za-z_$][\w$]*)|^\s*(?:static\s+|async\s+|get\s+|set\s+)*(#[A-Za-z_$][\w$]*)\s*[(=;]/gm;
const IMPORT = /^\s*import\s[^;]*?from\b/gm;

/**
 * Whether taking back only these changes would surely leave a name in use that nothing declares any more. A cheap look
 * that saves a start of the application; when in doubt it says no, and the replay decides.
 */
export function leavesDangling(from: Revertible, part: readonly Located[]): boolean {
  const texts = new Map([...from.texts].map(([path, text]) => [path, takeBack(text, part.filter((one) => one.change.path === path))]));
  return part.some(({ change }) => {
    const after = texts.get(change.path) ?? "";
    const lost = namesDeclared(change.added.join("\n"));
    return [...lost].some((name) => !namesDeclared(after).has(name) && (isUsed(after, name) || [...texts].some(([path, text]) => path !== change.path && imports(text).has(name))));
  });
}

function namesDeclared(text: string): Set<string> {
  const names = imports(text);
  for (const [, plain, hidden] of text.matchAll(DECLARATION)) names.add(plain ?? hidden ?? "");
  return names;
}

function imports(text: string): Set<string> {
  return new Set([...text.matchAll(IMPORT)].flatMap(([clause]) => clause.match(/[A-Za-z_$][\w$]*/g) ?? []).filter((word) => !["import", "from", "as", "type"].includes(word)));
}

function isUsed(text: string, name: string): boolean {
  const escaped = name.replace(/\$/g, "\\$");
  return new RegExp(`(?<![\\w$.#])${escaped}(?![\\w$])`).test(text) || (name.startsWith("#") && new RegExp(`\\.${escaped}(?![\\w$])`).test(text));
}
