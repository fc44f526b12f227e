import { isName, tokens } from "./code.ts";
import { functionAt, type FunctionRange } from "./functions.ts";
import type { Hint } from "./places.ts";
import type { Source } from "./sources.ts";

/** Code that the finding's places lead to, by the names and rare texts that functions share. */
export interface Reach {
  /** How closely a line is tied to the finding (0 … 1), and through what. */
  at(path: string, line: number): { readonly weight: number; readonly hops: number; readonly says: string; readonly hint: Hint } | null;
}

interface Node {
  readonly path: string;
  readonly range: FunctionRange;
}

interface Reached {
  readonly weight: number;
  readonly hops: number;
  readonly via: string;
  readonly hint: Hint;
}

const HOPS_MAX = 4;
const HOP = 0.85;
const TEXT_HOP = 0.8;
/** A name with more definitions, or a text in more functions, ties nothing to anything. */
const DEFINITIONS_MAX = 3;
const SHARING_MAX = 4;
const ENCLOSED = 0.4;
/** Closeness of words one, two and three assignments away from the place; and of all others in its function. */
const SLICE = [0.95, 0.8, 0.65] as const;
const ELSEWHERE = 0.5;
const VISITS_MAX = 5000;

export function reachFrom(hints: readonly Hint[], sources: ReadonlyMap<string, Source>): Reach {
  const index = indexOf(sources);
  const reached = new Map<string, Reached>();
  const queue: { node: Node; found: Reached; closeness: Closeness | null }[] = [];
  const visit = (node: Node, found: Reached, closeness: Closeness | null = null): void => {
    const key = keyOf(node);
    const better = (reached.get(key)?.weight ?? 0) < found.weight;
    if (better) reached.set(key, found);
    // Every place is begun from: two in one function look at different values of it.
    if ((better || closeness !== null) && found.hops < HOPS_MAX && queue.length < VISITS_MAX) queue.push({ node, found, closeness });
  };
  for (const hint of hints) {
    const source = sources.get(hint.path);
    if (source === undefined) continue;
    const start: Reached = { weight: hint.weight, hops: 0, via: "", hint };
    for (const range of startsOf(hint, source)) visit({ path: hint.path, range }, start, closenessOf(source, range, hint));
  }
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { node, found, closeness } = next;
    const from = node.range.name || `${node.path}:${node.range.from}`;
    for (const { target, factor, via, word } of index.neighbours(node)) visit(target, { weight: found.weight * factor * (closeness?.get(word) ?? (closeness === null ? 1 : ELSEWHERE)), hops: found.hops + 1, via: found.via === "" ? `${from} → ${via}` : `${found.via} → ${via}`, hint: found.hint });
  }
  return {
    at: (path, line) => {
      const source = sources.get(path);
      if (source === undefined) return null;
      const inner = functionAt(source.functions, line);
      let best: Reached | null = null;
      for (const range of source.functions) {
        if (line < range.from || line > range.to) continue;
        const one = reached.get(keyOf({ path, range }));
        // What lies in another function within the one that was reached is less than half of it.
        const weight = (one?.weight ?? 0) * (range === inner || inner === null ? 1 : ENCLOSED);
        if (one !== undefined && (best === null || weight > best.weight)) best = { ...one, weight };
      }
      return best === null ? null : { weight: best.weight, hops: best.hops, says: best.via, hint: best.hint };
    },
  };
}

