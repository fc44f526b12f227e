import { functionAt, type FunctionRange } from "./functions.ts";
import { MentionGraph, keyOf, namesOf, type Node } from "./graph.ts";
import type { Hint } from "./places.ts";
import { assignedBy, closenessOf, sourceLines, type Closeness } from "./slice.ts";
import type { Source } from "./sources.ts";

export interface Tie {
  /** How closely something is tied to the finding, 0 … 1. */
  readonly weight: number;
  readonly hops: number;
  /** Functions between the place and it. */
  readonly says: string;
  readonly hint: Hint;
}

/** Code that the finding's places lead to, or that leads to them. */
export interface Reach {
  at(path: string, line: number, code: string): Tie | null;
  /** The tie of the function of that name, however it is mentioned. */
  named(name: string): Tie | null;
}

interface Reached extends Tie {
  readonly node: Node;
  /** Null where every line counts alike. */
  readonly closeness: Closeness | null;
}

/** Following how values are made, and not only what is called. */
export interface Slicing {
  /** What counts a word of the function that has nothing to do with the value. */
  readonly elsewhere: number;
  /** Properties that the error says could not be read; empty where it says none. */
  readonly read: ReadonlySet<string>;
}

const HOPS_MAX = 5;
/** Callers fan out: set-up code leads to everything, so the way back fades sooner than the way ahead. */
const BACKWARDS = 0.95;
const VISITS_MAX = 5000;
/** What lies in another function within the one that was reached. */
const ENCLOSED = 0.4;
/** A callback mostly runs as part of the function that it stands in. */
const CALLED_BACK = 0.8;
/** A value that is set on a line cannot come from the lines below it. */
const BELOW = 0.2;
/** What stands behind the line that failed ran before it only in a loop or another call. */
const AFTER = 0.6;

/** Forwards: what the places call and mention. `slicing` follows only how the values seen there are made. */
export function reachFrom(hints: readonly Hint[], sources: ReadonlyMap<string, Source>, graph: MentionGraph, slicing: Slicing | null): Reach {
  return walk(hints, sources, (node, closeness) => graph.neighbours(node).map((one) => ({ ...one, factor: one.factor * (closeness === null ? 1 : (closeness.get(one.word) ?? slicing?.elsewhere ?? 1)) })), slicing);
}

/** The functions that a place names itself, without what they share with others by topic. */
export function namedBy(hints: readonly Hint[], sources: ReadonlyMap<string, Source>, graph: MentionGraph): Reach {
  return walk(hints, sources, (node) => graph.neighbours(node).filter((one) => !one.word.startsWith('"')), null);
}

/** Backwards: what calls and mentions the functions of the places, and so makes happen what they do. */
export function leadingTo(hints: readonly Hint[], sources: ReadonlyMap<string, Source>, graph: MentionGraph): Reach {
  return walk(hints, sources, (node) => graph.callers(node).map((one) => ({ ...one, factor: one.factor * BACKWARDS })), null);
}

type Next = (node: Node, closeness: Closeness | null) => readonly { readonly target: Node; readonly factor: number; readonly via: string }[];

function walk(hints: readonly Hint[], sources: ReadonlyMap<string, Source>, next: Next, slicing: Slicing | null): Reach {
  const reached = new Map<string, Reached>();
  const queue: Reached[] = [];
  const visit = (found: Reached, always: boolean): void => {
    const key = keyOf(found.node);
    const better = (reached.get(key)?.weight ?? 0) < found.weight;
    if (better) reached.set(key, found);
    // Every place is begun from: two in one function look at different values of it.
    if ((better || always) && found.hops < HOPS_MAX && queue.length < VISITS_MAX) queue.push(found);
  };
  for (const hint of hints) {
    const source = sources.get(hint.path);
    if (source === undefined) continue;
    for (const range of startsOf(hint, source)) {
      const closeness = slicing !== null && !hint.route ? closenessOf(source, range, [hint.line], slicing.read) : null;
      visit({ node: { path: hint.path, range }, weight: hint.weight, hops: 0, says: "", hint, closeness }, true);
    }
  }
  for (let found = queue.shift(); found !== undefined; found = queue.shift()) {
    const { node, says, hint } = found;
    for (const { target, factor, via } of next(node, found.closeness)) {
      const source = sources.get(target.path);
      const lines = slicing !== null && source !== undefined ? sourceLines(source, target.range, propertiesOf(hint, sources)) : [];
      const closeness = source === undefined || lines.length === 0 ? null : closenessOf(source, target.range, lines);
      visit({ node: target, weight: found.weight * factor, hops: found.hops + 1, says: says === "" ? via : `${says} → ${via}`, hint, closeness }, false);
    }
  }
  const byName = new Map<string, Reached>();
  for (const found of reached.values()) if ((byName.get(found.node.range.name)?.weight ?? 0) < found.weight) byName.set(found.node.range.name, found);
  byName.delete("");
  return { at: (path, line, code) => tieAt(reached, sources, path, line, code, slicing), named: (name) => byName.get(name) ?? null };
}

function tieAt(reached: ReadonlyMap<string, Reached>, sources: ReadonlyMap<string, Source>, path: string, line: number, code: string, slicing: Slicing | null): Tie | null {
  const functions = sources.get(path)?.functions ?? [];
  const inner = functionAt(functions, line);
  let best: Tie | null = null;
  for (const range of functions) {
    const found = line < range.from || line > range.to ? undefined : reached.get(keyOf({ path, range }));
    if (found === undefined) continue;
    const made = found.closeness === null ? null : assignedBy(code);
    const direct = made === null ? 1 : Math.max(slicing?.elsewhere ?? 1, ...made.map((name) => found.closeness?.get(name) ?? 0));
    const below = slicing !== null && found.hops === 0 && !found.hint.route && line > found.hint.line ? (found.hint.frame ? AFTER : BELOW) : 1;
    const weight = found.weight * Math.min(direct, below) * (range === inner || inner === null ? 1 : inner.name === "" ? CALLED_BACK : ENCLOSED);
    if (best === null || weight > best.weight) best = { ...found, weight };
  }
  return best;
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
  // A span begins with a callback: what decides whether it begins at all lies around it. What fails in a callback uses
  // what the function around it made.
  const opens = !hint.frame && inner.from === hint.line;
  const outer = opens || (hint.frame && inner.name === "") ? functionAt(source.functions.filter((one) => one !== inner && (opens || one.name !== "")), hint.line) : null;
  return outer === null ? [inner] : [inner, outer];
}

/** Members that the place reads: `total` of `price.total`. */
function propertiesOf(hint: Hint, sources: ReadonlyMap<string, Source>): ReadonlySet<string> {
  const code = sources.get(hint.path)?.code[hint.line - 1] ?? "";
  return new Set([...code.matchAll(/[\w$)\]]\??\.([\w$]+)(?!\s*\()/g)].flatMap((match) => namesOf(match[1] ?? "")));
}
