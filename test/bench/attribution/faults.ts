import { indentAt, insert } from "./innocent.ts";
import type { Random } from "../../random.ts";
import { linesOf, type Fn, type Line, type Tree } from "./tree.ts";

/** A fault in waiting: how it is put in, and what production says when it strikes. */
export interface Fault {
  /** Where it throws. */
  readonly failing: Line;
  readonly error: { readonly type: string; readonly message: string };
  /** Frames of the stack before the failing one: in a package. */
  readonly above?: readonly string[];
  /** The line that called the failing function: the second frame. Any that names tell, unless said. */
  readonly caller?: Line;
  /** The guilty edit. */
  plant(tree: Tree): unknown;
  /** Another commit of the same deployment that carries the code elsewhere after it was broken. */
  carry?(tree: Tree, random: Random): string;
  /** Another commit of the same deployment, harmless, that can be taken for the guilty one; null where it no longer fits. */
  beside?(tree: Tree, random: Random): string | null;
}

/** Prepares the tree as it was before (so that the guilty edit fits) and returns the fault, or null where none fits here. */
export type FaultKind = (tree: Tree, random: Random) => Fault | null;

interface Use {
  readonly fn: Fn;
  readonly line: Line;
  readonly index: number;
  /** `name.property` as it stands on the line. */
  readonly name: string;
  readonly property: string;
}

export const undefinedError = (property: string, what = "undefined"): Fault["error"] => ({ type: "TypeError", message: `Cannot read properties of ${what} (reading '${property}')` });

/** The line that fails is the one that was changed. */
export const changedLine: FaultKind = (tree, random) => {
  const use = anyUse(tree, random, (line, name) => new RegExp(`\\b${name}\\.[a-z]\\w+\\.[a-z]\\w+`).test(line));
  if (use === null) return null;
  const match = new RegExp(`\\b${use.name}\\.([a-z]\\w+)\\.([a-z]\\w+)`).exec(use.line.text);
  const [, first = "", second = ""] = match ?? [];
  return {
    failing: use.line,
    error: undefinedError(second),
    plant: () => {
      use.line.text = use.line.text.replace(`${use.name}.${first}.`, `${use.name}.${first}${random.pick(["Value", "Ref", "s", "Info"])}.`);
    },
  };
};

/** Lines are only added, before the one that fails. */
export const additionOnly: FaultKind = (tree, random) => {
  const use = anyUse(tree, random, (_, name, fn) => fn.params.includes(name));
  if (use === null) return null;
  const before = use.fn.statements.filter((at) => at <= use.index);
  if (before.length === 0) return null;
  const anchor = tree.lines(use.fn.path)[random.pick(before.slice(-3))] as Line;
  return {
    failing: use.line,
    error: undefinedError(use.property, "null"),
    plant: (now) => {
      const at = now.find(anchor);
      if (at === null) return;
      const indent = indentAt(now, at.path, at.line - 1);
      const condition = random.pick([`${use.name} && ${use.name}.disabled`, `process.env.STRICT && !Object.keys(Object(${use.name})).length`, `typeof ${use.name} === 'string'`]);
      insert(now, at.path, at.line - 1, [`${indent}if (${condition}) {`, `${indent}  ${use.name} = null`, `${indent}}`]);
    },
  };
};

/** A guard is taken out; the line that it protected is as old as the rest. */
export const deletionOnly: FaultKind = (tree, random) => {
  const use = anyUse(tree, random, (_, name, fn) => fn.params.includes(name));
  if (use === null) return null;
  const first = use.fn.statements.find((at) => at <= use.index);
  if (first === undefined) return null;
  const indent = indentAt(tree, use.fn.path, first);
  const guard = insert(tree, use.fn.path, first, random.pick([[`${indent}if (!${use.name}) return`], [`${indent}if (${use.name} === undefined || ${use.name} === null) {`, `${indent}  ${use.name} = {}`, `${indent}}`]]));
  return {
    failing: use.line,
    error: undefinedError(use.property),
    plant: (now) => {
      for (const lines of now.files.values()) for (const line of guard) if (lines.includes(line)) lines.splice(lines.indexOf(line), 1);
    },
  };
};

/** The broken code is moved to another file, or its file gets another name, by a later commit of the same deployment. */
export const movedAndRenamed: FaultKind = (tree, random) => {
  const fault = random.pick([changedLine, additionOnly])(tree, random);
  if (fault === null) return null;
  return {
    ...fault,
    carry: (now) => {
      const fn = now.holding(fault.failing);
      const path = now.find(fault.failing)?.path ?? "";
      // What stands within another function uses what that one made, and cannot be taken out of it alone.
      if (random.chance(0.5) || fn === null || /^\s/.test(now.lines(fn.path)[fn.from]?.text ?? "")) {
        const to = path.replace(/([^/]+)\.js$/, (_, name: string) => `moved/${name}.js`);
        now.files.set(to, now.lines(path));
        now.files.delete(path);
        return `Move ${path}`;
      }
      // Together with the whole function; what called it would import it from there.
      const lines = now.lines(fn.path).splice(fn.from, fn.to - fn.from + 1, { text: `// ${fn.name} lives in ${fn.name}-part.js` });
      now.files.set(`src/${fn.name}-part.js`, [...linesOf("'use strict'\n"), ...lines]);
      return `Take ${fn.name} out of ${fn.path}`;
    },
  };
};

