import { isName, tokens } from "./code.ts";

/** How a function uses a name. */
export interface Use {
  /** `name(…)`, `a.name(…)`. */
  called: boolean;
  /** By itself, neither as a member nor as a key. */
  bare: boolean;
  /** What it was a member of: `a` of `a.name`. */
  readonly owners: Set<string>;
  /** The function declares it: a parameter, a local variable, what a loop or `catch` hands over. */
  bound: boolean;
}

const DECLARING = new Set(["const", "let", "var", "val", "mut", "as"]);
const DEFINING = new Set(["function", "def", "func", "fn", "fun"]);
const CONTROL = new Set(["if", "for", "while", "switch", "return", "with", "elif", "await", "typeof", "unless", "until", "match"]);
/** `a, b = …`, `final Item a = …`, `a := …` at the beginning of a line. */
const ASSIGNED = /^(?:(?:final|static|auto)\s+)?(?:[\p{L}_$][\p{L}\p{N}_$.<>[\]?]*\s+)?((?:[\p{L}_$][\p{L}\p{N}_$]*\s*,\s*)*[\p{L}_$][\p{L}\p{N}_$]*)\s*:?=(?![=>])/u;
const LOOP = /^for\s+([\p{L}\p{N}_$,\s]+?)\s+in\b/u;
/** What comes from another module is that module's, wherever it is asked for. */
const IMPORTING = /\b(?:require|import)\b/;

/** The names of a function's code, with how each is used. Knows families of languages, not grammars. */
export function usesOf(code: readonly string[]): ReadonlyMap<string, Use> {
  const uses = new Map<string, Use>();
  const use = (token: string): Use => {
    const name = token.replace(/^[#@]/, "");
    const known = uses.get(name) ?? { called: false, bare: false, owners: new Set<string>(), bound: false };
    uses.set(name, known);
    return known;
  };
  const list = code.flatMap(tokens);
  for (const [at, token] of list.entries()) {
    if (!isName(token)) continue;
    const one = use(token);
    const owner = ownerOf(list, at);
    const called = list[at + 1] === "(";
    if (called) one.called = true;
    if (owner !== null) one.owners.add(owner);
    else if (!called && !(list[at + 1] === ":" && list[at + 2] !== ":" && (list[at - 1] === "{" || list[at - 1] === ","))) one.bare = true;
  }
  for (const name of boundBy(code, list)) use(name).bound = true;
  return uses;
}

/** Before `.`, `?.`, `->` or `::`; null where the name is no member. A spread is no member. */
function ownerOf(list: readonly string[], at: number): string | null {
  const [one, two] = [list[at - 1], list[at - 2]];
  if (one === "." && two !== ".") return (two === "?" ? list[at - 3] : two) ?? "";
  if ((one === ">" && two === "-") || (one === ":" && two === ":")) return list[at - 3] ?? "";
  return null;
}

function boundBy(code: readonly string[], list: readonly string[]): string[] {
  const found: string[] = [];
  for (const line of code) {
    if (IMPORTING.test(line)) continue;
    const names = (LOOP.exec(line) ?? ASSIGNED.exec(line))?.[1];
    if (names !== undefined) found.push(...names.split(",").map((name) => name.trim()));
    const words = tokens(line);
    for (const [at, word] of words.entries()) {
      const next = words[at + 1] ?? "";
      if (DECLARING.has(word)) found.push(...(isName(next) ? [next] : namesIn(words, at + 1)));
      else if (isName(word) && next === "=" && words[at + 2] === ">") found.push(word);
    }
  }
  const header = tokens(code[0] ?? "").length;
  list.forEach((token, at) => {
    if (token === "(" && takesParameters(list, at, header)) found.push(...namesIn(list, at));
  });
  return found;
}

function takesParameters(list: readonly string[], open: number, header: number): boolean {
  const [before = "", earlier = ""] = [list[open - 1], list[open - 2]];
  if (before === "catch" || DEFINING.has(before) || DEFINING.has(earlier)) return true;
  const close = closing(list, open);
  const [next, after] = [list[close + 1], list[close + 2]];
  if (next === "=" && after === ">") return true;
  // A method, or an arrow with the type of what it returns: only on the first line, for elsewhere it may be a condition.
  return open < header && !CONTROL.has(before) && (next === "{" || next === ":");
}

/** Names that a pattern binds: of `{ a, b: c, ...d }` they are a, c and d. Types may be among them: they are no values that anybody defines. */
function namesIn(list: readonly string[], open: number): string[] {
  if (!["(", "{", "["].includes(list[open] ?? "")) return [];
  const found: string[] = [];
  const close = closing(list, open);
  const braces: string[] = [];
  for (let at = open; at < close; at += 1) {
    const token = list[at] ?? "";
    if ("([{".includes(token)) braces.push(token);
    else if (")]}".includes(token)) braces.pop();
    if (!isName(token)) continue;
    const [before = "", next = ""] = [list[at - 1], list[at + 1]];
    const inBraces = braces.at(-1) === "{";
    if (inBraces ? next !== ":" && ["{", ",", ".", ":"].includes(before) : ["(", "[", ",", "."].includes(before) || ((isName(before) || before === ">" || before === "]") && [",", ")", "="].includes(next))) found.push(token);
  }
  return found;
}

function closing(list: readonly string[], open: number): number {
  let depth = 0;
  for (let at = open; at < list.length; at += 1) {
    if ("([{".includes(list[at] ?? "x")) depth += 1;
    else if (")]}".includes(list[at] ?? "x") && --depth === 0) return at;
  }
  return list.length;
}
