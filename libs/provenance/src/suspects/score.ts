import type { SuspicionPart } from "../types.ts";
import { handedOver, type Callee } from "./arguments.ts";
import type { Candidate, PlacedEdit } from "./candidates.ts";
import type { Hint } from "./places.ts";
import { tokens } from "./code.ts";
import { namesOf } from "./graph.ts";
import type { Reach, Tie } from "./reach.ts";
import { stems, stemsOf } from "./words.ts";

/**
 * How a score comes about. Each kind of evidence has the most that it can give; together they give 1, so the parts add
 * up to the score without being scaled: code 0.55, symbols 0.15, requirement 0.1, being the only one 0.2. What telemetry
 * adds (spectrum 0.1, exposure 0.05) takes its room from what those leave. A new version of a package that the failing
 * code uses (packages/) and a migration of what a database's error names (schema.ts) are code as well. Where the error
 * names an outage of something outside the code, a commit's lines that do not change what it names count 0.15 of it, and
 * so do being the only one and the spectrum (outage.ts).
 */
export const MOST = { code: 0.55, symbol: 0.15, requirement: 0.1, only: 0.2, spectrum: 0.1, exposure: 0.05 } as const;

/** Shares of MOST.code. A line that git blames for the very frame is all of it. */
const NEAR = 1;
const NEAR_FRAME = 0.85;
const LITERAL_LINE = 0.75;
const CLOSE_LINES = 15;
const CLOSE = 0.6;
/** Close to the line that failed, but behind it. */
const BEHIND = 0.6;
const SAME_FILE = 0.2;
/** Matches needed until more hardly add: 1 − e^(−matches / SATURATION). */
const SATURATION = 1.5;
/** A commit of so many lines matches words by chance; larger ones count by the root. */
const LINES_USUAL = 60;

/** Of what a line hands over, so little has to do with the failure that it is said. */
const BESIDE = 0.3;

