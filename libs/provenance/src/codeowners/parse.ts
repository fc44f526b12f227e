import { BOUNDS } from "../limits.ts";
import { compilePattern, matches, type Meter, type Pattern } from "./pattern.ts";

/** Who owns which files, by a CODEOWNERS file. */
export interface Owners {
  /** Teams and people as written, such as `@org/team`; [] for nobody. `path` is relative to the repository's root. */
  of(path: string): readonly string[];
  readonly rules: number;
  /** What was refused and why, for a person; the rest counts. */
  readonly problems: readonly string[];
}

export interface CodeownersOptions {
  /** `auto`: GitLab's where the file has sections. */
  readonly dialect?: "github" | "gitlab" | "auto";
}

interface Rule {
  readonly pattern: Pattern;
  readonly owners: readonly string[];
  readonly exclude: boolean;
}

const PROBLEMS_MAX = 20;
const OWNERS_MAX = 100;
/** Answers kept; a history asks for the same few thousand paths again and again. */
const KNOWN_MAX = 50_000;
/** For one path; 20,000 rules as people write them take a twentieth of it. */
const STEPS_MAX = 5_000_000;
const SECTION = /^\^?\[([^\][]{1,200})\](?:\[\d{1,4}\])?(?=$|\s)/;
const OWNER = /^(?:@{1,2}[\w][\w./-]{0,199}|[^\s@<>,;:"]{1,64}@[\w.-]{1,190})$/;

/**
 * ```
 * file    = *( line LF )      line = comment | section | rule | ""
 * rule    = pattern *( SP owner ) [ SP "#" comment ]      a space within the pattern is written "\ "; no comment in GitLab's
 * section = [ "^" ] "[" name "]" [ "[" approvals "]" ] *( SP owner )                           (GitLab only)
 * owner   = "@" name [ "/" name ] | "@@" role | e-mail
 * ```
 * The last rule that matches decides, also when it names nobody. In GitLab's files that holds within each section, and
 * what the sections say is added up; a section's own owners stand for rules that name none; `!` takes a path out of it.
 */
export function parseCodeowners(text: string, { dialect = "auto" }: CodeownersOptions = {}): Owners {
  const problems: string[] = [];
  const refuse = (why: string): void => {
    if (problems.length < PROBLEMS_MAX) problems.push(why);
  };
  if (text.length > BOUNDS.ownersBytes) return owners([], [`The file is longer than ${BOUNDS.ownersBytes} bytes: not read.`]);
  const lines = text.replace(/^\uFEFF/, "").split("\n").map((line) => line.trim());
  const gitlab = dialect === "gitlab" || (dialect === "auto" && lines.some((line) => SECTION.test(line)));
  const sections = new Map<string, { rules: Rule[]; own: readonly string[] }>([["", { rules: [], own: [] }]]);
  let section = sections.get("")!;
  let count = 0;
  lines.forEach((line, index) => {
    const at = `line ${index + 1}`;
    if (line === "" || line.startsWith("#")) return;
    const heading = gitlab ? SECTION.exec(line) : null;
    if (heading !== null) {
      const key = (heading[1] ?? "").trim().toLowerCase();
      const own = ownersIn(words(line.slice(heading[0].length), true), () => refuse(`${at}: not understood as owner`));
      // The same name again goes on with that section.
      section = sections.get(key) ?? { rules: [], own };
      if (own.length > 0) section.own = own;
      sections.set(key, section);
      return;
    }
    const [first = "", ...rest] = words(line, gitlab);
    const exclude = gitlab && first.startsWith("!");
    const written = exclude ? first.slice(1) : first;
    const ranged = !gitlab && /(?:^!|(?<!\\)\[)/.test(written);
    const pattern = ranged || written.length > BOUNDS.pathBytes ? null : compilePattern(written, { gitlab });
    if (pattern === null) refuse(`${at}: ${ranged ? "! and [ ] mean nothing in this file" : "no pattern"}`);
    else if (count >= BOUNDS.ownersRules) refuse(`${at}: more than ${BOUNDS.ownersRules} rules`);
    else {
      count += 1;
      const named = ownersIn(rest, () => refuse(`${at}: not understood as owner`));
      section.rules.push({ pattern, exclude, owners: named.length > 0 ? named : section.own });
    }
  });
  return owners([...sections.values()].map(({ rules }) => rules.reverse()), problems, count);
}

function owners(sections: readonly (readonly Rule[])[], problems: string[], rules = 0): Owners {
  const known = new Map<string, readonly string[]>();
  const find = (path: string): readonly string[] => {
    const names = path.replace(/^\/+/, "").split("/");
    const meter: Meter = { left: STEPS_MAX };
    const found = [...new Set(sections.flatMap((section) => ownersOf(section, names, meter)))];
    if (meter.left >= 0) return found;
    if (problems.length < PROBLEMS_MAX) problems.push(`Its patterns take too long to compare with ${path.slice(0, 100)}: nobody is named.`);
    return [];
  };
  return {
    rules,
    problems,
    of: (path) => {
      if (path.length > BOUNDS.pathBytes) return [];
      const before = known.get(path);
      if (before !== undefined) return before;
      if (known.size >= KNOWN_MAX) known.clear();
      const found = find(path);
      known.set(path, found);
      return found;
    },
  };
}

/** `rules` with the last one first. */
function ownersOf(rules: readonly Rule[], names: readonly string[], meter: Meter): readonly string[] {
  if (rules.some((rule) => rule.exclude && matches(rule.pattern, names, meter))) return [];
  return rules.find((rule) => !rule.exclude && matches(rule.pattern, names, meter))?.owners ?? [];
}

/** Split at white space that is not escaped. On GitHub `#` at the start of a word begins a comment; GitLab reads on. */
function words(line: string, gitlab: boolean): string[] {
  const found: string[] = [];
  for (const [word] of line.matchAll(/(?:\\.|[^\s\\]|\\$)+/g)) {
    if (!gitlab && word.startsWith("#")) break;
    found.push(word);
  }
  return found;
}

function ownersIn(texts: readonly string[], refuse: () => void): readonly string[] {
  const good = texts.filter((text) => OWNER.test(text)).slice(0, OWNERS_MAX);
  if (good.length < texts.length) refuse();
  return good;
}
