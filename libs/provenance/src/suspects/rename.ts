import { isName, tokens } from "./code.ts";
import type { FunctionRange } from "./functions.ts";

/** A side of a change: its lines without comments, and the functions among them. */
export interface Scoped {
  readonly code: readonly string[];
  readonly functions: readonly FunctionRange[];
}

const SHARED = /^(?:export|import|module\.exports|exports)\b|\brequire\s*\(/;
const DECLARING = new Set(["const", "let", "var", "as", "for", "mut", "val", "auto", "my", "local"]);
const NO_TYPE = new Set(["return", "await", "typeof", "yield", "throw", "new", "in", "of", "else", "case", "delete", "void", "not", "and", "or", "if"]);
/** Before `{`: what is opened is an object, and a bare name in it is a key as well. */
const OBJECT_AFTER = new Set(["(", ",", "=", ":", "[", "?", "|", "&", "return", "const", "let", "var"]);

/**
 * Whether lines differ in nothing but the names of local variables, and everywhere where these are seen. Goes by the
 * function that declares the name: other functions may use the same one for something of theirs. `line` is 0-based.
 */
export function isRename(was: readonly string[], is: readonly string[], before: Scoped & { readonly line: number }, after: Scoped & { readonly line: number }): boolean {
  const names = renamesOf(was, is);
  if (names === null || names.size === 0) return false;
  return [...names].every(([from, to]) => {
    const [old, now] = [scopeOf(before, from), scopeOf(after, to)];
    if (old === null || now === null) return isRenamedInFile(from, to, before, after);
    return !uses(now, from) && !uses(old, to) && !isKey(old, from) && !isKey(now, to);
  });
}

/** Whether two lines say the same with other names for variables; members and keys keep theirs. */
export function sameButNames(one: string, other: string): boolean {
  const [left, right] = [tokens(one), tokens(other)];
  return left.length > 1 && renamesOf(left, right) !== null;
}

/** A line with all names of variables alike; members, texts and signs stay. */
export function skeletonOf(code: string): string {
  const list = tokens(code);
  return list.map((token, at) => (isName(token) && !isMember(list, at) && list[at + 1] !== "(" ? "$" : token)).join(" ");
}

/** Old name → new name; null where anything else differs. */
function renamesOf(was: readonly string[], is: readonly string[]): Map<string, string> | null {
  if (was.length !== is.length) return null;
  const names = new Map<string, string>();
  for (const [index, from] of was.entries()) {
    const to = is[index] ?? "";
    if (from === to) continue;
    if (!isName(from) || !isName(to) || isMember(was, index) || (names.get(from) ?? to) !== to) return null;
    names.set(from, to);
  }
  return new Set(names.values()).size === names.size ? names : null;
}

/** `a.name`, `a?.name`; a spread `...name` is none. */
function isMember(list: readonly string[], at: number): boolean {
  return list[at - 1] === "." && list[at - 2] !== ".";
}

/** Tokens of the innermost function around the line that declares the name. */
function scopeOf({ code, functions, line }: Scoped & { readonly line: number }, name: string): string[] | null {
  const around = functions.filter((one) => one.from <= line + 1 && line + 1 <= one.to).sort((a, b) => a.to - a.from - (b.to - b.from));
  for (const { from, to, name: own } of around) {
    // A function's own name is seen outside of it.
    if (own === name) continue;
    const list = code.slice(from - 1, to).flatMap(tokens);
    if (declares(list, name)) return list;
  }
  return null;
}

function declares(list: readonly string[], name: string): boolean {
  const open = list.indexOf("(");
  const close = open < 0 ? -1 : closing(list, open);
  return list.some((token, at) => {
    if (token !== name || isMember(list, at)) return false;
    const [before = "", next = ""] = [list[at - 1], list[at + 1]];
    if (DECLARING.has(before) || (next === "=" && list[at + 2] === ">")) return true;
    if (at > open && at < close && (before === "(" || before === "," || before === ".")) return true;
    const assigned = (next === "=" && list[at + 2] !== "=") || (next === ":" && list[at + 2] === "=");
    return assigned && (next === ":" || (isName(before) && !NO_TYPE.has(before)));
  });
}

function closing(list: readonly string[], open: number): number {
  let depth = 0;
  for (let at = open; at < list.length; at += 1) {
    if (list[at] === "(") depth += 1;
    else if (list[at] === ")" && --depth === 0) return at;
  }
  return list.length;
}

function uses(list: readonly string[], name: string): boolean {
  return list.some((token, at) => token === name && !isMember(list, at) && !(list[at + 1] === ":" && (list[at - 1] === "{" || list[at - 1] === ",")));
}

/** Whether a name stands in an object as its own key (`{ name }`): another name is another key then. */
function isKey(list: readonly string[], name: string): boolean {
  const stack: boolean[] = [];
  for (const [at, token] of list.entries()) {
    const before = list[at - 1] ?? "";
    if (token === "{") stack.push(OBJECT_AFTER.has(before));
    else if (token === "(" || token === "[") stack.push(false);
    else if (token === "}" || token === ")" || token === "]") stack.pop();
    else if (token === name && stack.at(-1) === true && (before === "{" || before === ",") && /^[,}]$/.test(list[at + 1] ?? "")) return true;
  }
  return false;
}

/** One name for another everywhere in a file, and never one that other files see. */
function isRenamedInFile(from: string, to: string, before: Scoped, after: Scoped): boolean {
  const [old, now] = [before.code.flatMap(tokens), after.code.flatMap(tokens)];
  const shared = (name: string): boolean => [...before.code, ...after.code].some((line) => SHARED.test(line) && tokens(line).includes(name));
  return !now.includes(from) && !old.includes(to) && !isKey(old, from) && !shared(from) && !shared(to);
}
