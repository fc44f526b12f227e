import { isName, tokens } from "./code.ts";
import { functionAt, isTable, type FunctionRange } from "./functions.ts";
import type { Source } from "./sources.ts";
import { usesOf, type Use } from "./uses.ts";

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

/** Languages whose files call each other by name. A text such as a topic's name is the same in all of them. */
const FAMILIES: readonly RegExp[] = [/\.(?:[cm]?[jt]sx?|vue|svelte)$/i, /\.pyi?$/i, /\.(?:java|kts?|scala|groovy)$/i, /\.go$/i, /\.rb$/i, /\.php$/i, /\.cs$/i, /\.rs$/i, /\.(?:c|cc|cpp|h|hpp|swift)$/i, /\.dart$/i, /\.exs?$/i, /\.pl$/i, /\.r$/i];

/** In these what another file defines is seen only where it is imported. */
const IMPORTS = /\.(?:[cm]?[jt]sx?|vue|svelte|py)$/i;
const IMPORT_LINE = /\b(?:import|require|from)\b/;
const STAR = /^from\s+\S+\s+import\s+\*/;

/**
 * Who mentions whom, by the names and rare texts (`"order.paid"`) that functions hold. No types; of scopes so much that a
 * parameter or a local variable is not taken for what another file calls the same.
 */
export class MentionGraph {
  readonly #sources: ReadonlyMap<string, Source>;
  readonly #definitions = new Map<string, Node[]>();
  readonly #mentions = new Map<string, Node[]>();
  readonly #texts = new Map<string, Node[]>();
  readonly #words = new Map<string, ReadonlySet<string>>();
  readonly #uses = new Map<string, ReadonlyMap<string, Use>>();
  readonly #outside = new Map<string, ReadonlySet<string>>();

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
      const all = ((named ? this.#definitions : this.#texts).get(word) ?? []).filter((target) => !named || this.#means(node, word, target));
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
    const byName = name === "" || (this.#definitions.get(name)?.length ?? 0) > DEFINITIONS_MAX ? [] : (this.#mentions.get(name) ?? []).filter((one) => this.#means(one, name, node));
    const shared = [...this.#wordsOf(node)].filter((word) => word.startsWith('"')).map((word) => this.#texts.get(word) ?? []).filter((nodes) => nodes.length <= SHARING_MAX);
    const groups = [{ nodes: byName.length > CALLERS_MAX ? [] : byName, factor: HOP, word: name }, ...shared.map((nodes) => ({ nodes, factor: TEXT_HOP, word: "" }))];
    return groups.flatMap(({ nodes, factor, word }) => {
      const others = nodes.filter((one) => keyOf(one) !== keyOf(node));
      return others.map((target) => ({ target, factor: factor / Math.sqrt(others.length), via: target.range.name || target.path, word }));
    });
  }

  /** Whether the name in the one function can be what the other place defines. */
  #means(from: Node, name: string, target: Node): boolean {
    if (familyOf(from.path) !== familyOf(target.path)) return false;
    const use = this.#usesOf(from).get(name);
    const source = this.#sources.get(from.path);
    if (use === undefined || source === undefined) return true;
    const free = use.bare && !use.bound;
    const table = isTable(this.#sources.get(target.path)?.lines[target.range.from - 1] ?? "");
    // What is handed over as a parameter and called is mostly the function of that name.
    if (!table) return use.called || use.owners.size > 0 || free;
    if (target.path === from.path) return use.called || free || use.owners.has("exports") || use.owners.has("this");
    return (free && this.#sees(source, name)) || (use.called && !use.bound) || [...use.owners].some((owner) => importsFrom(source, owner, target.path));
  }

  /** Whether a file can mean another one's name: where there are imports, it stands outside of its functions as well. */
  #sees(source: Source, name: string): boolean {
    if (!IMPORTS.test(source.path)) return true;
    let names = this.#outside.get(source.path);
    if (names === undefined) {
      const outside = source.code.filter((_, at) => functionAt(source.functions, at + 1) === null || IMPORT_LINE.test(source.code[at] ?? ""));
      names = new Set(outside.some((line) => STAR.test(line)) ? source.code.flatMap(namesOf) : outside.flatMap(namesOf));
      this.#outside.set(source.path, names);
    }
    return names.has(name);
  }

  #usesOf(node: Node): ReadonlyMap<string, Use> {
    const key = keyOf(node);
    const known = this.#uses.get(key) ?? usesOf(this.#sources.get(node.path)?.code.slice(node.range.from - 1, node.range.to) ?? []);
    this.#uses.set(key, known);
    return known;
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

/** Which of FAMILIES a file is of; -1 for none of them. */
function familyOf(path: string): number {
  return FAMILIES.findIndex((one) => one.test(path));
}

/** Whether a file imports `owner` from the file at `path`, as far as its name tells. */
function importsFrom(source: Source, owner: string, path: string): boolean {
  const module = (path.split("/").at(-1) ?? "").replace(/\.\w+$/, "");
  const wanted = module === "index" || module === "__init__" ? (path.split("/").at(-2) ?? module) : module;
  return source.code.some((line) => IMPORT_LINE.test(line) && namesOf(line).includes(owner) && line.includes(wanted));
}

function add(map: Map<string, Node[]>, word: string, node: Node): void {
  const nodes = map.get(word);
  if (nodes === undefined) map.set(word, [node]);
  else if (nodes.length <= 50 && !nodes.some((one) => one.path === node.path && one.range === node.range)) nodes.push(node);
}
