import { isPlatform } from "./stack/in-app.ts";
import type { Finding, StackFrame } from "./types.ts";

/** A place in the code that a finding points at, with how much it counts (1 = the innermost in-app frame). */
interface Place {
  readonly path: string;
  readonly line: number;
  readonly function: string;
  readonly weight: number;
}

/** What of a finding tells where its cause lies. */
export type Clues = Pick<Finding, "error" | "violation"> & { readonly witness: Pick<Finding["witness"], "operation"> };

const PLACES_MAX = 10;
const SYMBOLS_MAX = 40;
const LIBRARIES_MAX = 50;
const WEIGHT_FALL = 0.7;

/** Places in the code that an error's stack points at, innermost first, each counting less than the one before. */
export function placesOf(findings: readonly Clues[]): Place[] {
  const places: Place[] = [];
  for (const finding of findings) {
    const frames = (finding.error?.frames ?? []).filter((frame) => frame.inApp && frame.path !== "" && frame.line > 0);
    frames.forEach((frame, i) => {
      if (places.some((place) => place.path === frame.path && place.line === frame.line)) return;
      places.push({ path: frame.path, line: frame.line, function: frame.function, weight: WEIGHT_FALL ** i });
    });
  }
  return places.slice(0, PLACES_MAX);
}

/** Frames of packages that errors went through before they came to the application's code, innermost first. */
export function librariesOf(findings: readonly Clues[]): Pick<StackFrame, "file" | "function">[] {
  return findings.flatMap(({ error }) => {
    const frames = error?.frames ?? [];
    const own = frames.findIndex((frame) => frame.inApp);
    return frames.slice(0, own < 0 ? frames.length : own).filter((frame) => !isPlatform(frame)).slice(0, LIBRARIES_MAX).map(({ file, function: name }) => ({ file, function: name }));
  });
}

/**
 * What the guilty change is likely to name: the operation; for an error the functions of its stack and the names in its
 * message; for a violation the spans and attributes that its check names, whole (`shop.order.total`), for the code that
 * sets them holds them letter by letter, and then the words of the requirement.
 */
export function symbolsOf(findings: readonly Clues[]): string[] {
  const symbols = findings.flatMap(({ error, violation, witness }) => [
    witness.operation,
    ...(error === undefined ? [] : [...error.frames.filter((frame) => frame.inApp).map((frame) => lastPart(frame.function)), ...namesIn(error.message)]),
    ...(violation === undefined ? [] : violation.check.flatMap(quotedIn)),
  ]);
  const words = findings.flatMap(({ violation }) => (violation === undefined ? [] : wordsIn(`${violation.checkName} ${violation.requirementText}`)));
  return [...new Set([...symbols, ...words])].filter((name) => name.length >= 3).slice(0, SYMBOLS_MAX);
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** Quoted names and names with an inner capital, underscore or call: prose words say nothing about code. */
function namesIn(message: string): string[] {
  const line = message.slice(0, 500);
  const quoted = [...line.matchAll(/['"`]([A-Za-z_$][\w$]{1,60})['"`]/g)].map((match) => match[1] ?? "");
  const shaped = [...line.matchAll(/\b[A-Za-z_$][\w$]{2,60}\b/g)].map((match) => match[0]).filter((name) => /[a-z][A-Z]|_/.test(name));
  const subject = /^([\w$.]{1,120}) is not /.exec(line)?.[1]?.split(".") ?? [];
  return [...quoted, ...subject, ...shaped];
}

/** Texts in a clause of CEL: names of spans and attributes, and values. */
function quotedIn(clause: string): string[] {
  return [...clause.slice(0, 4_000).matchAll(/"([^"\\]{3,200})"|'([^'\\]{3,200})'/g)].map((match) => match[1] ?? match[2] ?? "");
}

function wordsIn(text: string): string[] {
  return [...text.slice(0, 1_000).matchAll(/[A-Za-z][A-Za-z0-9]{2,40}/g)].map((match) => match[0].toLowerCase());
}