/** A value in a configuration file; the code that trips over it is untouched. */
export const configuration: FaultKind = (tree, random) => {
  const fn = random.pick(tree.all());
  const group = random.pick(["delivery", "payment", "session", "search", "export"]);
  const key = random.pick(["currencies", "regions", "channels", "formats", "hosts"]);
  const others = Object.fromEntries(["timeoutMs", "attempts", "pageSize", "windowMs", "threshold"].map((name) => [name, random.between(10, 9000)]));
  const settings: Record<string, Record<string, unknown>> = { [group]: { ...others, [key]: ["a", "b", "c"] }, audit: { enabled: true, keepDays: 30 }, mail: { sender: "shop", retries: 3 } };
  const write = (now: Tree): void => void now.files.set("config/default.json", linesOf(`${JSON.stringify(settings, null, 2)}\n`));
  tree.files.set("src/settings.js", linesOf("'use strict'\n\nmodule.exports = require('../config/default.json')\n"));
  write(tree);
  const indent = indentAt(tree, fn.path, fn.statements[0] ?? fn.from);
  const [line] = insert(tree, fn.path, fn.statements[0] ?? fn.from + 1, [`${indent}const allowed = require('./settings').${group}.${key}.map((one) => String(one))`]);
  if (line === undefined || !tree.parses(fn.path)) return null;
  const wrong = random.pick(["renamed", "type"]);
  return {
    failing: line,
    error: wrong === "type" ? { type: "TypeError", message: `require(...).${group}.${key}.map is not a function` } : undefinedError("map"),
    plant: (now) => {
      const own = settings[group] as Record<string, unknown>;
      if (wrong === "type") own[key] = "a,b,c";
      else {
        own[`${key}List`] = own[key];
        delete own[key];
      }
      write(now);
    },
  };
};

/** The cause lies in a function that has long returned when another one trips over what it gave. */
export const downstream: FaultKind = (tree, random) => {
  const functions = tree.all();
  const byName = new Map(functions.map((fn) => [fn.name, functions.filter((one) => one.name === fn.name)]));
  for (const fn of random.shuffled(functions)) {
    const lines = tree.lines(fn.path);
    for (let index = fn.from; index <= fn.to; index += 1) {
      const match = /^\s*(?:const|let|var) ([a-z]\w*) = (?:await )?(?:[\w$.]+\.)?([A-Za-z_$][\w$]{3,})\(/.exec(lines[index]?.text ?? "");
      const callees = byName.get(match?.[2] ?? "") ?? [];
      const callee = callees.length === 1 && callees[0]?.name !== fn.name ? callees[0] : undefined;
      if (match === null || callee === undefined) continue;
      // A name that another package exports is not the function of that name here.
      if (lines.some((line) => new RegExp(`\\b${callee.name}\\b.*require\\(['"][^.'"]`).test(line.text))) continue;
      const given = match[1] ?? "";
      const later = lines.slice(index + 1, fn.to + 1).find((line) => new RegExp(`\\b${given}\\.[a-z]\\w+`).test(line.text));
      const returns = tree.body(callee).filter((line, at, body) => returnsOf(body, at) && /^\s*return [^;]{3,}/.test(line.text) && !/[({[,]\s*$/.test(line.text));
      if (later === undefined || returns.length === 0) continue;
      const property = new RegExp(`\\b${given}\\.([a-z]\\w+)`).exec(later.text)?.[1] ?? "";
      const line = random.pick(returns);
      return {
        failing: later,
        error: undefinedError(property),
        plant: (now) => {
          const at = now.find(line);
          if (at === null) return;
          const indent = indentAt(now, at.path, at.line - 1);
          if (random.chance(0.5)) insert(now, at.path, at.line - 1, [`${indent}if (process.env.LEGACY !== '1') return undefined`]);
          else line.text = line.text.replace(/^(\s*)return (.+?);?$/, "$1return ($2) && undefined");
        },
      };
    }
  }
  return null;
};

/** Whether a line of a function is the function's own, and not one of a callback within it: by indentation. */
function returnsOf(body: readonly Line[], at: number): boolean {
  const depth = (line: Line | undefined): number => /^\s*/.exec(line?.text ?? "")?.[0].length ?? 0;
  let around = depth(body[at]);
  for (let index = at - 1; index > 0; index -= 1) {
    const line = body[index];
    if (line === undefined || line.text.trim() === "" || depth(line) >= around) continue;
    around = depth(line);
    if (/=>|\bfunction\b|^\s*(?:async\s+)?[\w$]+\s*\([^;]*\)\s*\{\s*$/.test(line.text) && !/^\s*(?:if|for|while|switch|catch|else)\b/.test(line.text)) return false;
  }
  return true;
}

/** A line within some function that reads a property of a plain name, where the name can be undefined in principle. */
export function anyUse(tree: Tree, random: Random, fits: (line: string, name: string, fn: Fn) => boolean): Use | null {
  for (const fn of random.shuffled(tree.all()).slice(0, 60)) {
    const lines = tree.lines(fn.path);
    const uses: Use[] = [];
    for (let index = fn.statements[0] ?? fn.from + 1; index < fn.to; index += 1) {
      const line = lines[index] as Line;
      if (/^\s*(?:\/\/|\*|\/\*)/.test(line.text)) continue;
      for (const match of line.text.matchAll(/(?<![.\w$'"`])([a-z][A-Za-z]{2,})\.([a-z]\w+)/g)) {
        const [, name = "", property = ""] = match;
        if (!/^(?:module|exports|process|console|this|require|window|util|math)$/i.test(name) && fits(line.text, name, fn)) uses.push({ fn, line, index, name, property });
      }
    }
    if (uses.length > 0) return random.pick(uses);
  }
  return null;
}
