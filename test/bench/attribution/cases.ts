import { additionOnly, changedLine, configuration, deletionOnly, downstream, movedAndRenamed, type Fault, type FaultKind } from "./faults.ts";
import { harmlessCaller, wrongArgument } from "./faults-callers.ts";
import { connection, dependency, migration, nestedPackage, outage } from "./faults-outside.ts";
import { History } from "./history.ts";
import { INNOCENTS, QUIET, refactorAll, type Innocent } from "./innocent.ts";
import { Random } from "../../random.ts";
import { someFiles, type SourceTree } from "./sources.ts";
import { linesOf, Tree, type Fn, type Line } from "./tree.ts";

export const CATEGORIES = ["changed line", "addition only", "deletion only", "moved and renamed", "configuration", "downstream", "two faults", "large refactoring", "squash merge", "merge", "connection", "dependency", "migration", "outage", "wrong argument", "harmless caller", "nested package"] as const;
export type Category = (typeof CATEGORIES)[number];
/** Nobody is guilty there: something outside of the code failed. */
export const GUILTLESS: Category = "outage";

/** What production says about one fault, and the truth about it. */
export interface Question {
  /** Mark of the guilty commit; of a latent fault it lies before the good deployment. In an outage, that of a harmless one. */
  readonly guilty: number;
  /** As V8 would print it, with paths as the process sees them. */
  readonly stack: string;
}

export interface Case {
  readonly category: Category;
  readonly seed: number;
  readonly source: string;
  readonly history: History;
  /** Mark of the last good deployment, of the bad one, and of the tip of the branch. */
  readonly good: number;
  readonly bad: number;
  readonly tip: number;
  readonly questions: readonly Question[];
}

const FRAMES_MAX = 4;
const KINDS: Readonly<Record<Category, readonly FaultKind[]>> = {
  "changed line": [changedLine],
  "addition only": [additionOnly],
  "deletion only": [deletionOnly],
  "moved and renamed": [movedAndRenamed],
  configuration: [configuration],
  downstream: [downstream],
  "two faults": [changedLine, additionOnly, deletionOnly, downstream],
  "large refactoring": [changedLine, additionOnly, deletionOnly],
  "squash merge": [changedLine, additionOnly, deletionOnly, downstream],
  merge: [changedLine, additionOnly, deletionOnly],
  connection: [connection],
  dependency: [dependency],
  migration: [migration],
  outage: [outage],
  "wrong argument": [wrongArgument],
  "harmless caller": [harmlessCaller],
  "nested package": [nestedPackage],
};

interface Step {
  readonly fault: Fault | null;
  /** Changes the tree and names the change; null where there is nothing left to break. */
  readonly make: () => string | null;
  /** Lays the branch that this change merges, and gives its mark. */
  readonly branch?: () => number;
}

/**
 * Lays one history; null where this seed gives none that holds together (nothing fits, or a file no longer parses).
 * `latent`: the fault was there before the good deployment, and something outside of the code brought it out, so nobody
 * between the deployments is guilty. All else, and how many commits there are, is as the category has it.
 */
export function layCase(category: Category, seed: number, sources: readonly SourceTree[], latent = false): Case | null {
  const random = new Random(seed);
  const source = random.pick(sources);
  const tree = new Tree(someFiles(source, random));
  if (tree.all().length < 8) return null;
  const faults: Fault[] = [];
  for (let i = 0; i < (category === "two faults" ? 2 : 1); i += 1) {
    const fault = random.pick(KINDS[category])(tree, random);
    if (fault === null || faults.some((one) => one.failing === fault.failing)) return null;
    faults.push(fault);
  }
  const keep = new Set(faults.flatMap(({ failing, caller }) => (caller === undefined ? [failing] : [failing, caller])));
  const history = new History();
  // An outage is told from a fault by nothing else where the harmless change is the only one of code.
  const kinds = category === "outage" && random.chance(0.5) ? QUIET : INNOCENTS;
  const innocent = (): string => anyInnocent(tree, random, keep, faults, kinds);
  let good = history.commit(tree, "Start");
  for (let i = random.between(2, 5); i > 0; i -= 1) good = history.commit(tree, innocent());

  const guilty = new Map<Fault, number>();
  let bad = good;
  const steps = stepsOf(category, faults, tree, random, innocent, history);
  for (const { fault, make, branch } of latent ? steps.toSorted((a, b) => Number(a.fault === null) - Number(b.fault === null)) : steps) {
    const merged = branch?.();
    const message = make();
    if (message === null) return null;
    bad = history.commit(tree, message, merged);
    if (fault === null) continue;
    guilty.set(fault, bad);
    if (latent) good = bad;
  }
  if (faults.some(({ failing, caller }) => tree.find(failing) === null || (caller !== undefined && tree.find(caller) === null)) || tree.sources().some((path) => !tree.parses(path))) return null;
  const questions = faults.map((fault) => ({ guilty: guilty.get(fault) ?? 0, stack: stackOf(tree, fault, random) }));

  // What lands after the deployment: nobody may blame it, though it touches the failing line at times.
  let tip = bad;
  for (let i = random.between(2, 4); i > 0; i -= 1) {
    const message = innocent();
    for (const { failing } of faults) if (random.chance(0.3)) failing.text = `${failing.text} // see the handbook`;
    tip = history.commit(tree, message);
  }
  return { category, seed, source: source.name, history, good, bad, tip, questions };
}

