import type { StackFrame } from "../types.ts";
import { isLibraryFile, isPlatform } from "./in-app.ts";

/**
 * Rust: a panic's first line, and the backtrace that std and anyhow print where RUST_BACKTRACE asks for one.
 *
 *   panic   = "thread '" name "' " [ "(" number ") " ] "panicked at " [ "'" message "', " ] place [ ":" ]
 *   call    = number ": " [ "0x" hex " - " ] function LF "at " place
 *   inlined = function LF "at " place
 *   place   = file ":" line [ ":" column ]
 *
 * An optimised build may have no frame of the line that panicked: then the panic's own place stands for it. Without a
 * backtrace it is the only frame there is.
 */
export function parseRust(lines: readonly string[], framesMax: number): StackFrame[] {
  const frames: StackFrame[] = [];
  let from = -1;
  for (const [index, line] of lines.entries()) {
    // What another thread panicked with is another error.
    if (frames.length > 0 && PANIC.test(line)) break;
    const place = PLACE.exec(lines[index + 1] ?? "");
    if (place === null || PLACE.test(line)) continue;
    const called = CALL.exec(line)?.[1] ?? (frames.length > 0 ? INLINED.exec(line)?.[1] : undefined);
    if (called === undefined) continue;
    if (from < 0) from = index;
    frames.push(frameOf(nameOf(called), place));
    if (frames.length >= framesMax) break;
  }
  const panic = panicOf(lines, from);
  if (panic === null) return frames;
  if (isPlatform(panic.frame) || frames.some(({ file, line }) => line === panic.frame.line && sameFile(file, panic.frame.file))) return frames;
  const at = frames.findIndex((frame) => !isPlatform(frame));
  return frames.toSpliced(at < 0 ? frames.length : at, 0, panic.frame).slice(0, framesMax);
}

/** Whether a backtrace stands there; a panic's line alone may be a message of another language's program. */
export function isRust(lines: readonly string[]): boolean {
  const calls = lines.filter((line, index) => CALL.test(line) && PLACE.test(lines[index + 1] ?? "")).length;
  return calls > 1 || (calls === 1 && lines.some((line) => PANIC.test(line) || /^\s*(?:stack backtrace:|Stack backtrace:|Caused by:)$/.test(line)));
}

const CALL = /^\s*\d{1,5}: {1,9}(?:0x[\da-f]{1,16} - )?(\S.{0,500})$/;
const INLINED = /^ {6,60}(\S.{0,500})$/;
const PLACE = /^\s+at (\S.{0,1000}\.rs):(\d{1,9})(?::(\d{1,9}))?$/;
const PANIC = /^thread '[^']{0,200}' (?:\(\d{1,20}\) )?panicked at /;
/** What a panic without a backtrace ends with, and how `main` tells an error that it returns. */
const ENDED = /^(?:note: run with|Error: )/;
/** In one line, or (before 1.73) behind a message that may have several. */
const PANIC_PLACE = /^thread '[^']{0,200}' (?:\(\d{1,20}\) )?panicked at (?:'[^]{0,4000}?', )?(\S[^:'\n]{0,1000}\.rs):(\d{1,9})(?::(\d{1,9}))?:?$/m;
const PANIC_LINES = 20;

/** The panic that the backtrace from `from` on is of: the last one before it, if that has not ended without a backtrace. Where there is none (−1), the first: a thread that waits for another one panics after it. */
function panicOf(lines: readonly string[], from: number): { readonly frame: StackFrame } | null {
  const index = from < 0 ? lines.findIndex((line) => PANIC.test(line)) : lines.slice(0, from).findLastIndex((line) => PANIC.test(line));
  if (index < 0 || lines.slice(index, Math.max(index, from)).some((line) => ENDED.test(line))) return null;
  const found = PANIC_PLACE.exec(lines.slice(index, index + PANIC_LINES).join("\n"));
  return found === null ? null : { frame: frameOf("", found) };
}

function sameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((file) => `/${file.replaceAll("\\", "/").replace(/^\.?\//, "")}`) as [string, string];
  return a.endsWith(b) || b.endsWith(a);
}

/** The last part that is no closure: `shop::cart::total::{{closure}}` is `total`, as is `<shop::Cart as Priced>::total`. */
function nameOf(called: string): string {
  const parts = called.replace(/::h[\da-f]{16}$/, "").replace(/::<.{0,500}>$/, "").split("::").filter((part) => !part.startsWith("{"));
  return (parts.at(-1) ?? "").replace(/[^\w]/g, "");
}

function frameOf(name: string, [, file = "", line, column]: RegExpExecArray): StackFrame {
  return { function: name, file, path: "", line: Number(line), column: Number(column ?? 0), inApp: !isLibraryFile(file) };
}
