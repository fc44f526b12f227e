import { tokens } from "./code.ts";
import { functionAt, type FunctionRange } from "./functions.ts";
import { namesOf } from "./graph.ts";
import type { Hint } from "./places.ts";
import { closenessOf, ELSEWHERE, type Closeness } from "./slice.ts";
import type { Source } from "./sources.ts";

const HEADER_LINES_MAX = 20;
/** What the function called takes no parameter for. */
const NOT_TAKEN = 0.15;
const OPENS = new Set(["(", "[", "{"]);
const CLOSES = new Set([")", "]", "}"]);

/** The function that a frame's line called: its parameters, and what of it the failure has to do with. */
export interface Callee {
  readonly name: string;
  /** Names in each parameter, in order; null where the header does not tell. */
  readonly parameters: readonly (readonly string[])[] | null;
  readonly closeness: Closeness;
}

/** The functions of a stack that another frame called, by that frame's place. `read` are properties that the error could not read. */
export function calleesOf(hints: readonly Hint[], sources: ReadonlyMap<string, Source>, read: ReadonlySet<string>): ReadonlyMap<Hint, Callee> {
  const frames = hints.filter((hint) => hint.frame);
  return new Map(frames.slice(1).flatMap((caller, at): [Hint, Callee][] => {
    const called = frames[at] as Hint;
    const source = sources.get(called.path);
    const range = source === undefined ? null : functionAt(source.functions, called.line);
    if (source === undefined || range === null || range.name === "") return [];
    return [[caller, { name: range.name, parameters: parametersOf(source, range), closeness: closenessOf(source, range, [called.line], at === 0 ? read : new Set()) }]];
  }));
}

/**
 * How much a change within a caller's line can have to do with the failure: as much as the parameter that takes what was
 * changed. 1 for a change of anything but arguments of that call, or where it cannot be told. `changed` are the tokens of
 * `code` that its counterpart has not: without any, that one is what to ask about.
 */
export function handedOver(code: string, changed: string, { name, parameters, closeness }: Callee): number {
  const [all, part] = [tokens(code), tokens(changed)];
  if (part.length === 0) return 0;
  if (parameters === null) return 1;
  const spans = argumentSpans(all, name);
  let most = 0;
  let found = false;
  for (let at = 0; at + part.length <= all.length; at += 1) {
    if (part.some((token, step) => all[at + step] !== token)) continue;
    found = true;
    const touched = spans?.flatMap(({ from, to }, index) => (from < at + part.length && at <= to ? [index] : [])) ?? [];
    const inside = spans !== null && spans.length > 0 && at >= (spans[0]?.from ?? 0) && at + part.length - 1 <= (spans.at(-1)?.to ?? 0);
    // One argument more or less moves those behind it.
    const moved = part.includes(",") ? parameters.map((_, index) => index).filter((index) => index >= (touched[0] ?? 0)) : [];
    most = Math.max(most, inside ? Math.max(NOT_TAKEN, ...[...touched, ...moved].map((index) => weightOf(parameters[index], closeness))) : 1);
  }
  return found ? most : 1;
}

function weightOf(names: readonly string[] | undefined, closeness: Closeness): number {
  return names === undefined ? NOT_TAKEN : Math.max(ELSEWHERE, ...names.map((name) => closeness.get(name) ?? 0));
}

/** First and last token of each argument of the call, with the comma before it; null where the line does not make it. */
function argumentSpans(all: readonly string[], name: string): { readonly from: number; readonly to: number }[] | null {
  const at = all.findIndex((token, index) => token.replace(/^[#@]/, "") === name && all[index + 1] === "(");
  if (at < 0) return null;
  const spans: { from: number; to: number }[] = [];
  let depth = 0;
  let from = at + 2;
  for (let index = at + 1; index < all.length; index += 1) {
    const token = all[index] ?? "";
    if (OPENS.has(token)) depth += 1;
    if (CLOSES.has(token)) depth -= 1;
    if (depth > 1 || (depth === 1 && token !== ",")) continue;
    if (index > from || depth === 1) spans.push({ from, to: index - 1 });
    if (depth === 0) return spans;
    from = index;
  }
  return null;
}

/** Names between the brackets of the header, apart at its commas; a receiver (`self`) is no parameter. */
function parametersOf(source: Source, range: FunctionRange): (readonly string[])[] | null {
  const header = tokens(source.code.slice(range.from - 1, Math.min(range.to, range.from - 1 + HEADER_LINES_MAX)).join("\n"));
  const own = header.findIndex((token) => token.replace(/^[#@]/, "") === range.name);
  const open = header.indexOf("(", Math.max(0, own));
  if (open < 0) return null;
  const parts: string[][] = [[]];
  let depth = 1;
  for (const [at, token] of header.slice(open + 1).entries()) {
    if (OPENS.has(token)) depth += 1;
    if (CLOSES.has(token)) depth -= 1;
    if (depth === 0) return parts.map((part) => namesOf(part.join(" "))).filter((names) => names.length > 0 && !/^(?:self|cls|mut self)$/.test(names.join(" ")));
    // A rest parameter takes all that follows.
    if ((token === "*" && parts.at(-1)?.length === 0) || (token === "." && header[open + at + 2] === ".")) return null;
    if (depth === 1 && token === ",") parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return null;
}
