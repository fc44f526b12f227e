import type { Random } from "../../random.ts";
import { linesOf, type Fn, type Line, type Tree } from "./tree.ts";

/** Changes that break nothing: what else a deployment carries. Each returns its message, or null where it does not fit. */
export type Innocent = (tree: Tree, random: Random, where: Fn, keep: ReadonlySet<Line>) => string | null;

const WORDS = ["retry", "batch", "cache", "format", "limit", "parse", "merge", "trim", "order", "group", "queue", "check"] as const;

const comment: Innocent = (tree, random, where) => {
  const at = random.pick(where.statements);
  insert(tree, where.path, at, [`${indentAt(tree, where.path, at)}// ${random.pick(WORDS)} first: the ${random.pick(WORDS)} step depends on it`]);
  return `Explain ${where.name}`;
};

const log: Innocent = (tree, random, where) => {
  const at = random.pick(where.statements);
  const indent = indentAt(tree, where.path, at);
  insert(tree, where.path, at, [`${indent}if (process.env.TRACE_${random.pick(WORDS).toUpperCase()}) {`, `${indent}  console.error("${where.name}", Date.now())`, `${indent}}`]);
  return `Trace ${where.name}`;
};

const text: Innocent = (tree, random, where, keep) => {
  const lines = tree.body(where).filter((line) => !keep.has(line) && /'[A-Za-z][^'\\]{6,}'|"[A-Za-z][^"\\]{6,}"/.test(line.text) && !/require|import/.test(line.text));
  if (lines.length === 0) return null;
  const line = random.pick(lines);
  line.text = line.text.replace(/(['"])([A-Za-z][^'"\\]{6,})\1/, (_, quote: string, words: string) => `${quote}${words} (${random.pick(WORDS)})${quote}`);
  return `Say more in ${where.name}`;
};

const number: Innocent = (tree, random, where, keep) => {
  const lines = tree.body(where).filter((line) => !keep.has(line) && /[=(,:]\s*\d{2,5}\b/.test(line.text));
  if (lines.length === 0) return null;
  const line = random.pick(lines);
  line.text = line.text.replace(/([=(,:]\s*)(\d{2,5})\b/, (_, before: string, value: string) => `${before}${Number(value) + random.between(1, 9)}`);
  return `Tune ${where.name}`;
};

/** A local variable gets another name, on every line of its function: also on the one that fails. */
export const rename: Innocent = (tree, random, where) => {
  const body = tree.body(where);
  // The function's own name is seen outside of it.
  const names = body.slice(1).flatMap(({ text: line }) => /^\s*(?:const|let|var) ([a-z][A-Za-z]{3,})\b/.exec(line)?.[1] ?? []);
  const free = names.filter((name) => name !== where.name && body.every(({ text: line }) => !new RegExp(`[{,]\\s*${name}\\s*[,}]|\\b${name}:|\\.${name}\\b|^\\s*${name},?\\s*$`).test(line)));
  if (free.length === 0) return null;
  const name = random.pick(free);
  for (const line of body) line.text = line.text.replace(new RegExp(`\\b${name}\\b`, "g"), `${name}Value`);
  return `Name things in ${where.name}`;
};

const addFunction: Innocent = (tree, random, where) => {
  const [verb, noun] = [random.pick(WORDS), random.pick(WORDS)];
  const name = `${verb}${noun[0]?.toUpperCase()}${noun.slice(1)}${random.between(10, 99)}`;
  tree.lines(where.path).push(...linesOf(`\nfunction ${name}(items) {\n  const seen = new Set()\n  for (const item of items) seen.add(String(item))\n  return [...seen].slice(0, ${random.between(5, 90)})\n}\nmodule.exports.${name} = ${name}`));
  return `Add ${name}`;
};

const addFile: Innocent = (tree, random) => {
  const name = `${random.pick(WORDS)}-${random.pick(WORDS)}-${random.between(10, 99)}`;
  tree.files.set(`src/${name}.js`, linesOf(`'use strict'\n\nconst DEFAULT = ${random.between(1, 500)}\n\nfunction run(options) {\n  const value = options.value || DEFAULT\n  return value * 2\n}\n\nmodule.exports = { run, DEFAULT }\n`));
  return `Add ${name}`;
};

const docs: Innocent = (tree, random) => {
  const readme = tree.files.get("README.md") ?? linesOf("# Service");
  tree.files.set("README.md", [...readme, ...linesOf(`\nHow to ${random.pick(WORDS)} the ${random.pick(WORDS)}: see above.`)]);
  return "Document it";
};

const test: Innocent = (tree, random, where) => {
  tree.files.set(`test/${where.name.toLowerCase()}-${random.between(1, 999)}.test.js`, linesOf(`const { ${where.name} } = require('../${where.path}')\ntest('${where.name}', () => {\n  expect(typeof ${where.name}).toBe('function')\n})\n`));
  return `Test ${where.name}`;
};

export const INNOCENTS: readonly Innocent[] = [comment, log, text, number, rename, addFunction, addFile, docs, test];

/** Those that change no code. */
export const QUIET: readonly Innocent[] = [comment, docs, test];

/** Another indentation in every file of the tree, and other names in one function: nothing that runs is changed. */
export function refactorAll(tree: Tree, random: Random, where: Fn | null): string {
  if (where !== null) rename(tree, random, where, new Set());
  for (const path of tree.sources()) for (const line of tree.lines(path)) line.text = line.text.replace(/^ +/, (spaces) => "\t".repeat(Math.ceil(spaces.length / 2)));
  for (let i = 0; i < 6; i += 1) {
    const functions = tree.all();
    if (functions.length > 0) rename(tree, random, random.pick(functions), new Set());
  }
  return "Format everything";
}

export function insert(tree: Tree, path: string, index: number, texts: readonly string[]): Line[] {
  const lines = texts.map((one) => ({ text: one }));
  tree.lines(path).splice(index, 0, ...lines);
  return lines;
}

export function indentAt(tree: Tree, path: string, index: number): string {
  return /^\s*/.exec(tree.lines(path)[index]?.text ?? "")?.[0] ?? "";
}
