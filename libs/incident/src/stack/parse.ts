import { LIMITS } from "@firstfix/kit";
import type { StackFrame } from "../types.ts";
import { isGo, parseGo } from "./go.ts";
import { isJava, parseJava } from "./java.ts";
import { parseJavaScript } from "./javascript.ts";
import { DOTNET, isLines, parseLines, RUBY, type LineLanguage } from "./others.ts";
import { isPhp, parsePhp } from "./php.ts";
import { isPython, parsePython } from "./python.ts";
import { isRust, parseRust } from "./rust.ts";

const LINE_CHARS_MAX = 2000;
/** Far more than the frames that are kept, with what stands between them. */
const LINES_MAX = 5_000;

interface Language {
  readonly is: (lines: readonly string[]) => boolean;
  readonly parse: (lines: readonly string[], framesMax: number) => StackFrame[];
}

/** Those that can be told by a single frame. Python and JavaScript are left to their own rules. */
const LANGUAGES: readonly Language[] = [{ is: isJava, parse: parseJava }, { is: isGo, parse: parseGo }, { is: isRust, parse: parseRust }, ...[DOTNET, RUBY].map(byLine), { is: isPhp, parse: parsePhp }];

/**
 * Frames of a stack text, innermost first: JavaScript, Python, Java and its kin, Go, Rust, .NET, Ruby, PHP. Never throws;
 * a text that holds no stack gives none. `hint.type` is the exception's type: a dotted lower-case module
 * (`django.db.utils.DataError`) decides for Python where a message quotes another language's stack. Bounded by
 * LIMITS.stackBytes and LIMITS.stackFrames.
 */
export function parseStack(text: string, hint: { readonly type?: string } = {}): StackFrame[] {
  const lines = text.slice(0, LIMITS.stackBytes).split("\n", LINES_MAX).map((line) => line.slice(0, LINE_CHARS_MAX).trimEnd());
  const dotted = /^[a-z_]\w*\.[\w.]*$/.test(hint.type ?? "");
  const first = isPython(text.slice(0, LIMITS.stackBytes)) || dotted ? parsePython(lines, LIMITS.stackFrames) : [];
  if (first.length > 0) return first;
  const language = LANGUAGES.find((one) => one.is(lines));
  const found = (language?.parse ?? parseJavaScript)(lines, LIMITS.stackFrames);
  // Without a backtrace a panic has its place only.
  return found.length > 0 ? found : parseRust(lines, LIMITS.stackFrames);
}

function byLine(language: LineLanguage): Language {
  return { is: (lines) => isLines(lines, language), parse: (lines, framesMax) => parseLines(lines, framesMax, language) };
}
