import { namesOf } from "./graph.ts";
import type { FunctionRange } from "./functions.ts";
import type { Source } from "./sources.ts";

/** How directly each word of a function has to do with some lines of it. */
export type Closeness = ReadonlyMap<string, number>;

/** Closeness of words one, two and three assignments away; all others in the function count as `ELSEWHERE`. */
const STEPS = [0.95, 0.85, 0.75] as const;
export const ELSEWHERE = 0.3;

const ASSIGNMENT = /^(?:export\s+)?(?:(?:const|let|var)\s+)?([\w$.{}[\],\s:#]+?)\s*(?:[-+*/]|\?\?|\|\|)?=(?![=>])\s*(.*)$/;

const MUTATION = /^([\w$.#]+)\.(?:push|unshift|set|add|append|extend|update|insert)\((.*)$/;
const LOOP = /^for\b[ (]*(?:const |let |var )?(.+?) (?:of|in) (.*)$/;

/** `items.map((item) => …`: what a callback is given comes from what the method was called on. */
const BOUND = /([\w$@#][\w$.?[\]]*)\.\w+\(\s*(?:async\s+)?(?:\(?([\w$,\s{}[\].]*?)\)?\s*=>|function\b[^(]*\(([^)]*)\))/g;

/**
 * A slice backwards: the words of the lines, then those of the assignments before them that made these, and so on.
 * In `price = priceOf(cart)`, `price.total` is closer to `priceOf` than to what made `cart`.
 */
export function closenessOf(source: Source, range: FunctionRange, lines: readonly number[], read: ReadonlySet<string> = new Set()): Closeness {
  const words = new Map<string, number>();
  const take = (code: string, factor: number): void => {
    for (const word of namesOf(code)) if (!words.has(word)) words.set(word, factor);
  };
  for (const line of lines) take(ownersOf(source.code[line - 1] ?? "", read), 1);
  const assignments = source.code.slice(range.from - 1, Math.max(...lines)).flatMap((code, at) => {
    // What a line that fails at reading would have set, it has not.
    const match = read.size > 0 && lines.includes(range.from + at) ? null : (ASSIGNMENT.exec(code) ?? MUTATION.exec(code) ?? LOOP.exec(code));
    const bound = [...code.slice(0, 500).matchAll(BOUND)].map((call) => ({ to: namesOf(call[2] ?? call[3] ?? ""), from: call[1] ?? "" }));
    return match === null ? bound : [{ to: namesOf(match[1] ?? ""), from: match[2] ?? "" }, ...bound];
  });
  for (const factor of STEPS) {
    const known = new Set(words.keys());
    for (const { to, from } of assignments) if (to.some((name) => known.has(name))) take(from, factor);
  }
  return words;
}

/** Of a line that fails at reading a property, what it is read of: `a.b` of `a.b.c + d`. The whole line where that does not tell. */
function ownersOf(code: string, read: ReadonlySet<string>): string {
  const owners = [...code.matchAll(/([\w$#@][\w$#@.?()[\]'"]{0,80}?)\??\.([\w$]+)/g)].filter((match) => read.has(match[2] ?? "")).map((match) => match[1] ?? "");
  return owners.length === 0 ? code : owners.join(" ");
}

/** Lines of a function that make the value looked for: those with its property (`total: …`), else what it returns. */
export function sourceLines(source: Source, range: FunctionRange, properties: ReadonlySet<string>): number[] {
  const all = Array.from({ length: range.to - range.from + 1 }, (_, at) => range.from + at);
  const code = (line: number): string => source.code[line - 1] ?? "";
  const making = all.filter((line) => [...code(line).matchAll(/([\w$]+)\s*[:=](?![=>])/g)].some((match) => properties.has(match[1] ?? "")));
  return making.length > 0 ? making : all.filter((line) => /\breturn\b|=>\s*[^{\s]/.test(code(line)));
}

/** Names that a line assigns; null where it is no assignment. */
export function assignedBy(code: string): string[] | null {
  const match = ASSIGNMENT.exec(code);
  return match === null ? null : namesOf(match[1] ?? "");
}