/** What kind of edit fits what kind of failure; others count for so much. */
export type Nature = "error" | "value" | "missing";
const UNFIT: Readonly<Record<Nature, number>> = { error: 0.7, value: 0.7, missing: 0.5 };
const FITTING: Readonly<Record<Nature, RegExp>> = {
  error: /\?\.|\?\?|\b(?:if|unless|throw|await|undefined|null|None|nil|typeof|instanceof|in|is|catch|except|return|new)\b|[[\].]/,
  value: /^(?!(?:if|unless|while|throw|break|continue|assert)\b|(?:await\s+)?[\w$.#?]+\()./,
  missing: /^(?:await\s+)?[\w$.#?]+\s*\(|\b(?:if|unless|return|continue|break|case|default|switch|throw|await|catch|except|yield)\b/,
};

const EMPTY = ["undefined", "null", "None", "nil"];
const OTHER_EMPTY = 0.8;

/** The empty value that an error's message names, such as `undefined` in V8's "properties of undefined". */
export function metBy(message: string): string {
  return /\b(undefined|null|nil)\b/.exec(message.slice(0, 1000))?.[1] ?? (/'NoneType'/.test(message.slice(0, 1000)) ? "None" : "");
}

/** Properties that an error's message says could not be read or called. */
export function readBy(message: string): Set<string> {
  const text = message.slice(0, 1000);
  const found = [...text.matchAll(/\((?:reading|setting) '([\w$]+)'\)|has no attribute '(\w+)'|undefined method [`'](\w+)'|Cannot invoke "[\w$.]*?([\w$]+)\(|([\w$]+) is not (?:a function|iterable)/g)];
  return new Set(found.flatMap((match) => match.slice(1).filter((name) => name !== undefined)));
}

/** A requirement about time is broken by what does not happen; any other without an error by a wrong value. */
export function natureOf(frames: number, symbols: readonly string[]): Nature {
  if (frames > 0) return "error";
  return symbols.some((symbol) => /\b(?:within|eventually|seconds?|minutes?)\b|\b\d+ ?(?:ms|s)\b/i.test(symbol)) ? "missing" : "value";
}

/** The code seen from the finding: forwards from its places and, for what did not happen, backwards from it. */
export interface View {
  readonly nature: Nature;
  readonly hints: readonly BlamedHint[];
  /** What the frames' lines called, by the frame. */
  readonly callees: ReadonlyMap<Hint, Callee>;
  readonly forward: Reach;
  readonly backward: Reach | null;
  /** What the code does that should have run and did not. */
  readonly within: Reach | null;
  /** The empty value that the error met, as far as it says which: `undefined`, `null`, `None`; "" otherwise. */
  readonly met: string;
  /** What reads a setting, by its key and those above it. */
  readonly reader: (keys: readonly string[]) => Tie | null;
}

/** Of what did not happen, what merely follows from the operation counts half, and lying between both this more. */
const AHEAD = 0.5;
const BETWEEN = 0.7;
/** A line that mentions a function on the way back, wherever the line stood. */
const MENTIONED = 0.9;

export interface BlamedHint extends Hint {
  /** Commit that last changed the line of the place. */
  readonly commit: string;
}

/** Evidence from the code: lines blamed, lines near or reached, the same file. At most MOST.code. */
export function codeParts(candidate: Candidate, view: View): SuspicionPart[] {
  const { hints } = view;
  const line = linePart(candidate, view);
  const near = nearPart(candidate, view, MOST.code - (line?.score ?? 0));
  const parts = [line, near].filter((part) => part !== null);
  if (parts.length > 0) return parts;
  const file = hints.find((hint) => candidate.edits.some((edit) => edit.badPath === hint.path));
  return file === undefined ? [] : [{ kind: "file", score: round(MOST.code * SAME_FILE * file.weight), says: `Changes ${file.path}, where ${file.says} lies.`, places: [{ path: file.path, line: file.line }] }];
}

function linePart(candidate: Candidate, { hints, callees }: View): SuspicionPart | null {
  const mine = hints.filter((hint) => hint.commit === candidate.commit.id);
  let share = 0;
  let beside = true;
  for (const hint of mine) {
    const callee = callees.get(hint);
    const taken = (one: PlacedEdit): number => (callee === undefined || one.badLine !== hint.line ? 1 : handedOver(one.code, one.changed, callee));
    const edit = Math.max(0, ...candidate.edits.filter((one) => isOn(one, hint)).map((one) => taken(one) * (one.logs && one.badLine === hint.line && hint.frame ? 1 : one.weight)));
    beside &&= candidate.edits.some((one) => isOn(one, hint)) && candidate.edits.every((one) => !isOn(one, hint) || taken(one) <= BESIDE);
    share = Math.max(share, hint.weight * edit * (hint.frame ? 1 : LITERAL_LINE));
  }
  const score = round(MOST.code * share);
  if (score === 0) return null;
  const first = mine[0] as BlamedHint;
  return { kind: "line", score, says: `Wrote the line of ${first.says}${mine.length > 1 ? ` and ${mine.length - 1} more` : ""}${beside ? ", and changed nothing there that what failed is made of" : ""}.`, places: mine.slice(0, 10).map(({ path, line }) => ({ path, line })) };
}

/** Whether an edit is of the line of a place: what is new there, and what went for it. */
function isOn(edit: PlacedEdit, hint: Hint): boolean {
  return edit.badPath === hint.path && Math.abs(edit.badLine - hint.line) <= 1;
}

function nearPart(candidate: Candidate, view: View, room: number): SuspicionPart | null {
  let best = { share: 0, says: "", edit: null as PlacedEdit | null };
  // What counts as the line of a frame is not near to it as well.
  const counted = view.hints.filter((hint) => hint.commit === candidate.commit.id);
  for (const edit of candidate.edits) {
    if (counted.some((hint) => isOn(edit, hint))) continue;
    const weight = edit.weight * fit(edit, view);
    const tie = tieOf(edit, view);
    const reader = edit.keys.length === 0 ? null : view.reader(edit.keys);
    if (reader !== null && reader.weight * edit.weight > best.share) best = { share: reader.weight * edit.weight, says: `that sets ${edit.keys.slice(0, 3).toReversed().join(".")}, which ${reader.hint.says} reads`, edit };
    if (tie !== null && tie.weight * weight > best.share) best = { share: tie.weight * weight, says: tie.says, edit };
    for (const hint of view.hints) {
      // Routes stand in lists: the one next to it is another's.
      const close = !hint.route && edit.badPath === hint.path && edit.badLine > 0 && Math.abs(edit.badLine - hint.line) <= CLOSE_LINES;
      const fading = hint.frame ? (edit.badLine > hint.line ? BEHIND : 1) : view.nature === "value" && edit.badLine > hint.line ? 0 : LITERAL_LINE * 0.6;
      const share = close ? hint.weight * weight * CLOSE * fading : 0;
      if (share > best.share) best = { share, says: `${Math.abs(edit.badLine - hint.line)} lines from ${hint.says}`, edit };
    }
  }
  const score = round(Math.min(room, MOST.code * NEAR * best.share));
  if (score <= 0 || best.edit === null) return null;
  return { kind: "near", score, says: `${best.edit.kind === "removed" ? "Removes" : "Changes"} a line ${best.says}.`, places: [{ path: best.edit.badPath, line: best.edit.badLine }] };
}

function fit(edit: PlacedEdit, view: View): number {
  return fitOfNature(edit, view) * fitOfEmpty(edit, view);
}

/** Who puts in one empty value does not make the other. */
function fitOfEmpty({ changed, kind }: PlacedEdit, { met }: View): number {
  const put = kind === "added" ? EMPTY.filter((one) => tokens(changed).includes(one)) : [];
  return met === "" || put.length === 0 || put.includes(met) ? 1 : OTHER_EMPTY;
}

function fitOfNature(edit: PlacedEdit, { nature, backward }: View): number {
  const onTheWay = backward !== null && namesOf(edit.changed).some((name) => backward.named(name) !== null);
  if (onTheWay || FITTING[nature].test(nature === "value" ? edit.code : edit.changed)) return 1;
  // An argument of a call that itself stayed: between the two.
  return nature === "missing" && FITTING.missing.test(edit.code) ? (1 + UNFIT.missing) / 2 : UNFIT[nature];
}

/** How an edit is tied to the finding, forwards and backwards, with the words for it. */
function tieOf(edit: PlacedEdit, { forward, backward, within }: View): { readonly weight: number; readonly says: string } | null {
  const ahead = edit.badLine === 0 ? null : forward.at(edit.badPath, edit.badLine, edit.code);
  if (backward === null) return ahead === null ? null : { weight: ahead.weight * (ahead.hint.frame ? NEAR_FRAME : 1), says: ahead.hops === 0 ? `in the same function as ${ahead.hint.says}` : `in code that ${ahead.hint.says} leads to (${ahead.says})` };
  const inside = edit.badLine === 0 ? null : (within?.at(edit.badPath, edit.badLine, edit.code) ?? null);
  const behind = strongest([inside, edit.badLine === 0 ? null : backward.at(edit.badPath, edit.badLine, edit.code), ...namesOf(edit.code).map((name) => weaker(backward.named(name), MENTIONED))]);
  const [one, other] = [ahead?.weight ?? 0, behind?.weight ?? 0];
  if (one === 0 && other === 0) return null;
  const weight = Math.min(1, Math.max(AHEAD * one, other) + BETWEEN * Math.min(one, other));
  if (behind !== null && behind === inside) return { weight, says: behind.hops === 0 ? `in the same function as ${behind.hint.says}` : `in code that ${behind.hint.says} leads to (${behind.says})` };
  if (ahead !== null && behind !== null) return { weight, says: `on the way from ${ahead.hint.says} to ${behind.hint.says}` };
  return { weight, says: ahead === null ? `on the way to ${behind?.hint.says ?? ""}` : `in code that ${ahead.hint.says} leads to${ahead.says === "" ? "" : ` (${ahead.says})`}` };
}

function strongest(ties: readonly (Tie | null)[]): Tie | null {
  return ties.reduce((best, tie) => (tie !== null && tie.weight > (best?.weight ?? 0) ? tie : best), null);
}

function weaker(tie: Tie | null, factor: number): Tie | null {
  return tie === null ? null : { ...tie, weight: tie.weight * factor };
}

/** Words of the finding, and how rare each is among the candidates (1 = one alone has it, 0 = all have it). */
export class Vocabulary {
  readonly #rarity = new Map<string, number>();
  /** How the finding writes a stem. */
  readonly #written = new Map<string, string>();
  readonly #literals: readonly string[];

  constructor(symbols: readonly string[], candidates: readonly Candidate[]) {
    for (const [stem, word] of symbols.flatMap((symbol) => [...stemsOf(symbol)])) if (!this.#written.has(stem)) this.#written.set(stem, word);
    const words = new Set(this.#written.keys());
    this.#literals = [...new Set(symbols.map((symbol) => symbol.trim()).filter((symbol) => symbol.length >= 5 && /[.:/_-]/.test(symbol) && !/\s/.test(symbol)))];
    const texts = candidates.map(({ edits }) => ({ stems: new Set(edits.flatMap((edit) => stems(edit.code))), code: edits.map((edit) => edit.code).join("\n") }));
    const rarity = (matching: number): number => (texts.length < 2 ? 1 : Math.max(0, 1 - Math.log(Math.max(1, matching)) / Math.log(texts.length)));
    for (const word of words) this.#rarity.set(word, rarity(texts.filter((text) => text.stems.has(word)).length));
    for (const literal of this.#literals) this.#rarity.set(literal, rarity(texts.filter((text) => text.code.includes(literal)).length));
  }

  /** What a line of code shares with the finding. */
  matches(code: string): { readonly word: string; readonly rarity: number }[] {
    const found = stems(code).filter((word) => this.#rarity.has(word));
    return [...found, ...this.#literals.filter((literal) => code.includes(literal))].map((word) => ({ word: this.#written.get(word) ?? word, rarity: this.#rarity.get(word) ?? 0 }));
  }
}

/** Evidence from words: those of the finding that the changed lines hold. Unreached code counts less. */
export function symbolPart(candidate: Candidate, vocabulary: Vocabulary, view: View): SuspicionPart | null {
  const best = new Map<string, { weight: number; edit: PlacedEdit }>();
  for (const edit of candidate.edits) {
    const tied = 0.5 + 0.5 * (tieOf(edit, view)?.weight ?? 0);
    for (const { word, rarity } of vocabulary.matches(`${edit.code} ${edit.function}`)) {
      const weight = rarity * edit.weight * tied;
      if (weight > (best.get(word)?.weight ?? 0)) best.set(word, { weight, edit });
    }
  }
  const lines = candidate.edits.reduce((sum, edit) => sum + edit.weight, 0);
  const matched = [...best].reduce((sum, [, { weight }]) => sum + weight, 0) / Math.sqrt(Math.max(1, lines / LINES_USUAL));
  const score = round(MOST.symbol * (1 - Math.exp(-matched / SATURATION)));
  if (score <= 0) return null;
  const top = [...best].sort(([, a], [, b]) => b.weight - a.weight).slice(0, 5);
  return { kind: "symbol", score, says: `Changed lines share with the finding: ${top.map(([word]) => word).join(", ")}.`, places: top.map(([, { edit }]) => ({ path: edit.badPath, line: edit.badLine })) };
}

/** Evidence from the specification: files that the requirement's tasks name. Less the more candidates touch them. */
export function requirementPart(candidate: Candidate, files: ReadonlySet<string>, touching: number): SuspicionPart | null {
  const edit = candidate.edits.filter((one) => files.has(one.path) || files.has(one.badPath)).sort((a, b) => b.weight - a.weight)[0];
  if (edit === undefined) return null;
  const score = round((MOST.requirement * Math.min(1, edit.weight)) / Math.sqrt(Math.max(1, touching)));
  return score <= 0 ? null : { kind: "requirement", score, says: `Changes ${edit.badPath}, which the requirement's tasks name.`, places: [{ path: edit.badPath, line: edit.badLine }] };
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
