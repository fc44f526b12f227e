import { additionOnly, anyUse, changedLine, deletionOnly, undefinedError, type FaultKind } from "./faults.ts";
import type { Random } from "../../random.ts";
import type { Fn, Line, Tree } from "./tree.ts";

/** Faults with a change on the line of the caller, the second frame of the stack: at times it is guilty, at times not. */

/** The caller hands over something wrong; the line that fails, and its function, are as old as the rest. */
export const wrongArgument: FaultKind = (tree, random) => {
  const use = anyUse(tree, random, (_, name, fn) => fn.params.includes(name) && callsOf(tree, fn).length > 0);
  if (use === null) return null;
  const { fn, name } = use;
  const calls = callsOf(tree, fn).filter(({ args }) => args.length > fn.params.indexOf(name));
  if (calls.length === 0) return null;
  const { line } = random.pick(calls);
  return {
    failing: use.line,
    caller: line,
    error: undefinedError(use.property),
    plant: () => edited(line, fn, (args) => args.with(fn.params.indexOf(name), random.pick(["undefined", `${args[fn.params.indexOf(name)] ?? ""}.current`, "arguments[7]"]))),
  };
};

/** A fault of the failing function itself, and beside it a change on the caller's line that hands over the same as before. */
export const harmlessCaller: FaultKind = (tree, random) => {
  const fault = random.pick([changedLine, additionOnly, deletionOnly])(tree, random);
  const fn = fault === null ? null : tree.holding(fault.failing);
  const calls = fn === null ? [] : callsOf(tree, fn);
  if (fault === null || fn === null || calls.length === 0) return null;
  const { line } = random.pick(calls);
  return { ...fault, caller: line, beside: (_, draw) => (edited(line, fn, (args) => sameArguments(args, fn, draw)) ? `Call ${fn.name} as the others do` : null) };
};

/** One more than the function takes, or the same in other words. */
function sameArguments(args: readonly string[], fn: Fn, random: Random): readonly string[] {
  if (args.length >= fn.params.length && random.chance(0.5)) return [...args, random.pick(["true", "{ source: 'web' }", "Date.now()"])];
  const at = random.between(0, args.length - 1);
  return args.with(at, random.pick([`0 || ${args[at] ?? ""}`, `null || ${args[at] ?? ""}`, `[${args[at] ?? ""}][0]`]));
}

interface Call {
  readonly line: Line;
  readonly args: readonly string[];
}

/** Lines outside of the function that call it with plain arguments; none where its parameters are more than names. */
function callsOf(tree: Tree, fn: Fn): Call[] {
  if (fn.params.length === 0 || !(tree.lines(fn.path)[fn.from]?.text ?? "").includes(`(${fn.params.join(", ")})`)) return [];
  return tree.sources().flatMap((path) => {
    const own = (index: number): boolean => path === fn.path && index >= fn.from && index <= fn.to;
    return tree.lines(path).flatMap((line, index) => {
      const args = own(index) || /\bfunction\b|=>|^\s*(?:\/\/|\*)/.test(line.text) ? null : argumentsOf(line.text, fn.name);
      return args === null || tree.holding(line) === null ? [] : [{ line, args }];
    });
  });
}

const CALL = (name: string): RegExp => new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}\\(([\\w$.]+(?:, [\\w$.'"]+)*)\\)`);

function argumentsOf(text: string, name: string): readonly string[] | null {
  return CALL(name).exec(text)?.[1]?.split(", ") ?? null;
}

/** Whether the line still made the call, and makes it otherwise now. */
function edited(line: Line, fn: Fn, other: (args: readonly string[]) => readonly string[]): boolean {
  const args = argumentsOf(line.text, fn.name);
  if (args === null) return false;
  line.text = line.text.replace(CALL(fn.name), () => `${fn.name}(${other(args).join(", ")})`);
  return true;
}
