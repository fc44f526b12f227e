import type { StackFrame } from "../types.ts";
import { isLibraryFile } from "./in-app.ts";

/**
 * Rust: a panic's first line, and the backtrace that std and anyhow print where RUST_BACKTRACE asks for one.
 *
 *   panic = "thread '" name "' " [ "(" number ") " ] "panicked at " [ "'" message "', " ] place [ ":" ]
 *   call  = number ": " [ "0x" hex " - " ] function LF "at " place
 *   place = file ":" line [ ":" column ]
 *
 * Without a backtrace the place of the panic is the only frame there is.
 */
export function parseRust(lines: readonly string[], framesMax: number): StackFrame[] {
  const frames: StackFrame[] = [];
  for (const [index, line] of lines.entries()) {
    // What another thread panicked with is another error.
    if (frames.length > 0 && PANIC.test(line)) break;
    const called = CALL.exec(line)?.[1];
    const place = called === undefined ? null : PLACE.exec(lines[index + 1] ?? "");
    if (place !== null && called !== undefined) frames.push(frameOf(nameOf(called), place));
    if (frames.length >= framesMax) break;
  }
  if (frames.length > 0) return frames;
  const panic = lines.map((line) => PANIC.exec(line)).find((found) => found !== null);
  return panic === undefined ? [] : [frameOf("", panic)];
}

export function isRust(lines: readonly string[]): boolean {
  return lines.some((line, index) => PANIC.test(line) || (CALL.test(line) && PLACE.test(lines[index + 1] ?? "")));
}

const CALL = /^\s*\d{1,5}: {1,9}(?:0x[\da-f]{1,16} - )?(\S.{0,500})$/;
const PLACE = /^\s+at (\S.{0,1000}\.rs):(\d{1,9})(?::(\d{1,9}))?$/;
const PANIC = /^thread '[^']{0,200}' (?:\(\d{1,20}\) )?panicked at (?:'.{0,1000}', )?(\S[^:']{0,1000}\.rs):(\d{1,9})(?::(\d{1,9}))?:?$/;

/** The last part that is no closure: `shop::cart::total::{{closure}}` is `total`, as is `<shop::Cart as Priced>::total`. */
function nameOf(called: string): string {
  const parts = called.replace(/::h[\da-f]{16}$/, "").replace(/::<.{0,500}>$/, "").split("::").filter((part) => !part.startsWith("{"));
  return (parts.at(-1) ?? "").replace(/[^\w]/g, "");
}

function frameOf(name: string, [, file = "", line, column]: RegExpExecArray): StackFrame {
  return { function: name, file, path: "", line: Number(line), column: Number(column ?? 0), inApp: !isLibraryFile(file) };
}
