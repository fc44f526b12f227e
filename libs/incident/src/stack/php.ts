import type { StackFrame } from "../types.ts";
import { isLibraryFile } from "./in-app.ts";

/**
 * Stacks of PHP, as an exception prints itself and as the engine reports one that nobody caught.
 *
 *   stack = [ "PHP " ] [ "Fatal error:  Uncaught " ] type ": " message " in " file ":" line LF "Stack trace:" { LF frame }
 *           { LF "Next " stack }
 *   frame = "#" number " " ( file "(" line ")" | "[internal function]" ) ": " function "(" arguments ")" | "#" number " {main}"
 *
 * A frame names the function that was called and the place that called it; here every function stands with the place in
 * its own body, so that the place of each line belongs to the function of the line below. What is printed first is the
 * deepest cause.
 */
export function parsePhp(lines: readonly string[], framesMax: number): StackFrame[] {
  const frames: StackFrame[] = [];
  // Where the function of the next line was: the throwing place first.
  let place: { readonly file: string; readonly line: number } | null = null;
  for (const raw of lines) {
    const line = raw.trim();
    if (frames.length >= framesMax) break;
    const thrown = THROWN.exec(line);
    const frame = thrown === null ? FRAME.exec(line) : null;
    if (thrown !== null) place = { file: thrown[1] ?? "", line: Number(thrown[2]) };
    if (frame === null) continue;
    const called = frame[3] ?? "";
    if (place !== null) frames.push(frameOf(called === "{main}" ? "" : called, place.file, place.line));
    place = frame[1] === undefined ? null : { file: frame[1], line: Number(frame[2]) };
  }
  if (place !== null && frames.length < framesMax && FRAME.test(lines.findLast((line) => line.trim() !== "")?.trim() ?? "")) frames.push(frameOf("", place.file, place.line));
  return frames;
}

export function isPhp(lines: readonly string[]): boolean {
  return lines.some((line) => FRAME.exec(line.trim())?.[1] !== undefined || /^#\d{1,4} \{main\}$/.test(line.trim()));
}

const THROWN = /^.{0,1500} in (\S.{0,1000}\.(?:php|phtml|inc)):(\d{1,9})$/;
const FRAME = /^#\d{1,4} (?:(\S[^(]{0,1000}\.(?:php|phtml|inc))(?:\(\d{1,9}\) : eval\(\)'d code)?\((\d{1,9})\): |\[internal function\]: )?([\w\\{}:>$-]{1,300})/;

function frameOf(name: string, file: string, line: number): StackFrame {
  return { function: name, file, path: "", line, column: 0, inApp: !isLibraryFile(file) };
}
