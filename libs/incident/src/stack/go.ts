import type { StackFrame } from "../types.ts";
import { isLibraryFile } from "./in-app.ts";

/**
 * Stacks of Go: a panic's, and what runtime/debug.Stack gives.
 *
 *   stack     = [ "panic: " message { LF } ] goroutine { LF goroutine }
 *   goroutine = "goroutine " number " [" state "]:" { call LF TAB place }
 *   call      = function [ "(" arguments ")" ] | "created by " function [ " in goroutine " number ]
 *   place     = file ":" line [ " +0x" hex ]
 *
 * Arguments are missing where a library wrote the stack (pkg/errors with %+v, zap). Only the first goroutine is the one that failed. What stands above its call of `panic` is the runtime at work on it.
 */
export function parseGo(lines: readonly string[], framesMax: number): StackFrame[] {
  let frames: StackFrame[] = [];
  let goroutines = 0;
  for (let index = 0; index < lines.length && frames.length < framesMax; index += 1) {
    const line = (lines[index] ?? "").trimEnd();
    if (GOROUTINE.test(line) && ++goroutines > 1) break;
    const place = PLACE.exec(lines[index + 1] ?? "");
    const called = place === null ? null : functionOf(line);
    if (place === null || called === null) continue;
    index += 1;
    if (called === "panic") frames = [];
    else frames.push(frameOf(called, place[1] ?? "", Number(place[2])));
  }
  return frames;
}

export function isGo(lines: readonly string[]): boolean {
  return lines.some((line, index) => GOROUTINE.test(line) || (functionOf(line.trimEnd()) !== null && PLACE.test(lines[index + 1] ?? "")));
}

const GOROUTINE = /^goroutine \d{1,10} (?:gp=\S{1,40} m=\S{1,20}(?: mp=\S{1,40})? )?\[[^\]]{1,200}\]:/;
const PLACE = /^\s+(\S.{0,1000}\.(?:go|s)):(\d{1,9})(?: \+0x[0-9a-f]{1,16})?(?: .{0,100})?\s*$/;

/** First parts of the standard library's packages: a module may have a name without a host, but not one of these. */
const STANDARD =
  /^(?:archive|bufio|bytes|cmp|compress|container|context|crypto|database|debug|embed|encoding|errors|expvar|flag|fmt|go|hash|html|image|index|internal|io|iter|log|maps|math|mime|net|os|path|plugin|reflect|regexp|runtime|slices|sort|strconv|strings|sync|syscall|testing|text|time|unicode|unique|vendor|weak)\//;

function functionOf(line: string): string | null {
  const created = /^created by (\S{1,500})(?: in goroutine \d{1,10})?$/.exec(line)?.[1];
  if (created !== undefined) return created;
  if (/^\s/.test(line)) return null;
  if (/^[\w./~%-]{1,300}\.(?:\(\*?[\w.]{1,100}\)\.)?[\w.]{1,200}$/.test(line)) return line;
  if (!line.endsWith(")")) return null;
  // Arguments hold braces and numbers only; the name may hold parentheses of its own, as in (*Cart).Total.
  const open = line.lastIndexOf("(");
  return open < 1 ? null : line.slice(0, open);
}

function frameOf(called: string, file: string, line: number): StackFrame {
  const slash = called.lastIndexOf("/");
  const dot = called.indexOf(".", slash + 1);
  const pack = dot < 0 ? called : called.slice(0, dot);
  const name = called.slice(dot + 1).replace(/\(\*?(\w+)(?:\[[^\]]*\])?\)/, "$1").replace(/\[\.\.\.\]/g, "").replace(/(?:\.func\d+)+(?:\.\d+)*$/, "");
  const standard = STANDARD.test(`${pack}/`) && (file.startsWith(`${pack}/`) || file.replaceAll("\\", "/").includes(`/src/${pack}/`));
  return { function: name, file, path: "", line, column: 0, inApp: !standard && !isLibraryFile(file) };
}
