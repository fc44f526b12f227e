import type { Finding } from "@firstfix/incident";
import type { CodePlace } from "@firstfix/provenance";

const PLACES_MAX = 10;
const SYMBOLS_MAX = 40;
const WEIGHT_FALL = 0.7;

/** Places in the code that an error's stack points at, innermost first, each counting less than the one before. */
export function placesOf(findings: readonly Finding[]): CodePlace[] {
  const places: CodePlace[] = [];
  for (const finding of findings) {
    const frames = (finding.error?.frames ?? []).filter((frame) => frame.inApp && frame.path !== "" && frame.line > 0);
    frames.forEach((frame, i) => {
      if (places.some((place) => place.path === frame.path && place.line === frame.line)) return;
      places.push({ path: frame.path, line: frame.line, function: frame.function, weight: WEIGHT_FALL ** i });
    });
  }
  return places.slice(0, PLACES_MAX);
}

/**
 * Names that the guilty change is likely to share with the findings: functions of the stack and names in the message;
 * for a violation the attributes its check names (`shop.order.total` → `total`), the words of the requirement and of
 * the route. Rarer kinds first; stop words and short words are left out.
 */
export function symbolsOf(findings: readonly Finding[], attributes: readonly string[]): string[] {
  const symbols = findings.flatMap(({ error, violation, witness }) => [
    ...(error === undefined ? [] : [...error.frames.filter((frame) => frame.inApp).map((frame) => lastPart(frame.function)), ...namesIn(error.message)]),
    ...(violation === undefined ? [] : [...attributes.map(lastPart), ...words(violation.requirementText)]),
    ...words(witness.operation),
  ]);
  return [...new Set(symbols)].filter((name) => name.length >= 3 && !STOP.has(name.toLowerCase())).slice(0, SYMBOLS_MAX);
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

function words(text: string): string[] {
  return [...text.slice(0, 1_000).matchAll(/[A-Za-z][A-Za-z0-9]{3,40}/g)].map((match) => match[0].toLowerCase());
}

const STOP: ReadonlySet<string> = new Set(
  "the and that this with from when while where then shall must will should system service user users request requests have has been being into than more less least most never always each every their there which what whose within after before until over under anonymous undefined null true false post http https error".split(" "),
);
