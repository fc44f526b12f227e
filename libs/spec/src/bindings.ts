import { stableId } from "@firstfix/kit";
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type Scalar, type YAMLMap } from "yaml";
import { CelProblem } from "./cel/problem.ts";
import { programOf } from "./check/program.ts";
import { plainText, tooLarge } from "./kiro/document.ts";
import { SPEC_LIMITS } from "./limits.ts";
import type { Check, Requirement, SpecFile, SpecProblem } from "./types.ts";

/**
 * bindings.yaml:
 *   bindings:
 *     - requirement: "1.2"        id in this folder's requirements.md or bugfix.md
 *       name: …                   optional
 *       when: CEL                 both forms
 *       require: CEL              invariant
 *       eventually: CEL           temporal, with
 *       within: 5s                ms, s, m or h
 *       key: CEL                  optional; without it the same trace
 *
 * The tree is walked by hand, because a problem without its line is of little help.
 */
export function readBindings(file: SpecFile, requirements: readonly Requirement[], service: string, problems: SpecProblem[]): Check[] {
  if (tooLarge(file, SPEC_LIMITS.bindingsFileBytes, problems)) return [];
  const lines = new LineCounter();
  const document = parseDocument(plainText(file.text), { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  const reader: Reader = { file, service, problems, count: 0, requirements: new Map(requirements.toReversed().map((one) => [one.id, one])), lineOf: (offset) => lines.linePos(offset).line };
  const broken = document.errors.map((error) => {
    report(reader, reader.lineOf(error.pos[0]), `not YAML: ${error.message.split("\n")[0]}`, "An expression that starts with a quote or `!` must be quoted as a whole, or stand below `when: |`.");
    return error.pos[0];
  });
  const root: unknown = document.contents;
  if (root === null) return [];
  const list = isMap(root) ? root.get("bindings", true) : undefined;
  if (!isMap(root) || !isSeq(list)) {
    if (broken.length === 0) report(reader, 1, "the file has no list `bindings`", "Start it with `bindings:` and one `- requirement: …` per binding.");
    return [];
  }
  for (const pair of root.items) if (keyText(pair.key) !== "bindings") report(reader, lineOfNode(reader, pair.key), `unknown key \`${keyText(pair.key)}\``, "The only key of the file is `bindings`.");
  if (list.items.length > SPEC_LIMITS.bindingsPerFile) report(reader, lineOfNode(reader, list), `more than ${SPEC_LIMITS.bindingsPerFile} bindings; the rest is not read`, "Split the feature.");
  return list.items.slice(0, SPEC_LIMITS.bindingsPerFile).flatMap((item) => {
    const range = isMap(item) ? item.range : null;
    // What the YAML parser made of a broken binding is a guess; its neighbours are sound.
    if (range !== null && range !== undefined && broken.some((offset) => offset >= range[0] && offset <= range[2])) return [];
    return readBinding(reader, item) ?? [];
  });
}

interface Reader {
  readonly file: SpecFile;
  readonly service: string;
  readonly problems: SpecProblem[];
  readonly requirements: ReadonlyMap<string, Requirement>;
  count: number;
  lineOf(offset: number): number;
}

const KEYS = ["requirement", "name", "when", "require", "eventually", "within", "key"] as const;
type Key = (typeof KEYS)[number];
interface Entry {
  readonly text: string;
  readonly line: number;
  readonly isBlock: boolean;
}
type Entries = ReadonlyMap<Key, Entry>;

function readBinding(reader: Reader, item: unknown): Check | null {
  if (!isMap(item)) return report(reader, lineOfNode(reader, item), "a binding must be a map", "Start it with `- requirement: \"1.2\"`.");
  const line = lineOfNode(reader, item);
  const entries = readEntries(reader, item);
  if (entries === null) return null;
  const requirement = requirementOf(reader, entries, line);
  const form = formOf(reader, entries, line);
  if (requirement === null || form === null || !expressionsWork(reader, entries, form)) return null;
  const name = (entries.get("name")?.text ?? `requirement ${requirement.id}`).slice(0, SPEC_LIMITS.nameChars);
  const parts = form.kind === "invariant" ? [form.when, form.require] : [form.when, form.eventually, String(form.withinMs), form.key ?? ""];
  return { key: stableId("chk", requirement.key, form.kind, ...parts), name, requirement, service: reader.service, file: reader.file.path, line, form };
}

function readEntries(reader: Reader, item: YAMLMap): Entries | null {
  const entries = new Map<Key, Entry>();
  let sound = true;
  for (const pair of item.items) {
    const name = keyText(pair.key);
    const line = lineOfNode(reader, pair.key);
    const key = KEYS.find((known) => known === name);
    const { value } = pair;
    if (key === undefined) {
      report(reader, line, `unknown key \`${name}\``, `A binding has ${KEYS.join(", ")}.`);
      sound = false;
    } else if (entries.has(key)) {
      report(reader, line, `\`${key}\` is there twice`, "Remove one of the two, or start a new binding with `-`.");
      sound = false;
    } else if (!isScalar(value) || value.value === null || value.tag !== undefined) {
      report(reader, line, `\`${key}\` must be a text`, "An expression that starts with `!` or `[` must be quoted as a whole, or stand below `when: |`.");
      sound = false;
    } else {
      entries.set(key, { text: scalarText(value), line: lineOfNode(reader, value), isBlock: value.type === "BLOCK_LITERAL" || value.type === "BLOCK_FOLDED" });
    }
  }
  return sound ? entries : null;
}

function requirementOf(reader: Reader, entries: Entries, line: number): Requirement | null {
  const entry = entries.get("requirement");
  if (entry === undefined) return report(reader, line, "the binding names no requirement", 'Add `requirement: "1.2"`.');
  const found = reader.requirements.get(entry.text.trim());
  if (found !== undefined) return found;
  const known = [...reader.requirements.keys()].toReversed();
  const hint = known.length === 0 ? "There is no requirements.md with acceptance criteria beside this file." : `This folder has ${known.slice(0, 20).join(", ")}${known.length > 20 ? ", …" : ""}.`;
  return report(reader, entry.line, `there is no requirement ${entry.text.trim()}`, hint);
}

function formOf(reader: Reader, entries: Entries, line: number): Check["form"] | null {
  const text = (key: Key): string | undefined => entries.get(key)?.text.trim();
  const [when, require, eventually] = [text("when"), text("require"), text("eventually")];
  if (when === undefined) return report(reader, line, "the binding has no `when`", "Add `when:`, the spans that the requirement is about; `when: true` means all.");
  if (require !== undefined && eventually !== undefined) return report(reader, entries.get("eventually")?.line ?? line, "the binding has both `require` and `eventually`", "Make it two bindings.");
  if (require !== undefined) {
    const extra = (["within", "key"] as const).find((key) => entries.has(key));
    if (extra !== undefined) return report(reader, entries.get(extra)?.line ?? line, `\`${extra}\` belongs to \`eventually\`, not to \`require\``, `Remove it, or write \`eventually\`.`);
    return { kind: "invariant", when, require };
  }
  if (eventually === undefined) return report(reader, line, "the binding has neither `require` nor `eventually`", "Add `require:` for what must hold on the same span, or `eventually:` and `within:` for a span that must follow.");
  const within = entries.get("within");
  if (within === undefined) return report(reader, line, "`eventually` needs `within`", "Add for instance `within: 5s`.");
  const withinMs = parseDuration(within.text);
  if (withinMs === null) return report(reader, within.line, `\`${within.text.slice(0, 40)}\` is no duration`, "Write a number above 0 with ms, s, m or h, at most 24h: `within: 5s`.");
  return { kind: "eventually", when, eventually, withinMs, key: text("key") ?? null };
}

/** Reads every expression by itself, so that each mistake gets its own line and column. */
function expressionsWork(reader: Reader, entries: Entries, form: Check["form"]): boolean {
  const parts = form.kind === "invariant" ? (["when", "require"] as const) : (["when", "eventually", "key"] as const);
  const results = parts.map((part) => {
    const entry = entries.get(part);
    if (entry === undefined) return true;
    const text = entry.text.trim();
    try {
      programOf(part === "key" ? { kind: "eventually", when: "true", eventually: "true", withinMs: 1, key: text } : { kind: "invariant", when: text, require: "true" });
      return true;
    } catch (cause) {
      if (!(cause instanceof CelProblem)) throw cause;
      const before = text.slice(0, cause.offset).split("\n");
      const column = (before.at(-1)?.length ?? 0) + 1;
      report(reader, entry.line + before.length - 1 + (entry.isBlock ? 1 : 0), `${part}, column ${column}: ${cause.message}`, cause.hint);
      return false;
    }
  });
  return results.every(Boolean);
}

function parseDuration(text: string): number | null {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h)$/u.exec(text.trim());
  const ms = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ""] ?? Number.NaN);
  return ms >= 1 && ms <= SPEC_LIMITS.withinMs ? Math.round(ms) : null;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A hostile file could make a problem of every byte; nobody reads the second hundred. */
function report(reader: Reader, line: number, message: string, hint: string): null {
  reader.count += 1;
  if (reader.count <= SPEC_LIMITS.problemsPerFile) reader.problems.push({ file: reader.file.path, line, message, hint });
  return null;
}

/** As written: `requirement: 1.10` must not become 1.1. */
function scalarText(scalar: Scalar): string {
  return typeof scalar.value === "string" ? scalar.value : (scalar.source ?? String(scalar.value));
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value).slice(0, 60) : "?";
}

function lineOfNode(reader: Reader, node: unknown): number {
  const range = typeof node === "object" && node !== null ? (node as Node).range : null;
  return range === null || range === undefined ? 0 : reader.lineOf(range[0]);
}