/** Where to begin: the function around the place, or what the line registers or calls at top level. */
function startsOf(hint: Hint, source: Source): FunctionRange[] {
  const line: FunctionRange = { name: "", from: hint.line, to: hint.route && /[,(]$/.test(source.code[hint.line - 1] ?? "") ? hint.line + 2 : hint.line };
  if (hint.route) {
    const handlers = source.functions.filter((one) => one.name === "" && one.from >= hint.line && one.from <= line.to);
    return handlers.length > 0 ? handlers.slice(0, 1) : [line];
  }
  const inner = functionAt(source.functions, hint.line);
  if (inner === null) return [line];
  // A span begins with a callback: what decides whether it begins at all lies around it.
  const outer = hint.frame || inner.from !== hint.line ? null : functionAt(source.functions.filter((one) => one !== inner), hint.line);
  return outer === null ? [inner] : [inner, outer];
}

function keyOf(node: Node): string {
  return `${node.path}\0${node.range.from}\0${node.range.to}`;
}

interface Neighbour {
  readonly target: Node;
  readonly factor: number;
  readonly via: string;
  readonly word: string;
}

/** How directly each word of a function has to do with the place in it. */
type Closeness = ReadonlyMap<string, number>;

/**
 * A slice backwards from the place: the words of its line, then those of the lines that assign to them, and so on.
 * `price.total` is closer to `priceOf(cart)`, which made it, than to `cartOf(body)`, which made what made it.
 */
function closenessOf(source: Source, range: FunctionRange, hint: Hint): Closeness {
  const words = new Map<string, number>();
  const take = (code: string, factor: number): void => {
    for (const word of [...tokens(code).filter(isName), ...textsOf(code)]) if (!words.has(word)) words.set(word, factor);
  };
  if (hint.route) {
    for (const code of source.code.slice(range.from - 1, range.to)) take(code, 1);
    return words;
  }
  take(source.code[hint.line - 1] ?? "", 1);
  const assignments = source.code.slice(range.from - 1, hint.line - 1).flatMap((code) => {
    const match = /^(?:export\s+)?(?:(?:const|let|var)\s+)?([\w$.{}[\],\s:]+?)\s*[-+*/]?=(?![=>])\s*(.+)$/.exec(code);
    return match === null ? [] : [{ to: tokens(match[1] ?? "").filter(isName), from: match[2] ?? "" }];
  });
  for (const factor of SLICE) {
    const known = new Set(words.keys());
    for (const { to, from } of assignments) if (to.some((name) => known.has(name))) take(from, factor);
  }
  return words;
}

function indexOf(sources: ReadonlyMap<string, Source>): { neighbours(node: Node): Neighbour[] } {
  const definitions = new Map<string, Node[]>();
  const sharing = new Map<string, Node[]>();
  const words = new Map<string, ReadonlySet<string>>();
  for (const source of sources.values()) {
    for (const range of source.functions) {
      const node = { path: source.path, range };
      if (range.name !== "") definitions.set(range.name, [...(definitions.get(range.name) ?? []), node]);
    }
    // A text ties together the functions in which it stands, and not those around them.
    source.code.forEach((code, at) => {
      const texts = textsOf(code);
      const range = texts.length === 0 ? null : functionAt(source.functions, at + 1);
      if (range === null) return;
      for (const text of texts) {
        const nodes = sharing.get(text) ?? [];
        if (!nodes.some((one) => one.range === range)) sharing.set(text, [...nodes, { path: source.path, range }]);
      }
    });
  }
  return {
    neighbours: (node) => {
      const found: Neighbour[] = [];
      for (const word of wordsOf(node, sources, words)) {
        const named = isName(word);
        const targets = named ? definitions.get(word) : sharing.get(word);
        if (targets === undefined || targets.length > (named ? DEFINITIONS_MAX : SHARING_MAX)) continue;
        const others = targets.filter((target) => keyOf(target) !== keyOf(node));
        for (const target of others) found.push({ target, factor: (named ? HOP : TEXT_HOP) / Math.sqrt(others.length), via: target.range.name || word, word });
      }
      return found;
    },
  };
}

/** Names and identifier-like texts (`"order.paid"`) within a function. */
function wordsOf(node: Node, sources: ReadonlyMap<string, Source>, known: Map<string, ReadonlySet<string>>): ReadonlySet<string> {
  const key = keyOf(node);
  const before = known.get(key);
  if (before !== undefined) return before;
  const code = sources.get(node.path)?.code.slice(node.range.from - 1, node.range.to) ?? [];
  const found = new Set<string>();
  for (const line of code) {
    for (const token of tokens(line)) if (isName(token)) found.add(token);
    for (const text of textsOf(line)) found.add(text);
  }
  known.set(key, found);
  return found;
}

/** Texts that look like names of topics, jobs or keys, such as `"order.paid"`, whatever their quotes. */
function textsOf(code: string): string[] {
  return tokens(code).filter((token) => /^["'`][A-Za-z]\w*(?:[.:/-]\w+)+["'`]$/.test(token)).map((token) => `"${token.slice(1, -1)}"`);
}