function textOf(tree: Tree): string {
  return [...tree.files.keys()].map((path) => `${path}\0${tree.text(path)}`).join("\0");
}

/** The commits between the deployments, in order. */
function stepsOf(category: Category, faults: readonly Fault[], tree: Tree, random: Random, innocent: () => string, history: History): Step[] {
  const plain = (): Step => ({ fault: null, make: innocent });
  const before = Array.from({ length: random.between(2, 6) }, plain);
  // None at times: then the last commit deployed is the guilty one.
  const after = Array.from({ length: random.between(0, 6) }, plain);
  const planting = faults.map((fault): Step => ({
    fault,
    ...(category === "merge" ? { branch: () => layBranch(history, tree, fault, random, innocent) } : {}),
    make: () => {
      const messages = category === "squash merge" ? Array.from({ length: random.between(5, 9) }, innocent) : [];
      const named = tree.holding(fault.failing)?.name ?? "things";
      const before = textOf(tree);
      fault.plant(tree);
      // An innocent change may have renamed what the fault was meant for.
      if (textOf(tree) === before) return null;
      if (category === "merge") return "Merge branch 'aside'";
      return messages.length > 0 ? `Release the new flow (#${random.between(10, 900)})\n\n${messages.map((one) => `* ${one}`).join("\n")}` : random.pick([`Improve ${named}`, "Clean up", `Make ${named} simpler`, "Handle one more case"]);
    },
  }));
  const carrying = faults.flatMap((fault): Step[] => (fault.carry === undefined ? [] : [{ fault: null, make: () => fault.carry?.(tree, random) ?? "Move" }]));
  const besides = faults.flatMap((fault): Step[] => (fault.beside === undefined ? [] : [{ fault: null, make: () => fault.beside?.(tree, random) ?? null }]));
  if (besides.length > 0) (random.chance(0.5) ? before : after).splice(0, 0, ...besides);
  const refactoring: Step[] = category === "large refactoring" ? [{ fault: null, make: () => refactorAll(tree, random, tree.holding((faults[0] as Fault).failing)) }] : [];
  const [one, ...others] = planting as [Step, ...Step[]];
  // Half of the refactorings come before the fault and half after it.
  return random.chance(0.5) ? [...before, ...refactoring, one, ...after.slice(0, 2), ...others, ...carrying, ...after.slice(2)] : [...before, one, ...others, ...after.slice(0, 1), ...refactoring, ...carrying, ...after.slice(1)];
}

/**
 * Two changes beside each other: one on the main branch, and one on another that adds a function to the file that fails.
 * The tree then holds both, and what the merge changes beyond them is its own.
 */
function layBranch(history: History, tree: Tree, { failing }: Fault, random: Random, innocent: () => string): number {
  const from = history.last;
  const path = tree.find(failing)?.path ?? tree.sources()[0] ?? "";
  const [before, name] = [tree.text(path), `aside${random.between(100, 999)}`];
  history.commit(tree, innocent());
  const added = `\nfunction ${name}(items) {\n  return items.slice(0, ${random.between(2, 90)})\n}\nmodule.exports.${name} = ${name}`;
  const side = history.aside(from, `Add ${name}`, path, `${before}${added}\n`);
  tree.lines(path).push(...linesOf(added));
  return side;
}

/** Anywhere, but more often where it disturbs: in the file that fails, or in the very function. */
function anyInnocent(tree: Tree, random: Random, keep: ReadonlySet<Line>, faults: readonly Fault[], kinds: readonly Innocent[]): string {
  for (;;) {
    const fault = random.pick(faults);
    const inside = tree.holding(fault.failing);
    const same = inside === null ? [] : tree.functions(inside.path);
    const where: Fn = inside !== null && random.chance(0.12) ? inside : same.length > 0 && random.chance(0.25) ? random.pick(same) : random.pick(tree.all());
    const message = random.pick(kinds)(tree, random, where, keep);
    if (message !== null) return message;
  }
}

/** The failing line, and who called, as far as names tell. */
function stackOf(tree: Tree, { failing, caller, error, above = [] }: Fault, random: Random): string {
  const frames: { readonly name: string; readonly line: Line }[] = [];
  let line: Line | undefined = failing;
  const seen = new Set<string>();
  while (line !== undefined && frames.length < FRAMES_MAX) {
    const fn = tree.holding(line);
    frames.push({ name: fn?.name ?? "", line });
    line = fn === null || seen.has(fn.name) ? undefined : frames.length === 1 && caller !== undefined ? caller : callOf(tree, fn, random);
    if (fn !== null) seen.add(fn.name);
  }
  const places = frames.flatMap(({ name, line: at }) => {
    const found = tree.find(at);
    return found === null ? [] : [`    at ${name === "" ? "" : `${name} (`}/app/${found.path}:${found.line}:${Math.max(1, at.text.search(/\S/) + 1)}${name === "" ? "" : ")"}`];
  });
  return [`${error.type}: ${error.message}`, ...above, ...places, "    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)"].join("\n");
}

function callOf(tree: Tree, fn: Fn, random: Random): Line | undefined {
  const call = new RegExp(`\\b${fn.name.replaceAll("$", "\\$")}\\(`);
  const calls = tree.sources().flatMap((path) => tree.lines(path).filter((line, index) => call.test(line.text) && !/\bfunction\b|^\s*(?:\/\/|\*)/.test(line.text) && !(path === fn.path && index >= fn.from && index <= fn.to)));
  return calls.length === 0 ? undefined : random.pick(calls);
}
