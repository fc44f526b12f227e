import { Lang, parse, type SgNode } from "@ast-grep/napi";
import { BOUNDS } from "../../bounds.ts";
import { isScript, mayChange } from "../../workspace/paths.ts";
import type { Candidate, Place } from "../api.ts";
import type { Edit, Hints, Template } from "./api.ts";
import { argumentOrder } from "./arguments.ts";
import { missingAwait } from "./await.ts";
import { boundary } from "./boundary.ts";
import { coercion } from "./coercion.ts";
import { defaultValue } from "./default.ts";
import { guard } from "./guard.ts";
import { missingCall } from "./missing-call.ts";
import { missingCase } from "./missing-case.ts";
import { operator } from "./operator.ts";

export const TEMPLATES: readonly Template[] = [guard, defaultValue, boundary, operator, missingAwait, missingCall, coercion, argumentOrder, missingCase];

const NODES_MAX = 2000;
const PER_FILE_MAX = 400;

export function languageOf(path: string): Lang {
  if (/\.[cm]?ts$/.test(path)) return Lang.TypeScript;
  return /\.[jt]sx$/.test(path) ? Lang.Tsx : Lang.JavaScript;
}

/** Whether a text parses without an error, as far as the grammar goes. */
export function parsesClean(path: string, text: string): boolean {
  if (!isScript(path) || text.trim() === "") return true;
  const root = parse(languageOf(path), text).root();
  // What the parser had to imagine to go on, such as a bracket, is a node without text.
  return root.find({ rule: { any: [{ kind: "ERROR" }, { regex: "^$" }] } }) === null;
}

/**
 * Candidates of all templates at the implicated places of one file, best first. Only nodes that begin at such a place
 * are looked at, the text must still parse, and each resulting text comes once.
 */
export function templateCandidates(path: string, text: string, places: readonly Place[], hints: Hints): Candidate[] {
  if (!isScript(path) || !mayChange(path) || text.length > BOUNDS.sourceBytes) return [];
  const weights = new Map<number, number>();
  for (const place of places) if (place.path === path) weights.set(place.line, Math.max(place.weight, weights.get(place.line) ?? 0));
  const root = parse(languageOf(path), text).root();
  if (root.find({ rule: { kind: "ERROR" } }) !== null) return [];
  const lines = text.split("\n");
  const found: { readonly edit: Edit; readonly template: Template; readonly line: number; readonly score: number }[] = [];
  for (const node of nodesAt(root, weights)) {
    const line = node.range().start.line + 1;
    const weight = (weights.get(line) ?? 0) * relevance(lines[line - 1] ?? "", hints);
    for (const template of TEMPLATES) {
      if (!template.kinds.includes(String(node.kind()))) continue;
      for (const edit of template.apply(node, hints)) found.push({ edit, template, line, score: weight * template.prior(hints) * (edit.fit ?? 1) });
    }
  }
  const seen = new Set<string>([text]);
  const candidates: Candidate[] = [];
  for (const { edit, template, line, score } of found.sort((a, b) => b.score - a.score)) {
    if (candidates.length >= PER_FILE_MAX) break;
    const changed = text.slice(0, edit.from) + edit.text + text.slice(edit.to);
    if (seen.has(changed)) continue;
    seen.add(changed);
    candidates.push({
      generator: "template",
      kind: template.name,
      title: `${edit.says.charAt(0).toUpperCase()}${edit.says.slice(1)} (${path}:${line})`,
      explanation: `Repair template “${template.name}” at ${path}, line ${line}: ${edit.says}. It fixes forward: the rest of the change stays.`,
      files: new Map([[path, changed]]),
      prior: score,
    });
  }
  return candidates;
}

function nodesAt(root: SgNode, weights: ReadonlyMap<number, number>): SgNode[] {
  const kinds = [...new Set(TEMPLATES.flatMap((template) => template.kinds))];
  const all = root.findAll({ rule: { any: kinds.map((kind) => ({ kind })) } });
  return all.filter((node) => weights.has(node.range().start.line + 1)).slice(0, NODES_MAX);
}

/** A line that names what the check or the error speaks of counts more. */
function relevance(line: string, hints: Hints): number {
  const words = line.match(/[A-Za-z_$][\w$]*/g) ?? [];
  return words.some((word) => hints.names.has(word)) ? 1.5 : 1;
}
