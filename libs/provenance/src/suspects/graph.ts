import { isName, tokens } from "./code.ts";
import { functionAt, type FunctionRange } from "./functions.ts";
import type { Source } from "./sources.ts";

/** A function of a source file. */
export interface Node {
  readonly path: string;
  readonly range: FunctionRange;
}

export interface Neighbour {
  readonly target: Node;
  /** How far the tie carries, 0 … 1. */
  readonly factor: number;
  readonly via: string;
  /** The word of the function that ties them. */
  readonly word: string;
}

const HOP = 0.9;
const TEXT_HOP = 0.85;
/** A name with more definitions, or a text in more functions, ties nothing to anything. */
const DEFINITIONS_MAX = 3;
const SHARING_MAX = 4;
const CALLERS_MAX = 8;

/** Who mentions whom, by the names and rare texts (`"order.paid"`) that functions hold. No types, no scopes. */
export class MentionGraph {
  readonly #sources: ReadonlyMap<string, Source>;
  readonly #definitions = new Map<string, Node[]>();
  readonly #mentions = new Map<string, Node[]>();
  readonly #texts = new Map<string, Node[]>();
  readonly #words = new Map<string, ReadonlySet<string>>();

  /** `known` are the finding's own symbols: that two functions hold them is why they were found, and no tie. */
  constructor(sources: ReadonlyMap<string, Source>, known: readonly string[]) {
    this.#sources = sources;
    const own = new Set(known.map((symbol) => `"${symbol}"`));
    for (const source of sources.values()) {
      for (const range of source.functions) if (range.name !== "") add(this.#definitions, range.name, { path: source.path, range });
      // A word belongs to the function in which it stands, and not to those around that.
      source.code.forEach((code, at) => {
        const range = functionAt(source.functions, at + 1);
        if (range === null) return;
        for (const text of textsOf(code)) if (!own.has(text)) add(this.#texts, text, { path: source.path, range });
        for (const name of namesOf(code)) add(this.#mentions, name, { path: source.path, range });
      });
    }
  }

  /** What a function mentions. */
  neighbours(node: Node): Neighbour[] {
    const found: Neighbour[] = [];
    for (const word of this.#wordsOf(node)) {
      const named = !word.startsWith('"');
      const all = (named ? this.#definitions : this.#texts).get(word) ?? [];
      // What a file defines itself hides what others call the same.
      const own = named ? all.filter((one) => one.path === node.path) : [];
      const targets = own.length > 0 ? own : all;
      if (targets.length > (named ? DEFINITIONS_MAX : SHARING_MAX)) continue;
      const others = targets.filter((target) => keyOf(target) !== keyOf(node));
      for (const target of others) found.push({ target, factor: (named ? HOP : TEXT_HOP) / Math.sqrt(others.length), via: target.range.name || word, word });
    }
    return found;
  }

  /** What mentions a function, or holds a text that it holds. */
  callers(node: Node): Neighbour[] {
    const { name } = node.range;
    const byName = name === "" || (this.#definitions.get(name)?.length ?? 0) > DEFINITIONS_MAX ? [] : (this.#mentions.get(name) ?? []);
    const shared = [...this.#wordsOf(node)].filter((word) => word.startsWith('"')).map((word) => this.#texts.get(word) ?? []).filter((nodes) => nodes.length <= SHARING_MAX);
    const groups = [{ nodes: byName.length > CALLERS_MAX ? [] : byName, factor: HOP, word: name }, ...shared.map((nodes) => ({ nodes, factor: TEXT_HOP, word: "" }))];
    return groups.flatMap(({ nodes, factor, word }) => {
      const others = nodes.filter((one) => keyOf(one) !== keyOf(node));
      return others.map((target) => ({ target, factor: factor / Math.sqrt(others.length), via: target.range.name || target.path, word }));
    });
  }

  #wordsOf(node: Node): ReadonlySet<string> {
    const key = keyOf(node);
    const before = this.#words.get(key);
    if (before !== undefined) return before;
    const code = this.#sources.get(node.path)?.code.slice(node.range.from - 1, node.range.to) ?? [];
    const found = new Set(code.flatMap((line) => [...namesOf(line), ...textsOf(line)]));
    this.#words.set(key, found);
    return found;
  }
}

export function keyOf(node: Node): string {
  return `${node.path}\0${node.range.from}\0${node.range.to}`;
}

/** Names in a line; `this.#work()` mentions `work`. */
export function namesOf(code: string): string[] {
  return tokens(code).filter(isName).map((name) => name.replace(/^[#@]/, ""));
}

/** Texts that look like names of topics or jobs, such as `"order.paid"`, whatever their quotes; not keys of objects. */
export function textsOf(code: string): string[] {
  const list = tokens(code);
  return list.filter((token, at) => /^["'`][A-Za-z]\w*(?:[.:/-]\w+)+["'`]$/.test(token) && list[at + 1] !== ":" && !/^set_?attribute$/i.test(list[at - 2] ?? "")).map((token) => `"${token.slice(1, -1)}"`);
}

function add(map: Map<string, Node[]>, word: string, node: Node): void {
  const nodes = map.get(word);
  if (nodes === undefined) map.set(word, [node]);
  else if (nodes.length <= 50 && !nodes.some((one) => one.path === node.path && one.range === node.range)) nodes.push(node);
}
